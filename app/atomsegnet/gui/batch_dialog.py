"""Batch: the same recipe for every file of a folder."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from atomsegnet.core.errors import AtomSegNetError
from atomsegnet.core.recipe import Frames, Recipe, recipe_text
from atomsegnet.gui.copy_button import copy_button
from atomsegnet.gui.dialog_buttons import dialog_buttons
from atomsegnet.gui.document import model_title
from atomsegnet.gui.fitting_dialog import FittingDialog
from atomsegnet.gui.job_records import JobRecord
from atomsegnet.gui.methods import METHODS
from atomsegnet.nn.registry import Output, installed_tasks
from atomsegnet.tasks.batch import RECIPE_NAME, batch_files, read_recipe

_MORE = "\N{HORIZONTAL ELLIPSIS}"
_WIDTH = 520
_TOML = "Recipes (*.toml)"
_FRAMES = {
    Frames.FIRST: "First frame",
    Frames.EACH: "Each frame for itself",
    Frames.AVERAGE: "Average after drift alignment",
}


class BatchDialog(FittingDialog):
    """Asks for folder and recipe; the recipe is the file that the command line takes."""

    def __init__(self, folder: Path | None, method: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Batch")
        self.setMinimumWidth(_WIDTH)
        self.folder, self.output = QLineEdit(), QLineEdit()
        self.browse = QPushButton(f"Browse{_MORE}")
        self.browse_output = QPushButton(f"Browse{_MORE}")
        self.frames, self.restore, self.model, self.method = (QComboBox() for _ in range(4))
        self.locate = QCheckBox("Locate columns")
        self.overlay = QCheckBox("Write pictures of the columns")
        self.workers = QSpinBox()
        self.problem = QLabel()
        self.buttons = dialog_buttons(QDialogButtonBox.StandardButton.Cancel)
        self.load = self.buttons.addButton(f"Load{_MORE}", QDialogButtonBox.ButtonRole.ActionRole)
        self.save = self.buttons.addButton(f"Save{_MORE}", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy = copy_button(self.buttons)
        self.start = self.buttons.addButton("Start", QDialogButtonBox.ButtonRole.AcceptRole)
        self._fill()
        self._lay_out()
        self.show_recipe(Recipe.model_validate({"method": method}))
        self._connect()
        if folder is not None:
            self.folder.setText(str(folder))
        self._on_changed()

    def _fill(self) -> None:
        for frames, title in _FRAMES.items():
            self.frames.addItem(title, frames)
        self.restore.addItem("Nothing", "")
        for name, task in installed_tasks().items():
            self.restore.addItem(model_title(name), name)
            if task.output is Output.MAP:
                self.model.addItem(model_title(name), name)
        for name, (title, _tip) in METHODS.items():
            self.method.addItem(title, name)
        self.workers.setRange(1, max(1, os.cpu_count() or 1))
        self.workers.setSuffix(" at once")

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Folder", _beside(self.folder, self.browse))
        form.addRow("Results to", _beside(self.output, self.browse_output))
        form.addRow("Stacks", self.frames)
        form.addRow("Restore by", self.restore)
        form.addRow("", self.locate)
        form.addRow("Columns by", self.model)
        form.addRow("Method", self.method)
        form.addRow("", self.overlay)
        form.addRow("Files", self.workers)
        for label, field in (
            ("Folder", self.folder), ("Results to", self.output), ("Stacks", self.frames),
            ("Restore by", self.restore), ("Columns by", self.model), ("Method", self.method),
            ("Files at once", self.workers),
        ):  # fmt: skip
            field.setAccessibleName(label)
        self.problem.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.folder.textChanged.connect(self._on_folder_changed)
        self.output.textChanged.connect(self._on_changed)
        self.locate.toggled.connect(self._on_changed)
        self.restore.currentIndexChanged.connect(self._on_changed)
        self.browse.clicked.connect(self._on_browse_clicked)
        self.browse_output.clicked.connect(self._on_browse_output_clicked)
        self.load.clicked.connect(self._on_load_clicked)
        self.save.clicked.connect(self._on_save_clicked)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def show_recipe(self, recipe: Recipe) -> None:
        """Fill the fields from a recipe."""
        self._loaded = recipe
        self.frames.setCurrentIndex(self.frames.findData(recipe.frames))
        restored = recipe.restore[0] if recipe.restore else ""
        self.restore.setCurrentIndex(max(0, self.restore.findData(restored)))
        self.locate.setChecked(recipe.locate)
        self.model.setCurrentIndex(max(0, self.model.findData(recipe.model)))
        self.method.setCurrentIndex(self.method.findData(recipe.method))
        self.overlay.setChecked(recipe.overlay)

    def recipe(self) -> Recipe:
        """Return the recipe of the fields; what has no field stays as it was loaded."""
        restored = self.restore.currentData()
        others = self._loaded.restore[1:] if restored else ()
        values = self._loaded.model_dump() | {
            "frames": self.frames.currentData(),
            "restore": (*([restored] if restored else []), *others),
            "locate": self.locate.isChecked(),
            "model": self.model.currentData() or self._loaded.model,
            "method": self.method.currentData(),
            "overlay": self.overlay.isChecked(),
        }
        return Recipe.model_validate(values)

    def record(self, recipe_file: Path) -> JobRecord:
        """Return the job that was asked for; its recipe lies in this file."""
        folder, output = Path(self.folder.text()), Path(self.output.text())
        arguments = [
            str(folder), "--recipe", str(recipe_file), "--output", str(output),
            "--workers", str(self.workers.value()),
        ]  # fmt: skip
        return JobRecord(
            verb="batch",
            title=f"Batch of {folder.name}, {self._count} files",
            arguments=arguments,
            resume_arguments=[*arguments, "--resume"],
            folder=output,
            begun_mark=RECIPE_NAME,
        )

    @Slot()
    def _on_folder_changed(self) -> None:
        if self.folder.text():
            folder = Path(self.folder.text()).absolute()
            self.output.setText(str(_free_folder(folder.parent / f"{folder.name}_results")))
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        problem, self._count = "", 0
        try:
            self._count = len(batch_files(Path(self.folder.text()))) if self.folder.text() else 0
        except AtomSegNetError as error:
            problem = str(error)
        output = Path(self.output.text())
        if not self.folder.text():
            problem = "Choose a folder of micrographs."
        elif not problem and output.exists() and (output.is_file() or any(output.iterdir())):
            problem = f"{output} is no empty folder."
        elif not (self.locate.isChecked() or self.restore.currentData()):
            problem = "Choose what to do: restore, locate, or both."
        role = QPalette.ColorRole.BrightText if problem else QPalette.ColorRole.PlaceholderText
        self.problem.setForegroundRole(role)
        self.problem.setText(problem or f"{self._count} files")
        for button in (self.start, self.copy):
            button.setEnabled(not problem)
        for field in (self.model, self.method, self.overlay):
            field.setEnabled(self.locate.isChecked())

    @Slot()
    def _on_browse_clicked(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder of micrographs", self.folder.text())
        if chosen:
            self.folder.setText(chosen)

    @Slot()
    def _on_browse_output_clicked(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Results to", self.output.text())
        if chosen:
            self.output.setText(chosen)

    @Slot()
    def _on_load_clicked(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Load a recipe", self.folder.text(), _TOML)
        if not name:
            return
        try:
            self.show_recipe(read_recipe(Path(name)))
        except AtomSegNetError as error:
            self.problem.setText(str(error))

    @Slot()
    def _on_save_clicked(self) -> None:
        suggested = str(Path(self.folder.text()) / RECIPE_NAME)
        name, _ = QFileDialog.getSaveFileName(self, "Save the recipe", suggested, _TOML)
        if name:
            try:
                Path(name).write_text(recipe_text(self.recipe()), encoding="utf-8")
            except OSError as error:
                self.problem.setText(f"{name}: cannot be written ({error.strerror}).")


def _beside(field: QLineEdit, button: QPushButton) -> QWidget:
    both = QWidget()
    line = QHBoxLayout(both)
    line.setContentsMargins(0, 0, 0, 0)
    line.addWidget(field, 1)
    line.addWidget(button)
    return both


def _free_folder(folder: Path) -> Path:
    """Return this folder, or one with a number behind its name that is not there yet."""
    numbered = (folder.with_name(f"{folder.name}_{number}") for number in range(2, 1000))
    return next((path for path in (folder, *numbered) if not path.exists()), folder)
