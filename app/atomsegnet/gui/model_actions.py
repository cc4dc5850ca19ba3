"""The menu of models: retrain, simulate, import, export, cards."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QMenu

from atomsegnet.core.comparison import read_comparison
from atomsegnet.core.conditions import Conditions
from atomsegnet.core.errors import AtomSegNetError
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.progress import Progress, Report
from atomsegnet.gui.card_dialog import CardDialog
from atomsegnet.gui.child_job import ChildJob
from atomsegnet.gui.conditions_box import ConditionsBox
from atomsegnet.gui.copy_button import copy_command
from atomsegnet.gui.failures import tell_failure
from atomsegnet.gui.job_records import JobRecord
from atomsegnet.gui.messages import Mood
from atomsegnet.gui.result_dialog import ResultDialog
from atomsegnet.gui.retrain_dialog import RetrainDialog, columns_file
from atomsegnet.nn.registry import Output, installed_models, installed_tasks
from atomsegnet.tasks import conditions as measuring
from atomsegnet.tasks import models as modelling
from atomsegnet.tasks.export import export_columns

if TYPE_CHECKING:
    from atomsegnet.gui.main_window import MainWindow

_MORE = "\N{HORIZONTAL ELLIPSIS}"
_WEIGHTS = "Weights (*.safetensors)"


def measure(micrograph: Micrograph, report: Report) -> Conditions:
    """Measure the conditions of an image."""
    return measuring.conditions_of(micrograph, report)


def bring(weights: Path, name: str, report: Report) -> str:
    """Copy a model into the user's list and return its name."""
    report(Progress(0, 1, f"Reading {weights.name}"))
    return modelling.import_model(weights, name).stem


def hand_on(name: str, target: Path, report: Report) -> Path:
    """Copy a model to a file; the user has agreed to replace an older one."""
    report(Progress(0, 1, f"Writing {target.name}"))
    modelling.export_model(name, target, overwrite=True)
    return target


