"""Simulating from the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from atomsegnet.core.conditions import Conditions
from atomsegnet.gui.document import COLUMNS, RAW
from atomsegnet.gui.job_records import ChildState
from atomsegnet.gui.main_window import MainWindow
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


def test_that_simulated_images_are_like_the_measured_one(tmp_path: Path) -> None:
    simulate(tmp_path / "out", 2, material="Si", size=64, labels=["gaussianMask"], like=MEASURED)
    header, *lines = (tmp_path / "out" / "index.csv").read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    for row in rows:
        assert float(row["column_width_px"]) == pytest.approx(6.0, rel=0.25)
        assert float(row["psnr_db"]) == pytest.approx(24.0, abs=4.0)
        nanometers = float(row["column_width_px"]) * float(row["pixel_size_pm"]) / 1000
        assert nanometers == pytest.approx(0.072, rel=0.13)
