"""Spacings, strain and displacements of the columns."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from atomsegnet.core.lattice import Spacing
from atomsegnet.gui.count_plot import Counted, CountPlot
from atomsegnet.gui.editing import Editing
from atomsegnet.gui.workspace import Workspace
from atomsegnet.tasks.lattice import summary

_PM_PER_NM = 1000.0
_ADJUST = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
_SIGMA = "\N{GREEK SMALL LETTER SIGMA}"
_MAPS = {
    "strain_x": "Strain x",
    "strain_y": "Strain y",
    "strain_xy": "Strain xy",
    "rotation": "Rotation",
    "displacement_x": "Displacement x",
    "displacement_y": "Displacement y",
}


class LatticeTab(QWidget):
    """Measure the lattice, see its spacings, make maps of it."""

    def __init__(
        self, workspace: Workspace, editing: Editing, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._runs = editing.lattice
        self.measure = QPushButton("Measure")
        self.measure.setToolTip("Find the basis vectors; measure spacings, strain, displacements.")
        self.map_of = QComboBox()
        self.map_of.setAccessibleName("Quantity of the map")
        for name, title in _MAPS.items():
            self.map_of.addItem(title, name)
        # As wide as there is room, not as the longest name.
        self.map_of.setMinimumContentsLength(4)
        self.map_of.setSizeAdjustPolicy(_ADJUST)
        self.map = QPushButton("Map")
        self.map.setToolTip("A layer of this quantity, between the columns by straight lines.")
        self.plot = CountPlot()
        self.text = QLabel()
        self.text.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.measure)
        buttons.addWidget(self.map_of, 1)
        buttons.addWidget(self.map)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addLayout(buttons)
        layout.addWidget(self.plot)
        layout.addWidget(self.text)
        layout.addStretch()
        self.measure.clicked.connect(self._runs.measure)
        self.map.clicked.connect(self._on_map_clicked)
        self._runs.measured.connect(self._on_changed)
        workspace.document_changed.connect(self._on_changed)
        workspace.columns_changed.connect(self._on_changed)
        self._on_changed()

    @Slot()
    def _on_map_clicked(self) -> None:
        self._runs.map(self.map_of.currentData())

    @Slot()
    def _on_changed(self) -> None:
        document = self._workspace.document
        has_columns = document is not None and document.located is not None
        self.measure.setEnabled(has_columns and document is not None and not document.is_preview)
        lattice = document.lattice if document is not None else None
        for widget in (self.map, self.map_of):
            widget.setEnabled(lattice is not None)
        if lattice is None:
            self.plot.show_counts([], "")
            self.text.setText("")
            self.text.setToolTip("")
            return
        spacings = [
            Counted(_spacing_text(item, lattice.unit), item.lengths)
            for item in lattice.spacings
            if item.count
        ]
        self.plot.show_counts(spacings, f"spacing ({lattice.unit})")
        lines = summary(lattice)
        # The rest would push what is below out of sight.
        self.text.setText(lines[0])
        self.text.setToolTip("\n".join(lines))


def _spacing_text(spacing: Spacing, unit: str) -> str:
    if unit == "px":
        return f"{spacing.axis} = {spacing.mean:.3f} px, {_SIGMA} {spacing.sd:.3f} px"
    scatter = f"{spacing.sd * _PM_PER_NM:.1f} pm"
    return f"{spacing.axis} = {spacing.mean:.4f} nm, {_SIGMA} {scatter}, N = {spacing.count}"
