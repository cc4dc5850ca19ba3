"""Simulating from the window."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from atomsegnet.core.conditions import Conditions
from atomsegnet.gui.document import COLUMNS, RAW
from atomsegnet.gui.job_records import ChildState
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.io.read import read
from atomsegnet.tasks import conditions as measuring
from atomsegnet.tasks.simulate import simulate
from atomsegnet.tasks.simulate_one import LABELS

LEFT = Qt.MouseButton.LeftButton
MEASURED = Conditions(6.0, 0.012, 24.0, 200.0, 0.1, 0.2)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "conditions_of", lambda _micrograph, _report: MEASURED)


@pytest.mark.slow
def test_that_a_simulated_image_comes_with_its_labels_as_layers(
    qtbot: QtBot, window: MainWindow
) -> None:
    qtbot.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    dialog = window.simulations.dialog
    assert not dialog.image.isVisible()
    dialog.crystal.material.setCurrentText("SrTiO3")
    qtbot.keyClicks(dialog.crystal.zones, "0 0 1")
    dialog.side.setCurrentText("256")
    qtbot.mouseClick(dialog.start, LEFT)
    (job,) = window.child_jobs.jobs
    qtbot.waitUntil(lambda: not job.state.is_active, timeout=280_000)
    assert job.state is ChildState.DONE, job.record.message
    qtbot.waitUntil(lambda: window.workspace.document is not None, timeout=60_000)
    document = window.workspace.document
    names = [layer.name for layer in document.layers]
    assert names[0] == RAW
    assert set(names) == {RAW, COLUMNS, *LABELS}
    assert {layer.picture.image.shape for layer in document.layers if layer.picture} == {(256, 256)}
    assert len(document.located.columns) > 20
    assert document.micrograph.pixel_size_nm is not None


def test_that_the_conditions_of_the_open_image_are_asked_for(
    qtbot: QtBot, window: MainWindow, open_image, tmp_path: Path
) -> None:
    path = open_image()
    window.simulations.ask()
    dialog = window.simulations.dialog
    qtbot.waitUntil(lambda: dialog.image.values["Signal to noise"].text() == "24 dB")
    dialog.target.setCurrentIndex(1)
    assert dialog.problem.text() == "Choose a new or empty folder."
    qtbot.keyClicks(dialog.folder, str(tmp_path / "library"))
    dialog.count.setValue(7)
    assert dialog.start.isEnabled()
    record = dialog.record()
    assert record.folder == tmp_path / "library"
    assert record.command() == [
        "simulate", "--output", str(tmp_path / "library"), "--count", "7", "--material", "Pt",
        "--size", "512", "--seed", "0", "--like", str(path),
    ]  # fmt: skip
    qtbot.mouseClick(dialog.is_like, LEFT, pos=QPoint(8, dialog.is_like.height() // 2))
    assert "--like" not in dialog.record().arguments
    qtbot.keyClicks(dialog.crystal.zones, "0 0 1, 1 1 0")
    assert dialog.problem.text() == "A simulation has one zone axis."
    dialog.reject()


@pytest.mark.slow
def test_that_the_copied_command_makes_the_library_that_was_asked_for(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    folder = tmp_path / "a library"
    window.simulations.ask()
    dialog = window.simulations.dialog
    dialog.target.setCurrentIndex(1)
    assert not dialog.copy.isEnabled()
    dialog.crystal.material.setCurrentText("Si")
    qtbot.keyClicks(dialog.crystal.zones, "1 1 0")
    qtbot.keyClicks(dialog.folder, str(folder))
    dialog.side.setCurrentText("256")
    dialog.count.setValue(2)
    dialog.seed.setValue(3)
    qtbot.mouseClick(dialog.copy, LEFT)
    assert dialog.problem.text() == "The command was copied."
    program, *words = shlex.split(QGuiApplication.clipboard().text())
    assert program == "atomsegnet"
    assert words == dialog.record().command()
    run = subprocess.run([sys.executable, "-m", "atomsegnet", *words], capture_output=True)
    assert run.returncode == 0, run.stderr
    names = [path.name for path in sorted((folder / "image").iterdir())]
    assert len(names) == 2
    made = read(folder / "image" / names[0])
    assert made.shape == (256, 256)
    assert made.pixel_size_nm is not None
    dialog.reject()
    # As a user would, who runs it again.
    again = subprocess.run([sys.executable, "-m", "atomsegnet", *words], capture_output=True)
    assert again.returncode != 0


def test_that_simulated_images_are_like_the_measured_one(tmp_path: Path) -> None:
    simulate(tmp_path / "out", 2, material="Si", size=64, labels=["gaussianMask"], like=MEASURED)
    header, *lines = (tmp_path / "out" / "index.csv").read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    for row in rows:
        assert float(row["column_width_px"]) == pytest.approx(6.0, rel=0.25)
        assert float(row["psnr_db"]) == pytest.approx(24.0, abs=4.0)
        nanometers = float(row["column_width_px"]) * float(row["pixel_size_pm"]) / 1000
        assert nanometers == pytest.approx(0.072, rel=0.13)
