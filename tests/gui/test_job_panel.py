"""The side panel of long jobs, and batches from the window."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from atomsegnet.core.training_log import LOG_NAME, PREVIEW_NAME
from atomsegnet.gui import child_job
from atomsegnet.gui.job_records import ChildState, JobRecord, load_records
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.paths import user_jobs_file
from atomsegnet.tasks.batch import read_recipe

LEFT = Qt.MouseButton.LeftButton

# Stands for the command line: counts without end until "cancel" comes, or tells of a batch.
PROGRAM = """
import json, sys, threading, time
from pathlib import Path
def tell(**values):
    print(json.dumps(values), flush=True)
if sys.argv[1] == "batch":
    Path("ARGUMENTS").write_text(json.dumps(sys.argv[1:]))
    tell(event="progress", subject="day", done=0, total=2, message="a.tif", values={})
    tell(event="result", subject="a.tif", columns=12)
    tell(event="failed", subject="b.tif", message="b.tif: is cut.")
    tell(event="result", subject="day", output="x", files=2, failures=1)
    sys.exit(1)
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
Path(sys.argv[2], "settings.json").write_text("{}")
done = 100 if "--resume" in sys.argv else 0
while not stop.wait(0.01):
    done += 1
    tell(event="progress", subject="x", done=done, total=1000, message="training",
         values={"loss": 1 / done, "step": done, "validation loss": 0.5})
