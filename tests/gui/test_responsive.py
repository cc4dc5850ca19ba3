"""A large image with many columns: the main thread never works long at a time.

What is limited is the time the main thread computes, and that of collections of garbage in any
thread, which stop all others; not the time that passes: other work on the machine lengthens it at
will.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot
from scipy.ndimage import gaussian_filter

from atomsegnet.core.progress import Progress
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.view_state import Region
from atomsegnet.nn.registry import task_named
from atomsegnet.tasks import locate, process
from atomsegnet.tasks.process import Processed

SIDE, PITCH = 4096, 29
LONGEST_BLOCK_S = 0.1
LONGEST_FRAME_S = 1 / 30
PATIENCE_MS = 240_000


class Heart:
    """Beats in the main thread, and keeps the longest time it computed between two beats."""

    def __init__(self, window: MainWindow) -> None:
        self.longest_s = 0.0
        self._last_s = time.thread_time()
        timer = QTimer(window)
        timer.timeout.connect(self._beat)
        timer.start(2)

    def _beat(self) -> None:
        now_s = time.thread_time()
        self.longest_s = max(self.longest_s, now_s - self._last_s)
        self._last_s = now_s

    def begin(self) -> None:
        """Forget what was before."""
        self._beat()
        self.longest_s = 0.0


def columns_of_sigma(sigma: float) -> np.ndarray:
    """Return 4096 x 4096 pixels with 19881 columns of height 1."""
    image = np.zeros((SIDE, SIDE), dtype=np.float32)
    centers = np.arange(PITCH // 2, SIDE - PITCH // 2, PITCH)
    image[np.ix_(centers, centers)] = 1
    return gaussian_filter(image, sigma, truncate=3) * np.float32(2 * np.pi * sigma**2)


@pytest.fixture
def large_image(monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Return a large image; what the models make of it is there at once."""
    noise = np.random.default_rng(0).normal(0, 20, (SIDE, SIDE)).astype(np.float32)
    column_map = np.clip(columns_of_sigma(1.5), 0, 1)
    image = 900 * columns_of_sigma(3.0) + 100 + noise

    def quick(micrograph, model="denoise", *, report, **_options) -> Processed:
        report(Progress(0, 1))
        task = task_named(model)
        answer = column_map if task.output.value == "map" else image
        return Processed(micrograph, answer, answer, 1.0, 7.0, task.output, model, "0" * 64, "cpu")

    monkeypatch.setattr(process, "process", quick)
    monkeypatch.setattr(locate, "process", quick)
    return image


@pytest.fixture
def collections_s() -> Iterator[list[float]]:
    """Return how long each collection of garbage computed [s]."""
    found: list[float] = []
    started_s = 0.0

    def note(phase: str, _info: dict[str, int]) -> None:
        nonlocal started_s
        if phase == "start":
            started_s = time.thread_time()
        else:
            found.append(time.thread_time() - started_s)

    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_that_no_step_on_a_large_image_blocks_the_window(
    qtbot: QtBot,
    window: MainWindow,
    write_image,
    large_image,
    tmp_path: Path,
    collections_s: list[float],
) -> None:
    path = write_image(image=large_image)
    window.runs.method = "weighted-centroid"
    heart = Heart(window)
    blocks: dict[str, float] = {}

    def wait(step: str) -> None:
        qtbot.waitUntil(
            lambda: not window.jobs.is_busy and not window.reading.is_busy, timeout=PATIENCE_MS
        )
        qtbot.waitUntil(lambda: window.workspace.document is not None, timeout=PATIENCE_MS)
        blocks[step] = heart.longest_s
        heart.begin()

    heart.begin()
    window.opening.open_paths([path])
    wait("opening")
    window.runs.restore("denoise", "Denoise")
    wait("inferring")
    window.runs.locate()
    wait("locating")
    assert len(window.workspace.document.located.columns) > 19_000
    window.exports.export_columns(tmp_path / "columns.csv")
    wait("exporting a table")
    window.exports.export_image(tmp_path / "image.tif")
    wait("exporting an image")
    window.exports.export_figure(tmp_path / "figure.png", Region(0, SIDE, 0, SIDE))
    wait("exporting a figure")
    assert {step: s for step, s in blocks.items() if s >= LONGEST_BLOCK_S} == {}
    assert max(collections_s) < LONGEST_BLOCK_S
    assert _frame_s(window, 1) < LONGEST_FRAME_S
    assert _frame_s(window, 4) < LONGEST_FRAME_S


def _frame_s(window: MainWindow, zoom: float) -> float:
    """Return how long the main thread computes for one frame of panning, all columns shown [s]."""
    view = window.middle.view
    view.fit()
    view.zoom(zoom)
    frames = []
    for number in range(12):
        started = time.thread_time()
        view.view_box.translateBy(x=9.0 if number % 2 else -8.0, y=5.0)
        view.graphics.viewport().repaint()
        frames.append(time.thread_time() - started)
    return float(np.median(frames))
