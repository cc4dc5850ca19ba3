"""Add, move and delete columns by hand; every step can be undone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Slot

from atomsegnet.analysis.neighbors import median_spacing
from atomsegnet.core.column_edits import counted, with_added, with_replaced, without
from atomsegnet.core.columns import Columns
from atomsegnet.gui.document import Document
from atomsegnet.gui.messages import Mood
from atomsegnet.gui.undo import Change, UndoStacks
from atomsegnet.gui.view_state import ViewState
from atomsegnet.gui.workspace import Workspace
from atomsegnet.tasks.locate import Located

Indices = npt.NDArray[np.intp]
_NONE: Indices = np.empty(0, dtype=np.intp)
_DEFAULT_WIDTH_PX = 6.0


class ColumnEdits(QObject):
    """Changes the columns of the document that is shown."""

    def __init__(
        self, workspace: Workspace, state: ViewState, undo: UndoStacks, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._state = state
        self._undo = undo
        workspace.columns_measured.connect(self._on_columns_measured)

    def add(self, row: float, column: float) -> None:
        """Add a column at a place [px]; select it."""
        found = self._editable()
        if found is None or not _is_inside(found[0], row, column):
            return
        document, located = found
        single = self._measure_at(document, located.columns, row, column)
        self._put(
            document,
            with_added(located.columns, single),
            "add a column",
            np.array([len(located.columns)]),
        )

    def move(self, index: int, row: float, column: float) -> None:
        """Put a column at another place [px]; select it."""
        found = self._editable()
        if found is None or not _is_inside(found[0], row, column):
            return
        document, located = found
        others = without(located.columns, np.array([index]))
        single = self._measure_at(document, others, row, column)
        single = replace(single, confidence=located.columns.confidence[index : index + 1])
        columns = with_replaced(located.columns, index, single)
        self._put(document, columns, "move a column", np.array([index]))

    @Slot()
    def delete_selected(self) -> None:
        """Delete the columns that are selected."""
        chosen = self._workspace.selection
        found = self._editable() if len(chosen) else None
        if found is not None:
            document, located = found
            text = f"delete {counted(len(chosen))}"
            self._put(document, without(located.columns, chosen), text, _NONE)

    @Slot()
    def select_all(self) -> None:
        """Select every column."""
        document = self._workspace.document
        if document is not None and document.located is not None:
            self._workspace.select_columns(np.arange(len(document.located.columns)))

    def _editable(self) -> tuple[Document, Located] | None:
        document = self._workspace.document
        if document is None:
            return None
        if document.located is None or document.is_preview:
            self._workspace.post("Locate columns first; then they can be edited.", Mood.NEWS)
            return None
        return document, document.located

    def _measure_at(
        self, document: Document, others: Columns, row: float, column: float
    ) -> Columns:
        from atomsegnet.analysis.single_column import measure_column

        width = float(np.median(others.width)) if len(others) else _DEFAULT_WIDTH_PX
        return measure_column(
            document.micrograph.image,
            (row, column),
            others,
            width_px=width,
            is_refined=self._state.is_snapping,
        )

    def _put(self, document: Document, columns: Columns, text: str, selection: Indices) -> None:
        if document.located is None:
            return
        before, edits = document.located, document.edits
        after = replace(before, columns=columns)
        chosen = self._workspace.selection
        change = Change(
            text,
            lambda: self._show(document, after, (*edits, text), selection),
            lambda: self._show(document, before, edits, chosen),
        )
        self._undo.push(document, change)

    def _show(
        self, document: Document, located: Located, edits: tuple[str, ...], selection: Indices
    ) -> None:
        document.edits = edits
        document.is_preview = False
        spacing_px = median_spacing(located.columns.positions)
        self._workspace.put_columns(document, located, spacing_px, selection)

    @Slot(object, object, object)
    def _on_columns_measured(
        self, document: Document, before: Located | None, edits: tuple[str, ...]
    ) -> None:
        """Keep edited columns on the stack when they are measured anew."""
        after = document.located
        if before is None or after is None or not edits:
            return
        change = Change(
            "measure the columns anew",
            lambda: self._show(document, after, (), _NONE),
            lambda: self._show(document, before, edits, _NONE),
        )
        self._undo.push(document, change)


def _is_inside(document: Document, row: float, column: float) -> bool:
    rows, columns = document.micrograph.shape
    return -0.5 <= row < rows - 0.5 and -0.5 <= column < columns - 0.5
