"""A drifting stack, worked on by a batch that is started with clicks; nothing stands in."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot
from scipy.ndimage import shift
from simulated_lattice import lattice_image

from atomsegnet.core.recipe import Frames
from atomsegnet.gui.job_records import ChildState
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.io.columns_csv import read_columns_csv

LEFT = Qt.MouseButton.LeftButton
DRIFT_PX = np.array([[0.0, 0.0], [1.5, -0.5], [2.25, 1.0], [3.5, 2.5]])
NOISE = 60.0


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """Return a folder with a stack of four noisy frames of one drifting lattice."""
    rng = np.random.default_rng(7)
    still = np.tile(lattice_image(), (2, 2))
    frames = [shift(still, drift, mode="reflect") for drift in DRIFT_PX]
    noisy = [frame + rng.normal(0, NOISE, frame.shape) for frame in frames]
    folder = tmp_path / "day"
    folder.mkdir()
    tifffile.imwrite(
        folder / "series.tif", np.stack(noisy).astype(np.float32), imagej=True,
        resolution=(50, 50), metadata={"unit": "nm", "axes": "TYX"},
    )  # fmt: skip
    return folder


def choose(qtbot: QtBot, box: QComboBox, choice: Frames) -> None:
    """Go through the entries with the arrow keys."""
    qtbot.keyClick(box, Qt.Key.Key_Home)
    while box.currentData() != choice:
        qtbot.keyClick(box, Qt.Key.Key_Down)


def run_batch(qtbot: QtBot, window: MainWindow, folder: Path, frames: Frames) -> Path:
    """Ask for a batch as a user does, wait for its end, and return its results."""
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    dialog = window.long_jobs.batch
    qtbot.keyClicks(dialog.folder, str(folder))
    choose(qtbot, dialog.frames, frames)
    results = Path(dialog.output.text())
    qtbot.mouseClick(dialog.start, LEFT)
    (job,) = window.child_jobs.jobs
    qtbot.waitUntil(lambda: job.state is ChildState.DONE, timeout=120_000)
    assert window.job_panel.details.files.text_of("series.tif").endswith("columns")
    return results


@pytest.mark.slow
def test_that_a_batch_aligns_and_averages_a_stack(
    qtbot: QtBot, window: MainWindow, stack: Path
) -> None:
    results = run_batch(qtbot, window, stack, Frames.AVERAGE)
    with (results / "series_drift.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = np.array([[float(row["y_px"]), float(row["x_px"])] for row in rows])
    np.testing.assert_allclose(found, DRIFT_PX, atol=0.1)
    average = tifffile.imread(results / "series_average.tif")
    assert average.shape == (192 - 4, 192 - 3 - 1)  # what all frames show
    columns, _ = read_columns_csv(results / "series_columns.csv")
    assert len(columns) == 16 * 16


@pytest.mark.slow
def test_that_a_batch_gives_the_columns_of_every_frame_with_its_number(
    qtbot: QtBot, window: MainWindow, stack: Path
) -> None:
    results = run_batch(qtbot, window, stack, Frames.EACH)
    with (results / "series_columns_of_all_frames.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    counts = [sum(row["frame"] == str(number) for row in rows) for number in range(4)]
    assert min(counts) > 200
    assert (results / "series_frame0003_columns.csv").is_file()
