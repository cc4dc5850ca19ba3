"""The table of columns, its rows linked with the rings in the image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Slot,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from atomsegnet.core.columns import Columns
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.units import positions_in_nm
from atomsegnet.gui.workspace import Workspace

_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


class _Field(NamedTuple):
    """One column of the table: heading, what it is, its values and how they are printed."""

    heading: str
    tip: str
    values: npt.NDArray[Any]
    written: Callable[[Any], str]


def _fields(columns: Columns, pixel_size_nm: PixelSize | None) -> list[_Field]:
    row_px, column_px = columns.positions[:, 0], columns.positions[:, 1]
    found = [
        _Field("#", "Number of the column", np.arange(1, len(columns) + 1), str),
        _Field("x (px)", "From the center of the first pixel", column_px, "{:.3f}".format),
        _Field("y (px)", "From the center of the first pixel", row_px, "{:.3f}".format),
    ]
    if pixel_size_nm is not None:
        in_nm = positions_in_nm(columns.positions, pixel_size_nm)
        found += [
            _Field("x (nm)", "From the center of the first pixel", in_nm[:, 1], "{:.4f}".format),
            _Field("y (nm)", "From the center of the first pixel", in_nm[:, 0], "{:.4f}".format),
        ]
    return [
        *found,
        _Field("Amplitude", "Peak above its background", columns.amplitude, _short),
        _Field("Width (px)", "Full width at half maximum", columns.width, "{:.2f}".format),
        _Field("Intensity", "Sum above the background", columns.integrated_intensity, _short),
        _Field("Confidence", "Peak of the map, 0 to 1", columns.confidence, "{:.2f}".format),
        _Field("Edge", "Cut by the border of the image", columns.is_edge, _yes),
    ]


def _short(value: float) -> str:
    return f"{value:.5g}"


def _yes(value: bool) -> str:
    return "yes" if value else ""


class ColumnModel(QAbstractTableModel):
    """Columns as rows of a table, in any order."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._fields: list[_Field] = []
        self._order: npt.NDArray[np.intp] = np.empty(0, dtype=np.intp)

    def show_columns(self, columns: Columns | None, pixel_size_nm: PixelSize | None) -> None:
        """Show these columns, in the order of their numbers."""
        self.beginResetModel()
        self._fields = _fields(columns, pixel_size_nm) if columns is not None else []
        self._order = np.arange(len(columns) if columns is not None else 0)
        self.endResetModel()

    def column_at(self, row: int) -> int:
        """Return the index of the column that a row shows."""
        return int(self._order[row])

    def rows_of(self, indices: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Return the rows that show these columns."""
        return np.flatnonzero(np.isin(self._order, indices))

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        """Return the number of fields."""
        return 0 if parent.isValid() else len(self._fields)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell."""
        if role == Qt.ItemDataRole.DisplayRole:
            field = self._fields[index.column()]
            return field.written(field.values[self._order[index.row()]])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the heading of a field."""
        if orientation is Qt.Orientation.Horizontal and section < len(self._fields):
            if role == Qt.ItemDataRole.DisplayRole:
                return self._fields[section].heading
            if role == Qt.ItemDataRole.ToolTipRole:
                return self._fields[section].tip
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the rows by a field."""
        if 0 <= column < len(self._fields):
            self.layoutAboutToBeChanged.emit()
            ranked = np.argsort(self._fields[column].values, kind="stable")
            self._order = ranked if order == Qt.SortOrder.AscendingOrder else ranked[::-1]
            self.layoutChanged.emit()


class ColumnTable(QTableView):
    """Shows the columns of the document that is shown."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._is_following = False
        self.columns = ColumnModel(self)
        self.setModel(self.columns)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAccessibleName("Columns")
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        # Widths follow the rows that are seen; looking at all of them takes a moment each time.
        self.horizontalHeader().setResizeContentsPrecision(0)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.selectionModel().selectionChanged.connect(self._on_rows_selected)
        workspace.document_changed.connect(self._on_columns_changed)
        workspace.columns_changed.connect(self._on_columns_changed)
        workspace.pixel_size_changed.connect(self._on_columns_changed)
        workspace.selection_changed.connect(self._on_selection_changed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the selected rows as tab-separated text."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self._selected_text())
        else:
            super().keyPressEvent(event)

    def _selected_text(self) -> str:
        model = self.columns
        headings = [
            model.headerData(place, Qt.Orientation.Horizontal)
            for place in range(model.columnCount())
        ]
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        lines = [headings] + [
            [model.data(model.index(row, place)) for place in range(model.columnCount())]
            for row in rows
        ]
        return "\n".join("\t".join(line) for line in lines)

    @Slot()
    def _on_columns_changed(self) -> None:
        document = self._workspace.document
        located = document.located if document is not None else None
        size = document.micrograph.pixel_size_nm if document is not None else None
        header = self.horizontalHeader()
        section, order = header.sortIndicatorSection(), header.sortIndicatorOrder()
        self._is_following = True
        self.columns.show_columns(located.columns if located is not None else None, size)
        self.columns.sort(section, order)
        self._is_following = False
        self.resizeColumnsToContents()
        self._on_selection_changed()

    @Slot()
    def _on_selection_changed(self) -> None:
        if self._is_following:
            return
        self._is_following = True
        chosen = QItemSelection()
        rows = self.columns.rows_of(self._workspace.selection)
        last = self.columns.columnCount() - 1
        for row in rows.tolist():
            chosen.select(self.columns.index(row, 0), self.columns.index(row, last))
        self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if len(rows):
            self.scrollTo(self.columns.index(int(rows[0]), 0))
        self._is_following = False

    @Slot(QItemSelection, QItemSelection)
    def _on_rows_selected(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        if self._is_following:
            return
        self._is_following = True
        rows = [index.row() for index in self.selectionModel().selectedRows()]
        chosen = [self.columns.column_at(row) for row in rows]
        self._workspace.select_columns(np.array(chosen, dtype=np.intp))
        self._is_following = False
