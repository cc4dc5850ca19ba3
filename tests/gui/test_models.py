"""Retraining, import, export and cards of models, by the menu."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from atomsegnet.core.comparison import Comparison, Measure, write_comparison
from atomsegnet.core.conditions import Conditions
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.gui import child_job
from atomsegnet.gui.job_records import ChildState
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.nn.registry import installed_models
from atomsegnet.paths import user_models_folder, weights_folder
from atomsegnet.tasks import conditions as measuring

MEASURED = Conditions(5.0, 0.02, 18.0, 40.0, 0.2, 0.3)

# Stands for the command line: notes its arguments and writes what a retraining would.
TRAINER = """
import json, shutil, sys
from pathlib import Path
arguments = sys.argv[1:]
folder = Path(arguments[arguments.index("--output") + 1])
name = arguments[arguments.index("--name") + 1]
folder.mkdir(parents=True)
(folder / "arguments.json").write_text(json.dumps(arguments))
shutil.copy(BASE, folder / (name + ".safetensors"))
(folder / (name + ".md")).write_text("# " + name)
print(json.dumps({"event": "result", "subject": "x",
                  "output": str(folder / (name + ".safetensors")), "verdict": "better"}))
"""


@pytest.fixture(autouse=True)
def _quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = weights_folder() / "gaussian_map.safetensors"
    program = tmp_path / "trainer.py"
    program.write_text(f"BASE = {str(base)!r}\n{TRAINER}")
    monkeypatch.setattr(child_job, "program_command", lambda: [sys.executable, str(program)])
    monkeypatch.setattr(measuring, "conditions_of", lambda _micrograph, _report: MEASURED)


def compare(folder: Path, name: str, after: float) -> None:
    """Write what a comparison at the end of a run leaves."""
    write_comparison(
        Comparison(
            "gaussian_map",
            name,
            "SrTiO3 [001]",
            (Measure("F1", (0.7, 0.71, 0.69) * 2, (after, after + 0.01, after - 0.01) * 2, True),),
            ("one.png",),
        ),
        folder,
    )
    Image.new("L", (64, 16), 128).save(folder / "one.png")


def retrained(qtbot: QtBot, window: MainWindow, after: float):
    """Retrain for SrTiO3 by clicks, and wait for the end."""
    window.menus.models.actions()[0].trigger()
    dialog = window.models.dialog
    dialog.crystal.material.setCurrentText("SrTiO3")
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    job = window.child_jobs.jobs[-1]
    qtbot.waitUntil(lambda: job.state is ChildState.DONE, timeout=120_000)
    compare(job.record.folder, "gaussian_map_SrTiO3", after)
    qtbot.mouseClick(window.job_panel.details.open, Qt.MouseButton.LeftButton)
    return job


def test_that_retraining_measures_the_image_and_starts_a_child(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    path = open_image(pixel_size_nm=None)
    window.workspace.type_pixel_size(PixelSize(0.025, 0.025))
    qtbot.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    dialog = window.models.dialog
    qtbot.waitUntil(lambda: dialog.image.values["Signal to noise"].text() == "18 dB")
    assert dialog.name.text() == "gaussian_map_Pt"
    dialog.crystal.material.setCurrentText("Si")
    qtbot.keyClicks(dialog.crystal.zones, "1 1 0, 0 0 1")
    dialog.minutes.setValue(3)
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    copied = shlex.split(QGuiApplication.clipboard().text())
    assert dialog.problem.text() == "The command was copied."
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    (job,) = window.child_jobs.jobs
    assert window.job_panel.isVisible()
    qtbot.waitUntil(lambda: job.state is ChildState.DONE, timeout=120_000)
    arguments = json.loads((job.record.folder / "arguments.json").read_text())
    assert arguments == [
        "train", "--from", "gaussian_map", "--name", "gaussian_map_Si", "--material", "Si",
        "--zone", "1,1,0", "--zone", "0,0,1", "--like", str(path), "--pixel-size", "25",
        "--minutes", "3", "--output", str(job.record.folder), "--progress", "json",
    ]  # fmt: skip
    # But for the folder, which is another one.
    assert copied[:-1] == ["atomsegnet", *arguments[:-3]]


def test_that_what_cannot_be_trained_is_told_before_the_start(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.models.retrain()
    dialog = window.models.dialog
    assert not dialog.image.isVisible()
    assert dialog.start.isEnabled()
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, "denoise")
    assert "denoise already" in dialog.problem.text()
    assert not dialog.start.isEnabled()
    qtbot.keyClicks(dialog.name, "_mine")
    assert dialog.start.isEnabled()
    qtbot.keyClicks(dialog.crystal.zones, "1 1")
    assert "three whole numbers" in dialog.problem.text()
    dialog.crystal.zones.clear()
    dialog.crystal.source.setCurrentIndex(1)
    assert dialog.problem.text() == "Choose a CIF file."
    dialog.reject()


def test_that_corrected_columns_can_be_the_crystal(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    qtbot.mouseClick(window.right.locate.locate, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.workspace.document.located is not None)
    window.models.retrain()
    dialog = window.models.dialog
    dialog.crystal.source.setCurrentIndex(2)
    assert dialog.crystal.count.text().startswith("64 columns")
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    copied = shlex.split(QGuiApplication.clipboard().text())
    assert Path(copied[copied.index("--columns") + 1]).is_file()
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    (job,) = window.child_jobs.jobs
    qtbot.waitUntil(lambda: job.state is ChildState.DONE, timeout=120_000)
    arguments = json.loads((job.record.folder / "arguments.json").read_text())
    table = Path(arguments[arguments.index("--columns") + 1])
    assert table.read_text(encoding="utf-8").count("\n") > 64


def test_that_a_better_model_joins_the_list_with_its_card(qtbot: QtBot, window: MainWindow) -> None:
    retrained(qtbot, window, after=0.9)
    dialog = window.models.result_dialog
    assert dialog.sentence.text().startswith("gaussian_map_SrTiO3 is better than gaussian_map")
    with qtbot.waitSignal(window.models.models_changed, timeout=120_000):
        qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    assert window.right.restore.model.findData("gaussian_map_SrTiO3") > 0
    assert window.runs.map_model == "gaussian_map_SrTiO3"
    assert "Locate uses it" in window.middle.messages.text.text()
    assert (user_models_folder() / "gaussian_map_SrTiO3.md").is_file()
    assert "In the list of models" in window.child_jobs.jobs[0].record.message
    qtbot.mouseClick(window.job_panel.details.open, Qt.MouseButton.LeftButton)
    assert not window.models.result_dialog.use.isVisible()
    window.models.result_dialog.reject()


def test_that_a_model_that_is_no_better_is_said_to_be_none_and_can_be_discarded(
    qtbot: QtBot, window: MainWindow
) -> None:
    job = retrained(qtbot, window, after=0.7)
    folder = job.record.folder
    dialog = window.models.result_dialog
    assert "no better" in dialog.sentence.text()
    assert not dialog.use.isDefault()
    qtbot.mouseClick(dialog.discard, Qt.MouseButton.LeftButton)
    assert window.child_jobs.jobs == []
    assert not folder.exists()
    assert "gaussian_map_SrTiO3" not in installed_models()


def test_that_a_model_is_imported_and_exported(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "handed_on.safetensors"
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_args: ("gaussian_map", True))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(target), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(target), ""))
    actions = {action.text(): action for action in window.menus.models.actions()}
    with qtbot.waitSignal(window.jobs.became_idle):
        actions["&Export\N{HORIZONTAL ELLIPSIS}"].trigger()
    assert target.is_file()
    assert target.with_suffix(".md").is_file()
    with qtbot.waitSignal(window.models.models_changed, timeout=120_000):
        actions["&Import\N{HORIZONTAL ELLIPSIS}"].trigger()
    assert "handed_on" in installed_models()
    assert window.right.restore.model.findData("handed_on") > 0


def test_that_a_file_of_an_unknown_kind_is_refused_by_name(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "strange.safetensors"
    header = json.dumps({"__metadata__": {"format": "other"}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(path), ""))
    with qtbot.waitSignal(window.workspace.posted, timeout=120_000) as posted:
        window.models.ask_for_model()
    assert posted.args[0].text == "strange.safetensors is no weights file of this program."
    assert "strange" not in installed_models()


def test_that_cards_can_be_read(qtbot: QtBot, window: MainWindow) -> None:
    window.models.show_cards()
    dialog = window.models.cards
    assert dialog.models.count() == len(installed_models())
    dialog.models.setCurrentRow(list(installed_models()).index("denoise"))
    assert "Removes counting and scan noise" in dialog.card.toPlainText()
    dialog.reject()
