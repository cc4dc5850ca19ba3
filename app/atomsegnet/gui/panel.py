"""The frame that all panels of the right column share."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

_MARGINS = (12, 8, 12, 10)
_SPACING = 7


class Panel(QWidget):
    """A bold title above the fields of one step, below a thin line."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        line.setForegroundRole(self.palette().ColorRole.Mid)
        line.setFrameShadow(QFrame.Shadow.Plain)
        self.title = QLabel(title)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        inside = QWidget()
        self.body = QVBoxLayout(inside)
        self.body.setContentsMargins(*_MARGINS)
        self.body.setSpacing(_SPACING)
        self.body.addWidget(self.title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(line)
        layout.addWidget(inside)
