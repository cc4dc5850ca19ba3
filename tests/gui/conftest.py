"""A window with fresh settings, a small simulated image, and models that need no network."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
import tifffile
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from simulated_lattice import fake_process, lattice_image

from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.tasks import locate, process


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "process", fake_process)
    monkeypatch.setattr(locate, "process", fake_process)


def _running_timers() -> set[QTimer]:
    timers = {item for item in gc.get_objects() if type(item) is QTimer}
    return {timer for timer in timers if shiboken6.isValid(timer) and timer.isActive()}


@pytest.fixture(autouse=True)
def _no_timer_left(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a timer running; Qt deletes windows when it has its turn."""
    before = _running_timers()
    yield
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [f"{timer.interval()} ms of {timer.parent()}" for timer in _running_timers() - before]
    assert not left, f"timers left running: {left}"


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
    # Without a window manager, as under Xvfb, nobody else gives it the keyboard.
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    for queue in (window.jobs, window.reading):
        queue.cancel_all()
    window.child_jobs.close()
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
