"""Choose a crystal: of the list, of a CIF, or as the columns of the open image are arranged."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from atomsegnet.physics.materials import MATERIALS

MATERIAL, CIF, COLUMNS = "material", "cif", "columns"
_TITLES = {MATERIAL: "Material of the list", CIF: "CIF file", COLUMNS: "Columns of this image"}


class CrystalChooser(QWidget):
    """What is simulated, as options of the command line."""

    changed = Signal()

    def __init__(
        self, column_count: int = 0, folder: Path | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        self.source = QComboBox()
        self.source.setAccessibleName("Crystal from")
        for name, title in _TITLES.items():
            if name != COLUMNS or column_count:
                self.source.addItem(title, name)
        self.material = QComboBox()
        self.material.setAccessibleName("Material")
        self.material.addItems(list(MATERIALS))
        self.cif = QLineEdit()
        self.cif.setAccessibleName("CIF file")
        self.cif.setPlaceholderText("Path of the file")
        self.browse = QPushButton("Browse\N{HORIZONTAL ELLIPSIS}")
        self.count = QLineEdit(f"{column_count} columns, as they are now")
        self.count.setReadOnly(True)
        self.zones = QLineEdit()
        self.zones.setAccessibleName("Zone axes")
        self.zones.setPlaceholderText("the usual ones; or such as 0 0 1, 1 1 0")
        self._lay_out()
        self.source.currentIndexChanged.connect(self._on_source_changed)
        self.browse.clicked.connect(self._on_browse_clicked)
        for changing in (self.material.currentIndexChanged, self.cif.textChanged):
            changing.connect(self.changed)
        self.zones.textChanged.connect(self.changed)

    def _lay_out(self) -> None:
        file = QWidget()
        line = QHBoxLayout(file)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.cif, 1)
        line.addWidget(self.browse)
        self.stack = QStackedWidget()
        for part in (self.material, file, self.count):
            self.stack.addWidget(part)
        self.stack.setMaximumHeight(self.browse.sizeHint().height())
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Crystal from", self.source)
        form.addRow("", self.stack)
        form.addRow("Zone axes", self.zones)

    @property
    def name(self) -> str:
        """A short name of what is chosen, of letters and digits."""
        kind = self.source.currentData()
        if kind == MATERIAL:
            return self.material.currentText().replace(" ", "_")
        text = Path(self.cif.text()).stem if kind == CIF else COLUMNS
        return "".join(letter for letter in text if letter.isascii() and letter.isalnum())

    @property
    def takes_columns(self) -> bool:
        """Whether the columns of the open image are meant."""
        return bool(self.source.currentData() == COLUMNS)

    def problem(self) -> str:
        """Say what is missing; nothing if all is there."""
        if self.source.currentData() == CIF and not Path(self.cif.text()).is_file():
            return "Choose a CIF file." if not self.cif.text() else "There is no such CIF file."
        if self._zones() is None:
            return "A zone axis is three whole numbers, such as 1 1 0."
        return ""

    def options(self, columns: Path | None = None) -> list[str]:
        """Return the options that name the crystal.

        Parameters
        ----------
        columns : Path, optional
            Where the columns of the image are written, if these are meant.
        """
        kind = self.source.currentData()
        if kind == COLUMNS:
            return ["--columns", str(columns)]
        value = self.material.currentText() if kind == MATERIAL else self.cif.text()
        zones = [",".join(zone) for zone in self._zones() or []]
        return [f"--{kind}", value, *(option for zone in zones for option in ("--zone", zone))]

    def _zones(self) -> list[list[str]] | None:
        """Return the typed zone axes, or None where one is none."""
        texts = [text for text in self.zones.text().replace(";", ",").split(",") if text.strip()]
        zones = [text.replace("[", " ").replace("]", " ").split() for text in texts]
        for zone in zones:
            try:
                numbers = [int(index) for index in zone]
            except ValueError:
                return None
            if len(numbers) != 3 or not any(numbers):
                return None
        return zones

    @Slot()
    def _on_source_changed(self) -> None:
        kind = self.source.currentData()
        self.stack.setCurrentIndex(list(_TITLES).index(kind))
        self.zones.setEnabled(kind != COLUMNS)
        self.changed.emit()

    @Slot()
    def _on_browse_clicked(self) -> None:
        folder = str(self._folder or Path.home())
        kinds = "Crystals (*.cif);;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self, "Crystal", folder, kinds)
        if name:
            self.cif.setText(name)
