"""The layers of the image: which are seen, how opaque, and which one is worked on."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QListWidgetItem, QSlider, QWidget

from atomsegnet.gui.calm_list import CalmList
from atomsegnet.gui.document import Layer
from atomsegnet.gui.elided_label import ElidedLabel
from atomsegnet.gui.icon_button import IconButton
from atomsegnet.gui.workspace import Workspace

_NAME_ROLE = Qt.ItemDataRole.UserRole
_SLIDER_WIDTH = 64


class LayerRow(QWidget):
    """Eye, title and opacity of one layer."""

    eye_clicked = Signal(str)
    opacity_moved = Signal(str, float)

    def __init__(self, layer: Layer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = layer.name
        self.eye = IconButton("eye", "Show or hide this layer (V for the chosen one)")
        self.title = ElidedLabel()
        self.title.show_text(layer.title)
        self.title.setToolTip(layer.title)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setFixedWidth(_SLIDER_WIDTH)
        self.opacity.setToolTip("Opacity")
        self.opacity.setAccessibleName(f"Opacity of {layer.title}")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 1, 8, 1)
        layout.setSpacing(6)
        layout.addWidget(self.eye)
        layout.addWidget(self.title, 1)
        layout.addWidget(self.opacity)
        self.show_layer(layer)
        self.eye.clicked.connect(self._on_eye_clicked)
        self.opacity.valueChanged.connect(self._on_opacity_moved)

    def show_layer(self, layer: Layer) -> None:
        """Show the state of the layer."""
        self.eye.set_icon_name("eye" if layer.is_visible else "eye_off")
        self.title.setEnabled(layer.is_visible)
        with QSignalBlocker(self.opacity):
            self.opacity.setValue(round(layer.opacity * 100))

    @Slot()
    def _on_eye_clicked(self) -> None:
        self.eye_clicked.emit(self.name)

    @Slot(int)
    def _on_opacity_moved(self, percent: int) -> None:
        self.opacity_moved.emit(self.name, percent / 100)


class LayerList(CalmList):
    """The layers of the document that is shown, the topmost first."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setAccessibleName("Layers")
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

    @Slot()
    def _on_layers_changed(self) -> None:
        document = self._workspace.document
        with QSignalBlocker(self):
            self.clear()
            for layer in reversed(document.layers if document is not None else []):
                row = LayerRow(layer)
                row.eye_clicked.connect(self._on_eye_clicked)
                row.opacity_moved.connect(self._workspace.set_opacity)
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
