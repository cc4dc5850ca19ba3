"""The table of columns, its rows linked with the rings in the image."""

from __future__ import annotations

import math
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

from atomsegnet.core.column_filter import filter_columns
from atomsegnet.core.columns import Columns
from atomsegnet.core.errors import SettingError
from atomsegnet.gui.document import Document
from atomsegnet.gui.view_state import ViewState
from atomsegnet.gui.workspace import Workspace

_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()


class _Field(NamedTuple):
    """One column of the table: heading, what it is, its values and how they are printed."""

    heading: str
    tip: str
    values: npt.NDArray[Any]
    written: Callable[[Any], str]


def _fields(document: Document, columns: Columns) -> list[_Field]:
    return [
        _Field("#", "Number of the column", np.arange(1, len(columns) + 1), str),
        *(
            _Field(item.title, item.explanation, item.values, _printed(item.digits))
            for item in document.quantities()
        ),
        _Field("Edge", "Cut by the border of the image", columns.is_edge, _yes),
    ]


def _printed(digits: str) -> Callable[[float], str]:
    return lambda value: "" if math.isnan(value) else format(value, digits)


def _yes(value: bool) -> str:
    return "yes" if value else ""


class ColumnModel(QAbstractTableModel):
    """Columns as rows of a table, in any order."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._fields: list[_Field] = []
        self._order: npt.NDArray[np.intp] = np.empty(0, dtype=np.intp)

    def show_columns(self, document: Document | None, chosen: npt.NDArray[np.bool_] | None) -> None:
        """Show the columns of a document, all or those chosen, in the order of their numbers."""
        self.beginResetModel()
        self._fields, self._order = [], np.empty(0, dtype=np.intp)
        if document is not None and document.located is not None:
            columns = document.located.columns
            self._fields = _fields(document, columns)
            self._order = np.arange(len(columns)) if chosen is None else np.flatnonzero(chosen)
        self.endResetModel()

    def columns_at(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
        """Return the indices of the columns that some rows show."""
        return self._order[rows]

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
            numbers = np.sort(self._order)
            ranked = numbers[np.argsort(self._fields[column].values[numbers], kind="stable")]
            self._order = ranked if order == Qt.SortOrder.AscendingOrder else ranked[::-1]
            self.layoutChanged.emit()


class ColumnTable(QTableView):
    """Shows the columns of the document that is shown."""

    def __init__(
        self, workspace: Workspace, state: ViewState, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._is_following = False
        self._condition = ""
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
        state.quantities_changed.connect(self._on_columns_changed)

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

    def show_filtered(self, condition: str) -> int:
        """Show only columns that meet a condition, "" for all; return how many there are.

        Raises
        ------
        SettingError
            The condition is not understood; the table stays as it was.
        """
        before = self._condition
        self._condition = condition
        try:
            self._chosen()
        except SettingError:
            self._condition = before
            raise
        self._on_columns_changed()
        return self.columns.rowCount()

    def _chosen(self) -> npt.NDArray[np.bool_] | None:
        document = self._workspace.document
        if not self._condition or document is None or document.located is None:
            return None
        columns = document.located.columns
        return filter_columns(self._condition, document.quantities(), {"edge": columns.is_edge})

    @Slot()
    def _on_columns_changed(self) -> None:
        header = self.horizontalHeader()
        section, order = header.sortIndicatorSection(), header.sortIndicatorOrder()
        self._is_following = True
        try:
            chosen = self._chosen()
        except SettingError:  # the quantity it asks for is gone with the earlier columns
            chosen = None
        self.columns.show_columns(self._workspace.document, chosen)
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
        # One range for rows that follow each other: twenty thousand ranges take seconds.
        for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1):
            if len(run):
                first, end = int(run[0]), int(run[-1])
                chosen.select(self.columns.index(first, 0), self.columns.index(end, last))
        self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if len(rows):
            self.scrollTo(self.columns.index(int(rows[0]), 0))
        self._is_following = False

    @Slot(QItemSelection, QItemSelection)
    def _on_rows_selected(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        if self._is_following:
            return
        self._is_following = True
        ranges = [
            (part.top(), part.bottom() + 1) for part in self.selectionModel().selection().toList()
        ]
        rows = np.concatenate([np.arange(*ends) for ends in ranges] or [np.empty(0, dtype=int)])
        self._workspace.select_columns(self.columns.columns_at(rows))
        self._is_following = False
