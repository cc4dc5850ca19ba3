"""Step three: how many columns, how far apart, and the table of them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFormLayout, QLabel, QTabWidget, QVBoxLayout, QWidget

from atomsegnet.analysis.neighbors import median_spacing
from atomsegnet.core.columns import Columns
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.units import positions_in_nm
from atomsegnet.gui.column_colors import ColumnColors
from atomsegnet.gui.column_table import ColumnTable
from atomsegnet.gui.document import Document
from atomsegnet.gui.editing import Editing
from atomsegnet.gui.filter_field import FilterField
from atomsegnet.gui.lattice_tab import LatticeTab
from atomsegnet.gui.methods import method_title
from atomsegnet.gui.panel import Panel
from atomsegnet.gui.quality_tab import QualityTab
from atomsegnet.gui.workspace import Workspace
from atomsegnet.tasks.locate import Located

_NOTHING = "\N{EN DASH}"
_TABLE_HEIGHT = 84
_PM_PER_NM = 1000.0


class MeasurePanel(Panel):
    """Summary and table of the columns."""

    def __init__(
        self, workspace: Workspace, editing: Editing, parent: QWidget | None = None
    ) -> None:
        super().__init__("Measure", parent)
        self._workspace = workspace
        self.count = QLabel(_NOTHING)
        self.spacing = QLabel(_NOTHING)
        self.method = self.note
        self.error = QLabel(_NOTHING)
        self.colors = ColumnColors(workspace, editing.view)
        self.table = ColumnTable(workspace, editing.view)
        self.filter = FilterField(workspace, self.table)
        self.table.setMinimumHeight(_TABLE_HEIGHT)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setHorizontalSpacing(16)
        form.addRow("Columns", self.count)
        form.addRow("Nearest neighbor", self.spacing)
        self.spacing.setToolTip("Median distance of each column to the nearest other one")
        form.addRow("Standard error", self.error)
        self.error.setToolTip("Median standard error of a position along x and y")
        form.addRow("Color by", self.colors)
        for label in self._labels():
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addLayout(form)
        self.lattice = LatticeTab(workspace, editing)
        self.quality = QualityTab(workspace, editing)
        self.tabs = QTabWidget()
        self.tabs.addTab(self._table_tab(), "Table")
        self.tabs.addTab(self.lattice, "Lattice")
        self.tabs.addTab(self.quality, "Quality")
        self.body.addWidget(self.tabs, 1)
        workspace.document_changed.connect(self._on_columns_changed)
        workspace.columns_changed.connect(self._on_columns_changed)
        workspace.pixel_size_changed.connect(self._on_columns_changed)

    def _table_tab(self) -> QWidget:
        tab = QWidget()
        layout = QVBoxLayout(tab)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.filter)
        layout.addWidget(self.table, 1)
        return tab

    @Slot()
    def _on_columns_changed(self) -> None:
        document = self._workspace.document
        if document is None or document.located is None:
            for label in self._labels():
                label.setText(_NOTHING)
            self.method.clear()
            return
        columns = document.located.columns
        at_edge = int(np.count_nonzero(columns.is_edge))
        self.count.setText(f"{len(columns)}" + (f", {at_edge} at the edge" if at_edge else ""))
        self.spacing.setText(_spacing_text(document, document.located))
        preview = ", preview" if document.is_preview else ""
        edited = ", edited" if document.edits else ""
        self.method.setText(f"{method_title(columns.method)}{preview}{edited}")
        self.error.setText(_error_text(columns, document.micrograph.pixel_size_nm))

    def _labels(self) -> tuple[QLabel, ...]:
        return self.count, self.spacing, self.error


def _error_text(columns: Columns, size: PixelSize | None) -> str:
    known = columns.sigmas[np.isfinite(columns.sigmas).all(axis=1)]
    if not len(known):
        return "none by this method" if len(columns) else _NOTHING
    y_px, x_px = np.median(known, axis=0)
    if size is None:
        return f"\N{PLUS-MINUS SIGN} {x_px:.3f} px, {y_px:.3f} px"
    x_pm, y_pm = x_px * size.x * _PM_PER_NM, y_px * size.y * _PM_PER_NM
    return f"\N{PLUS-MINUS SIGN} {x_pm:.1f} pm, {y_pm:.1f} pm"


def _spacing_text(document: Document, located: Located) -> str:
    spacing_px, size = document.spacing_px, document.micrograph.pixel_size_nm
    if spacing_px is None:
        return _NOTHING
    text = f"{spacing_px:.2f} px"
    if size is None:
        return text
    spacing_nm: float | None = spacing_px * size.x
    if not size.is_square:
        spacing_nm = median_spacing(positions_in_nm(located.columns.positions, size))
    return f"{text}  \N{MIDDLE DOT}  {spacing_nm:.4f} nm"
