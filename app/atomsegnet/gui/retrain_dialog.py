"""Models > Retrain: train a model on for the crystal and the conditions of the open image."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from atomsegnet.core.conditions import Conditions
from atomsegnet.core.errors import ModelError
from atomsegnet.gui.conditions_box import ConditionsBox
from atomsegnet.gui.copy_button import copy_button
from atomsegnet.gui.crystal_chooser import CrystalChooser
from atomsegnet.gui.dialog_buttons import dialog_buttons
from atomsegnet.gui.document import Document
from atomsegnet.gui.fitting_dialog import FittingDialog
from atomsegnet.gui.image_options import image_options
from atomsegnet.gui.job_records import JobRecord
from atomsegnet.nn.registry import installed_tasks
from atomsegnet.paths import user_runs_folder
from atomsegnet.tasks.models import checked_name
from atomsegnet.tasks.train import SETTINGS_NAME

_WIDTH = 520
_LONGEST_MINUTES = 24 * 60
DEFAULT_MINUTES = 10
# A base that most users want: the one that finds columns.
_USUAL_BASE = "gaussian_map"


class RetrainDialog(FittingDialog):
    """Asks for crystal, base model, name and time."""

    def __init__(
        self,
        document: Document | None,
        folder: Path | None,
        minutes: int = DEFAULT_MINUTES,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Retrain a model")
        self.setMinimumWidth(_WIDTH)
        self._document = document
        self._is_named = False
        located = document.located if document is not None else None
        self.crystal = CrystalChooser(len(located.columns) if located else 0, folder)
        self.base = QComboBox()
        self.base.setAccessibleName("Base model")
        for name, task in installed_tasks().items():
            title = task.title if name == task.name else f"{name} ({task.title})"
            self.base.addItem(title, name)
        self.base.setCurrentIndex(max(0, self.base.findData(_USUAL_BASE)))
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the new model")
        self.minutes = QSpinBox()
        self.minutes.setRange(1, _LONGEST_MINUTES)
        self.minutes.setValue(minutes)
        self.minutes.setSuffix(" min")
        self.minutes.setAccessibleName("Time")
        self.image = ConditionsBox("Measured on the open image")
        self.image.setVisible(document is not None)
        self.problem = QLabel()
        self.buttons = dialog_buttons(QDialogButtonBox.StandardButton.Cancel)
        self.copy = copy_button(self.buttons)
        self.start = self.buttons.addButton("Start", QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        self.name.textEdited.connect(self._on_name_edited)
        self.name.textChanged.connect(self._on_changed)
        self.crystal.changed.connect(self._on_changed)
        self.base.currentIndexChanged.connect(self._on_changed)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._on_changed()

    def _lay_out(self) -> None:
        note = QLabel(
            "The model is trained on fresh simulations of the crystal, as the open image was "
            "recorded. At the end it is compared with the base model on images that it was not "
            "trained on; the base model stays as it is."
        )
        note.setWordWrap(True)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Base model", self.base)
        form.addRow("New name", self.name)
        form.addRow("Time", self.minutes)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(note)
        layout.addWidget(self.crystal)
        layout.addLayout(form)
        layout.addWidget(self.image)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)

    def show_conditions(self, conditions: Conditions) -> None:
        """Show what was measured on the image."""
        self.image.show_conditions(conditions)

    @Slot()
    def _on_name_edited(self) -> None:
        self._is_named = True

    @Slot()
    def _on_changed(self) -> None:
        if not self._is_named:
            self.name.setText(self._free_name())
        problem = self.crystal.problem()
        try:
            checked_name(self.name.text())
        except ModelError as error:
            problem = problem or str(error)
        self.problem.setForegroundRole(QPalette.ColorRole.BrightText)
        self.problem.setText(problem)
        for button in (self.start, self.copy):
            button.setEnabled(not problem and self.base.count() > 0)

    def _free_name(self) -> str:
        known = {self.base.itemData(place) for place in range(self.base.count())}
        name = f"{self.base.currentData()}_{self.crystal.name}".rstrip("_")
        numbers = ["", *(f"_{number}" for number in range(2, 1000))]
        return next(name + number for number in numbers if name + number not in known)

    def record(self) -> JobRecord:
        """Return the job that was asked for."""
        title = f"Retrain {self.base.currentText()} for {self.crystal.name}"
        record = JobRecord(verb="train", title=title, arguments=[], folder=Path())
        folder = user_runs_folder() / record.key
        arguments = ["--from", self.base.currentData(), "--name", self.name.text()]
        arguments += self.crystal.options(columns_file(folder))
        document = self._document
        if document is not None:
            arguments += ["--like", str(document.key.path), *image_options(document)]
        record.arguments = [
            *arguments, "--minutes", str(self.minutes.value()), "--output", str(folder),
        ]  # fmt: skip
        record.resume_arguments = ["--resume", str(folder)]
        record.folder = folder
        record.begun_mark = SETTINGS_NAME
        return record


def columns_file(folder: Path) -> Path:
    """Return where the columns lie that a run in this folder learns from."""
    return folder.with_name(f"{folder.name}_columns.csv")