class ModelActions(QObject):
    """What the window can do with models."""

    models_changed = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._box: ConditionsBox | None = None
        self.menu = QMenu("&Models", window)
        self._add(f"&Retrain{_MORE}", self.retrain, "Ctrl+T")
        self.menu.addSeparator()
        self._add(f"&Import{_MORE}", self.ask_for_model)
        self._add(f"&Export{_MORE}", self.ask_for_target)
        self._add(f"&Cards{_MORE}", self.show_cards)

    def _add(self, title: str, slot: Callable[[], object], key: str = "") -> QAction:
        action = self.menu.addAction(title)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(slot)
        return action

    # Retraining

    @Slot()
    def retrain(self) -> None:
        """Ask what a model is to be trained on for, and start that."""
        window = self._window
        document = window.workspace.document
        self.dialog = RetrainDialog(
            document, window.settings.last_folder, window.settings.retrain_minutes, window
        )
        self.dialog.accepted.connect(self._on_retrain_accepted)
        self.dialog.copy.clicked.connect(self._on_retrain_copied)
        self.measure_for(self.dialog, self.dialog.image)
        self.dialog.open()

    def measure_for(self, dialog: QDialog, box: ConditionsBox) -> None:
        """Measure the image that is shown, for a dialog that is open."""
        document = self._window.workspace.document
        if document is None:
            return
        self._box = box
        job = self._window.jobs.start(measure, document.micrograph, title="Measuring the image")
        job.done.connect(self._on_measured)
        job.failed.connect(self._on_measuring_failed)
        dialog.finished.connect(job.cancel)
        dialog.finished.connect(self._on_dialog_finished)

    @Slot()
    def _on_dialog_finished(self) -> None:
        self._box = None

    @Slot(object)
    def _on_measured(self, conditions: Conditions) -> None:
        if self._box is not None:
            self._box.show_conditions(conditions)

    @Slot(object)
    def _on_measuring_failed(self, error: Exception) -> None:
        if self._box is not None:
            self._box.show_failure()
        self._on_failed(error)

    @Slot()
    def _on_retrain_accepted(self) -> None:
        record = self._retrain_record()
        if record is not None:
            self._window.long_jobs.start(record)

    @Slot()
    def _on_retrain_copied(self) -> None:
        record = self._retrain_record()
        if record is not None:
            copy_command(record, self.dialog.problem)

    def _retrain_record(self) -> JobRecord | None:
        """Return the job of the dialog; the columns that it learns from are written."""
        record = self.dialog.record()
        document = self._window.workspace.document
        if self.dialog.crystal.takes_columns and document is not None:
            path = columns_file(record.folder)
            located = document.located
            if located is None:
                return None
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                is_typed = document.is_pixel_size_typed
                export_columns(path, located, is_pixel_size_typed=is_typed)
            except (AtomSegNetError, OSError) as error:
                self._window.workspace.post(str(error), Mood.PROBLEM)
                return None
        return record

    def show_result(self, job: ChildJob) -> bool:
        """Show what a retraining brought; return whether there is something to show."""
        record = job.record
        comparison = read_comparison(record.folder)
        if comparison is None:
            return False
        dialog = ResultDialog(
            comparison, record.folder, is_settled=record.is_settled, parent=self._window
        )
        dialog.used.connect(lambda: self._use(job))
        dialog.discarded.connect(lambda: self._discard(job))
        self.result_dialog = dialog
        dialog.open()
        return True

    def _use(self, job: ChildJob) -> None:
        weights = Path(str(job.record.result.get("output", "")))
        self._start(bring, weights, weights.stem, title=f"Taking over {weights.stem}")
        job.record.is_settled = True
        job.set_state(job.state, "In the list of models.")

    def _discard(self, job: ChildJob) -> None:
        shutil.rmtree(job.record.folder, ignore_errors=True)
        columns_file(job.record.folder).unlink(missing_ok=True)
        self._window.child_jobs.remove(job)

    # Import, export, cards

    @Slot()
    def ask_for_model(self) -> None:
        """Ask for a weights file and put it into the list."""
        folder = str(self._window.settings.last_folder or Path.home())
        name, _ = QFileDialog.getOpenFileName(self._window, "Import a model", folder, _WEIGHTS)
        if name:
            path = Path(name)
            self._start(bring, path, path.stem, title=f"Reading {path.name}")

    @Slot()
    def ask_for_target(self) -> None:
        """Ask for a model and a file, and copy the model there."""
        window = self._window
        name, is_chosen = QInputDialog.getItem(
            window, "Export a model", "Model", list(installed_models()), 0, False
        )
        if not is_chosen:
            return
        folder = window.settings.last_export_folder or Path.home()
        suggested = str(folder / f"{name}.safetensors")
        target, _ = QFileDialog.getSaveFileName(window, "Export a model", suggested, _WEIGHTS)
        if target:
            job = window.jobs.start(hand_on, name, Path(target), title=f"Copying {name}")
            job.done.connect(self._on_handed_on)
            job.failed.connect(self._on_failed)

    @Slot()
    def show_cards(self) -> None:
        """Show what the models say of themselves."""
        self.cards = CardDialog(self._window)
        self.cards.open()

    def _start(self, task: Callable[..., object], *args: object, title: str) -> None:
        job = self._window.jobs.start(task, *args, title=title)
        job.done.connect(self._on_brought)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_brought(self, name: str) -> None:
        self.models_changed.emit()
        text = f"{name} is in the list of models."
        if installed_tasks()[name].output is Output.MAP:
            # Whoever takes a model that marks columns wants the columns it marks.
            self._window.runs.map_model = name
            text += " Locate uses it from now on; File > Preferences has the others."
        self._window.workspace.post(text)

    @Slot(object)
    def _on_handed_on(self, target: Path) -> None:
        self._window.workspace.post(f"{target} was written.")

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        tell_failure(self._window, error)