tell(event="cancelled")
sys.exit(130)
"""


@pytest.fixture(autouse=True)
def _program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.replace("ARGUMENTS", str(tmp_path / "arguments.json")))
    monkeypatch.setattr(child_job, "program_command", lambda: [sys.executable, str(program)])
    # A test may end while a job runs: the window that is closed then shall not wait for an answer.
    yes = QMessageBox.StandardButton.Yes
    monkeypatch.setattr(QMessageBox, "question", lambda *_args: yes)


@pytest.fixture
def start(window: MainWindow, tmp_path: Path) -> Callable:
    def start_(name: str = "run"):
        folder = tmp_path / name
        folder.mkdir()
        return window.long_jobs.start(
            JobRecord(
                verb="train",
                title=f"Training {name}",
                arguments=[str(folder)],
                resume_arguments=[str(folder), "--resume"],
                folder=folder,
                begun_mark="settings.json",
            )
        )

    return start_


def wait_for_steps(qtbot: QtBot, job, count: int) -> None:
    qtbot.waitUntil(lambda: job.progress is not None and job.progress.done >= count, timeout=60_000)


def wait_for_state(qtbot: QtBot, job, state: ChildState) -> None:
    qtbot.waitUntil(lambda: job.state is state, timeout=60_000)


def test_that_the_panel_appears_with_a_job_and_can_be_hidden(
    qtbot: QtBot, window: MainWindow, start: Callable
) -> None:
    assert not window.job_panel.isVisible()
    assert not window.long_jobs.button.isVisible()
    job = start()
    wait_for_steps(qtbot, job, 5)
    assert window.job_panel.isVisible()
    assert window.long_jobs.button.text().startswith("1 job")
    qtbot.mouseClick(window.job_panel.close_button, LEFT)
    assert not window.job_panel.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert window.job_panel.isVisible()


def test_that_a_training_is_paused_resumed_and_cancelled_by_its_buttons(
    qtbot: QtBot, window: MainWindow, start: Callable
) -> None:
    job = start()
    details = window.job_panel.details
    wait_for_steps(qtbot, job, 3)
    qtbot.mouseClick(details.pause, LEFT)
    wait_for_state(qtbot, job, ChildState.PAUSED)
    assert details.pause.text() == "Resume"
    assert not details.cancel.isVisible()
    job.progress = None
    qtbot.mouseClick(details.pause, LEFT)
    wait_for_steps(qtbot, job, 101)
    qtbot.mouseClick(details.cancel, LEFT)
    wait_for_state(qtbot, job, ChildState.CANCELLED)
    qtbot.mouseClick(details.remove, LEFT)
    assert window.child_jobs.jobs == []
    assert window.job_panel.list.count() == 0
    assert not details.isVisible()


def test_that_curve_preview_and_log_follow_the_job_that_is_chosen(
    qtbot: QtBot, window: MainWindow, start: Callable, tmp_path: Path
) -> None:
    first, second = start("one"), start("two")
    wait_for_steps(qtbot, first, 3)
    details = window.job_panel.details
    assert details.job is second
    assert not details.preview.isVisible()
    line = {"step": 50, "loss": 0.2, "validation_loss": 0.25}
    (tmp_path / "one" / LOG_NAME).write_text(json.dumps(line) + "\n")
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "one" / PREVIEW_NAME)
    item = window.job_panel.list.item(1)
    place = window.job_panel.list.visualItemRect(item).center()
    qtbot.mouseClick(window.job_panel.list.viewport(), LEFT, pos=place)
    assert details.job is first
    assert details.preview.isVisible()
    steps, values = details.plot.validation.getData()
    assert (list(steps), list(values)) == ([50], [0.25])
    qtbot.waitUntil(lambda: len(details.plot.training.getData()[0]) > 1, timeout=60_000)


def test_that_quitting_asks_and_the_job_comes_back_paused(
    qtbot: QtBot, window: MainWindow, start: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = start()
    wait_for_steps(qtbot, job, 2)
    answers = [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]
    monkeypatch.setattr(QMessageBox, "question", lambda *_args: answers.pop(0))
    window.close()
    assert window.isVisible()
    assert job.state is ChildState.RUNNING
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=60_000)
    assert answers == []
    assert [record.state for record in load_records(user_jobs_file())] == [ChildState.PAUSED]
    again = MainWindow(window.settings, window._settings_path)
    qtbot.addWidget(again)
    again.show()
    assert again.job_panel.isVisible()
    assert "interrupted" in again.middle.messages.text.text()
    again.close()


def test_that_a_batch_shows_one_line_for_each_file_and_what_failed(
    qtbot: QtBot, window: MainWindow, write_image: Callable[..., Path], tmp_path: Path
) -> None:
    folder = tmp_path / "day"
    folder.mkdir()
    for name in ("a.tif", "b.tif"):
        write_image(name).rename(folder / name)
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    dialog = window.long_jobs.batch
    assert not dialog.start.isEnabled()
    qtbot.keyClicks(dialog.folder, str(folder))
    assert dialog.problem.text() == "2 files"
    qtbot.mouseClick(dialog.locate, LEFT, pos=QPoint(8, dialog.locate.height() // 2))
    assert "Choose what to do" in dialog.problem.text()
    qtbot.mouseClick(dialog.locate, LEFT, pos=QPoint(8, dialog.locate.height() // 2))
    dialog.frames.setCurrentIndex(1)
    qtbot.mouseClick(dialog.copy, LEFT)
    copied = shlex.split(QGuiApplication.clipboard().text())
    qtbot.mouseClick(dialog.start, LEFT)
    (job,) = window.child_jobs.jobs
    wait_for_state(qtbot, job, ChildState.DONE)
    assert job.record.message == "1 failed."
    files = window.job_panel.details.files
    assert files.isVisible()
    assert files.text_of("a.tif") == "12 columns"
    assert files.text_of("b.tif") == "is cut."
    arguments = json.loads((tmp_path / "arguments.json").read_text())
    assert arguments[1] == str(folder)
    assert arguments[arguments.index("--output") + 1] == str(tmp_path / "day_results")
    recipe = read_recipe(Path(arguments[arguments.index("--recipe") + 1]))
    assert (recipe.frames, recipe.locate) == ("each", True)
    assert copied == ["atomsegnet", *arguments[:-2]]


def test_that_a_folder_that_cannot_be_worked_on_is_told(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.long_jobs.ask_for_batch()
    dialog = window.long_jobs.batch
    (tmp_path / "empty").mkdir()
    dialog.folder.setText(str(tmp_path / "empty"))
    assert "holds no image" in dialog.problem.text()
    assert not dialog.start.isEnabled()
    dialog.reject()
