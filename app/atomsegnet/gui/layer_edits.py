"""Rename, reorder and remove layers; every step can be undone."""

from __future__ import annotations

from PySide6.QtCore import QObject

from atomsegnet.gui.document import RAW, Document, Layer, LayerKind
from atomsegnet.gui.undo import Change, UndoStacks
from atomsegnet.gui.workspace import Workspace


class LayerEdits(QObject):
    """Changes the layers of the document that is shown."""

    def __init__(self, workspace: Workspace, undo: UndoStacks, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._undo = undo

    def rename(self, name: str, title: str) -> None:
        """Give a layer another title."""
        document = self._workspace.document
        layer = document.layer(name) if document is not None else None
        if document is None or layer is None or not title.strip() or title == layer.title:
            return
        before = layer.title
        change = Change(
            f'rename "{before}"',
            lambda: self._title(document, name, title.strip()),
            lambda: self._title(document, name, before),
        )
        self._undo.push(document, change)

    def move(self, name: str, place: int) -> None:
        """Put a layer at a place counted from the bottom; columns stay on top of images."""
        document = self._workspace.document
        layer = document.layer(name) if document is not None else None
        if document is None or layer is None or layer.kind is LayerKind.COLUMNS:
            return
        before = list(document.layers)
        after = [other for other in before if other is not layer]
        highest = sum(other.kind is not LayerKind.COLUMNS for other in after)
        after.insert(max(0, min(place, highest)), layer)
        if after != before:
            self._push_order(document, f'move "{layer.title}"', before, after)

    def remove(self, name: str) -> None:
        """Take a layer away; the raw image and the columns stay."""
        document = self._workspace.document
        layer = document.layer(name) if document is not None else None
        if document is None or layer is None or name == RAW or layer.picture is None:
            return
        before = list(document.layers)
        after = [other for other in before if other is not layer]
        self._push_order(document, f'remove "{layer.title}"', before, after)

    def _push_order(
        self, document: Document, text: str, before: list[Layer], after: list[Layer]
    ) -> None:
        change = Change(
            text,
            lambda: self._order(document, before, after),
            lambda: self._order(document, after, before),
        )
        self._undo.push(document, change)

    def _title(self, document: Document, name: str, title: str) -> None:
        layer = document.layer(name)
        if layer is not None:
            layer.title = title
            self._workspace.tell_layers_changed(document)

    def _order(self, document: Document, before: list[Layer], after: list[Layer]) -> None:
        known = {layer.name for layer in before}
        # A layer may have been made anew since, or another one may have come.
        ordered = [document.layer(layer.name) or layer for layer in after]
        ordered += [layer for layer in document.layers if layer.name not in known]
        document.layers = sorted(ordered, key=lambda layer: layer.kind is LayerKind.COLUMNS)
        if document.layer(document.active_layer) is None:
            document.active_layer = RAW
        self._workspace.tell_layers_changed(document)
