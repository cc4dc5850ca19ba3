"""The layers of the image: which are seen, how opaque, and which one is worked on."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidgetItem, QMenu, QWidget

from atomsegnet.gui.calm_list import CalmList
from atomsegnet.gui.document import RAW
from atomsegnet.gui.layer_edits import LayerEdits
from atomsegnet.gui.layer_row import LayerRow
from atomsegnet.gui.workspace import Workspace

_NAME_ROLE = Qt.ItemDataRole.UserRole


class LayerList(CalmList):
    """The layers of the document that is shown, the topmost first."""

    def __init__(
        self, workspace: Workspace, edits: LayerEdits, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._edits = edits
        self.setAccessibleName("Layers")
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu_requested)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentItemChanged.connect(self._on_current_changed)
        workspace.document_changed.connect(self._on_layers_changed)
        workspace.layers_changed.connect(self._on_layers_changed)
        workspace.layer_changed.connect(self._on_layer_changed)
        workspace.active_layer_changed.connect(self._on_active_changed)

    def row_of(self, name: str) -> LayerRow | None:
        """Return the row of a layer."""
        rows = (self.itemWidget(self.item(place)) for place in range(self.count()))
        return next((row for row in rows if isinstance(row, LayerRow) and row.name == name), None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Leave files to the window."""
        if event.source() is self:
            super().dragEnterEvent(event)
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Put the layer that is dragged where it is let go."""
        dragged = self.currentItem()
        target = self.indexAt(event.position().toPoint()).row()
        below = self.count() if target < 0 else target
        if self.dropIndicatorPosition() is QAbstractItemView.DropIndicatorPosition.BelowItem:
            below += 1
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        if dragged is not None:
            self.put(dragged.data(_NAME_ROLE), below)

    def put(self, name: str, line: int) -> None:
        """Put a layer above what is in a line now, counted from the top."""
        names = [self.item(place).data(_NAME_ROLE) for place in range(self.count())]
        if name in names:
            others = [other for other in names[line:] if other != name]
            self._edits.move(name, len(others))

    @Slot(QPoint)
    def _on_menu_requested(self, place: QPoint) -> None:
        item = self.itemAt(place)
        layer = item.data(_NAME_ROLE) if item is not None else RAW
        menu = QMenu(self)
        remove = menu.addAction("Remove This Layer")
        document = self._workspace.document
        found = document.layer(layer) if document is not None else None
        remove.setEnabled(found is not None and layer != RAW and found.picture is not None)
        remove.triggered.connect(lambda: self._edits.remove(layer))
        menu.popup(self.viewport().mapToGlobal(place))

    @Slot()
    def _on_layers_changed(self) -> None:
        document = self._workspace.document
        with QSignalBlocker(self):
            self.clear()
            for layer in reversed(document.layers if document is not None else []):
                row = LayerRow(layer)
                row.eye_clicked.connect(self._on_eye_clicked)
                row.opacity_moved.connect(self._workspace.set_opacity)
                row.renamed.connect(self._edits.rename)
                item = QListWidgetItem()
                item.setData(_NAME_ROLE, layer.name)
                item.setSizeHint(QSize(0, row.sizeHint().height()))
                self.addItem(item)
                self.setItemWidget(item, row)
        self._on_active_changed()

    @Slot(str)
    def _on_layer_changed(self, name: str) -> None:
        document = self._workspace.document
        layer = document.layer(name) if document is not None else None
        row = self.row_of(name)
        if layer is not None and row is not None:
            row.show_layer(layer)

    @Slot()
    def _on_active_changed(self) -> None:
        document = self._workspace.document
        active = document.active_layer if document is not None else ""
        with QSignalBlocker(self):
            for place in range(self.count()):
                if self.item(place).data(_NAME_ROLE) == active:
                    self.setCurrentRow(place)

    @Slot(str)
    def _on_eye_clicked(self, name: str) -> None:
        document = self._workspace.document
        layer = document.layer(name) if document is not None else None
        if layer is not None:
            self._workspace.set_visible(name, not layer.is_visible)

    @Slot(QListWidgetItem, QListWidgetItem)
    def _on_current_changed(self, current: QListWidgetItem | None, _before: object) -> None:
        if current is not None:
            self._workspace.set_active_layer(current.data(_NAME_ROLE))
