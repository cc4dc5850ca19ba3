"""The left part of the window: files, frames, layers."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from atomsegnet.gui.editing import Editing
from atomsegnet.gui.file_list import FileList
from atomsegnet.gui.frame_chooser import FrameChooser
from atomsegnet.gui.layer_list import LayerList
from atomsegnet.gui.opening import Opening
from atomsegnet.gui.workspace import Workspace

# Six models, the raw image and the columns find room without scrolling.
_LAYERS_HEIGHT = 210


class LeftColumn(QWidget):
    """Files on top, layers at the bottom."""

    def __init__(
        self,
        workspace: Workspace,
        opening: Opening,
        editing: Editing,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.files = FileList(workspace, opening)
        self.frames = FrameChooser(workspace, opening)
        self.layers = LayerList(workspace, editing.layers)
        self.layers.setFixedHeight(_LAYERS_HEIGHT)
        for widget in (self.files, self.layers):
            widget.setFrameShape(QFrame.Shape.NoFrame)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(_heading("Files"))
        layout.addWidget(self.files, 1)
        layout.addWidget(self.frames)
        layout.addWidget(_heading("Layers"))
        layout.addWidget(self.layers)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    label.setContentsMargins(12, 10, 12, 6)
    return label
