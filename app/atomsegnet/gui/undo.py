"""Undo and redo: one stack for each open micrograph, each entry with a name."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QUndoCommand, QUndoGroup, QUndoStack

from atomsegnet.gui.document import Document
from atomsegnet.gui.workspace import Workspace

# A change keeps all columns before and after it: some megabytes for tens of thousands of them.
_MOST_CHANGES = 50


class Change(QUndoCommand):
    """A change that is made, taken back and made again by two functions."""

    def __init__(self, text: str, make: Callable[[], None], take_back: Callable[[], None]) -> None:
        super().__init__(text)
        self._make = make
        self._take_back = take_back

    def redo(self) -> None:
        """Make the change."""
        self._make()

    def undo(self) -> None:
        """Take it back."""
        self._take_back()


class UndoStacks(QObject):
    """Keeps the changes of every open document; the menu acts on those of the one shown."""

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._stacks: dict[Document, QUndoStack] = {}
        self.group = QUndoGroup(self)
        self._empty = QUndoStack(self.group)
        workspace.document_changed.connect(self._on_document_changed)
        workspace.files_changed.connect(self._on_files_changed)

    def push(self, document: Document, change: Change) -> None:
        """Make a change of a document that can be undone."""
        self.stack_of(document).push(change)

    def stack_of(self, document: Document) -> QUndoStack:
        """Return the changes of a document."""
        if document not in self._stacks:
            stack = QUndoStack(self)
            stack.setUndoLimit(_MOST_CHANGES)
            self.group.addStack(stack)
            self._stacks[document] = stack
        return self._stacks[document]

    @Slot()
    def _on_document_changed(self) -> None:
        document = self._workspace.document
        # An empty stack of its own, so that nothing can be undone without a document.
        self.group.setActiveStack(self.stack_of(document) if document else self._empty)

    @Slot()
    def _on_files_changed(self) -> None:
        for document in [item for item in self._stacks if not self._workspace.is_open(item)]:
            self._stacks.pop(document).deleteLater()
