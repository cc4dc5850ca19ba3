"""Image > Simulate: an image of a crystal with its labels, or a library of them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
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

from atomsegnet.core.conditions import Conditions
from atomsegnet.gui.conditions_box import ConditionsBox
from atomsegnet.gui.copy_button import copy_button, copy_command
from atomsegnet.gui.crystal_chooser import CrystalChooser
from atomsegnet.gui.dialog_buttons import dialog_buttons
from atomsegnet.gui.document import Document
from atomsegnet.gui.image_options import image_options
from atomsegnet.gui.job_records import JobRecord
from atomsegnet.paths import user_runs_folder

_WIDTH = 500
_SIZES = ("256", "384", "512", "768", "1024")
_MOST = 1_000_000
_TO_WINDOW, _TO_FOLDER = "window", "folder"


class SimulateDialog(QDialog):
    """Asks for crystal, size and place."""

    def __init__(
        self, document: Document | None, folder: Path | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Simulate")
        self.setMinimumWidth(_WIDTH)
        self._document = document
        self.crystal = CrystalChooser(0, folder)
        self.crystal.zones.setPlaceholderText("the usual ones; or one, such as 0 0 1")
        self.side = QComboBox()
        self.side.addItems(_SIZES)
        self.side.setCurrentText("512")
        self.seed = QSpinBox()
        self.seed.setRange(0, _MOST)
        self.target = QComboBox()
        self.target.addItem("The window: one image, its labels as layers", _TO_WINDOW)
        self.target.addItem("A library in a folder", _TO_FOLDER)
        self.count = QSpinBox()
        self.count.setRange(1, _MOST)
        self.count.setValue(100)
        self.folder = QLineEdit()
        self.browse = QPushButton("Browse\N{HORIZONTAL ELLIPSIS}")
        self.is_like = QCheckBox("As the open image was recorded")
        self.is_like.setChecked(document is not None)
        self.image = ConditionsBox("Measured on the open image")
        for part in (self.is_like, self.image):
            part.setVisible(document is not None)
        self.problem = QLabel()
        self.buttons = dialog_buttons(QDialogButtonBox.StandardButton.Cancel)
        self.copy = copy_button(self.buttons)
        self.start = self.buttons.addButton("Start", QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        self._connect()
        self._on_changed()

    def _lay_out(self) -> None:
        place = QWidget()
        line = QHBoxLayout(place)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.folder, 1)
        line.addWidget(self.browse)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows: tuple[tuple[str, QWidget], ...] = (
            ("Side [px]", self.side), ("Seed", self.seed), ("Into", self.target),
            ("Images", self.count),
        )  # fmt: skip
        for label, field in rows:
            field.setAccessibleName(label)
            form.addRow(label, field)
        self.folder.setAccessibleName("Folder")
        form.addRow("Folder", place)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(self.crystal)
        layout.addLayout(form)
        layout.addWidget(self.is_like)
        layout.addWidget(self.image)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        self.crystal.changed.connect(self._on_changed)
        self.target.currentIndexChanged.connect(self._on_changed)
        self.folder.textChanged.connect(self._on_changed)
        self.browse.clicked.connect(self._on_browse_clicked)
        self.is_like.toggled.connect(self.image.setEnabled)
        self.copy.clicked.connect(self._on_copy_clicked)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def show_conditions(self, conditions: Conditions) -> None:
        """Show what was measured on the image."""
        self.image.show_conditions(conditions)

    @property
    def goes_to_window(self) -> bool:
        """Whether one image is wanted in the window."""
        return bool(self.target.currentData() == _TO_WINDOW)

    def record(self) -> JobRecord:
        """Return the job that was asked for."""
        count = 1 if self.goes_to_window else self.count.value()
        what = "an image" if count == 1 else f"{count} images"
        title = f"Simulate {what} of {self.crystal.name}"
        record = JobRecord(verb="simulate", title=title, arguments=[], folder=Path())
        own = user_runs_folder() / record.key
        record.folder = own if self.goes_to_window else Path(self.folder.text())
        record.arguments = [
            "--output", str(record.folder), "--count", str(count), *self.crystal.options(),
            "--size", self.side.currentText(), "--seed", str(self.seed.value()),
        ]  # fmt: skip
        if self._document is not None and self.is_like.isChecked():
            like = str(self._document.key.path)
            record.arguments += ["--like", like, *image_options(self._document)]
        return record

    @Slot()
    def _on_changed(self) -> None:
        for field in (self.count, self.folder, self.browse):
            field.setEnabled(not self.goes_to_window)
        problem = self.crystal.problem()
        if not problem and self.crystal.options().count("--zone") > 1:
            problem = "A simulation has one zone axis."
        if not problem and not self.goes_to_window:
            folder = Path(self.folder.text())
            if not self.folder.text():
                problem = "Choose a new or empty folder."
            elif folder.exists() and (folder.is_file() or any(folder.iterdir())):
                problem = f"{folder} is no empty folder."
        self.problem.setForegroundRole(QPalette.ColorRole.BrightText)
        self.problem.setText(problem)
        for button in (self.start, self.copy):
            button.setEnabled(not problem)

    @Slot()
    def _on_copy_clicked(self) -> None:
        copy_command(self.record(), self.problem)

    @Slot()
    def _on_browse_clicked(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder of the library", self.folder.text())
        if chosen:
            self.folder.setText(chosen)
