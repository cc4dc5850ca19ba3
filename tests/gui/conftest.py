"""A window with fresh settings, a small simulated image, and models that need no network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from pytestqt.qtbot import QtBot
from scipy.ndimage import gaussian_filter

from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.progress import Progress, Report, silent
from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.nn.registry import task_named
from atomsegnet.tasks import locate, process
from atomsegnet.tasks.process import Processed

PITCH_PX = 12
COUNT = 8  # columns along each side of the test image


def lattice_image(seed: int = 0) -> np.ndarray:
    """Return 8 x 8 columns, 12 px apart, with noise; 96 x 96 float32, bright ones near 1000."""
    side = COUNT * PITCH_PX
    image = np.zeros((side, side))
    centers = np.arange(COUNT) * PITCH_PX + PITCH_PX // 2
    image[np.ix_(centers, centers)] = 1
    image = 900 * gaussian_filter(image, 2.0) * 2 * np.pi * 4 + 100
    noise = np.random.default_rng(seed).normal(0, 20, image.shape)
    return (image + noise).astype(np.float32)


def fake_process(
    micrograph: Micrograph,
    model: str = "denoise",
    *,
    device: str = "auto",
    rescale: float | None = None,
    report: Report = silent,
) -> Processed:
    """Smooth the image in place of running a network; a map is scaled to 0 to 1."""
    for tile in range(2):
        report(Progress(tile, 2, "tile"))
    smooth = gaussian_filter(micrograph.image, 1.5)
    task = task_named(model)
    if task.output.value == "map":
        smooth = (smooth - smooth.min()) / (smooth.max() - smooth.min())
    smooth = smooth.astype(np.float32)
    return Processed(micrograph, smooth, smooth, 1.0, 4.7, task.output, model, "0" * 64, "cpu")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "process", fake_process)
    monkeypatch.setattr(locate, "process", fake_process)


@pytest.fixture
def write_image(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a TIFF of the test image, with a pixel size if wanted."""

    def write(name: str = "lattice.tif", pixel_size_nm: float | None = 0.02, **kwargs) -> Path:
        path = tmp_path / name
        image = kwargs.pop("image", lattice_image())
        if pixel_size_nm is None:
            tifffile.imwrite(path, image, **kwargs)
        else:
            tifffile.imwrite(
                path,
                image,
                imagej=True,
                resolution=(1 / pixel_size_nm, 1 / pixel_size_nm),
                metadata={"unit": "nm", **kwargs.pop("metadata", {})},
                **kwargs,
            )
        return path

    return write


@pytest.fixture
def settings() -> WindowSettings:
    """Return settings as on the first start."""
    return WindowSettings()


@pytest.fixture
def window(qtbot: QtBot, settings: WindowSettings, tmp_path: Path) -> Iterator[MainWindow]:
    """Return a shown window; it is closed and its threads are ended afterwards."""
    window = MainWindow(settings, tmp_path / "settings" / "window.json")
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    yield window
    for queue in (window.jobs, window.reading):
        queue.cancel_all()
    qtbot.waitUntil(lambda: not window.jobs.is_busy and not window.reading.is_busy)
    window.close()


@pytest.fixture
def open_image(
    qtbot: QtBot, window: MainWindow, write_image: Callable[..., Path]
) -> Callable[..., Path]:
    """Return a function that writes an image and opens it in the window."""

    def open_(*args, **kwargs) -> Path:
        path = write_image(*args, **kwargs)
        with qtbot.waitSignal(window.workspace.document_changed):
            window.opening.open_paths([path])
        qtbot.waitUntil(lambda: not window.reading.is_busy)
        return path

    return open_
