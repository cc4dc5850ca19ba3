"""One line of the list of layers."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSlider, QWidget

from atomsegnet.gui.document import Layer
from atomsegnet.gui.elided_label import ElidedLabel
from atomsegnet.gui.icon_button import IconButton

_SLIDER_WIDTH = 64


class LayerRow(QWidget):
    """Eye, title and opacity of one layer."""

    eye_clicked = Signal(str)
    opacity_moved = Signal(str, float)
    renamed = Signal(str, str)

    def __init__(self, layer: Layer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = layer.name
        self.eye = IconButton("eye", "Show or hide this layer (V for the chosen one)")
        self.title = ElidedLabel()
        self.title.show_text(layer.title)
        self.title.setToolTip(f"{layer.title}\nDouble-click to rename, drag to reorder.")
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
        self.editor = QLineEdit()
        self.editor.setFrame(False)
        self.editor.hide()
        layout.addWidget(self.editor, 1)
        layout.addWidget(self.opacity)
        self.show_layer(layer)
        self.eye.clicked.connect(self._on_eye_clicked)
        self.editor.editingFinished.connect(self._on_editing_finished)
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

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Let the title be edited."""
        self.editor.setText(self.title.text)
        self.title.hide()
        self.editor.show()
        self.editor.setFocus()
        self.editor.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the title as it was."""
        if event.key() == Qt.Key.Key_Escape and self.editor.isVisible():
            self.editor.setText(self.title.text)
            self._on_editing_finished()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_editing_finished(self) -> None:
        if self.editor.isVisible():
            self.editor.hide()
            self.title.show()
            if self.editor.text() != self.title.text:
                self.renamed.emit(self.name, self.editor.text())
