"""What a view shows, at its top left."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QWidget

_MARGIN = 12
_GROUND = QColor(20, 20, 20, 190)


class ViewLabel(QLabel):
    """A line of white text on a dark ground, readable on any image."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, Qt.GlobalColor.white)
        palette.setColor(QPalette.ColorRole.Window, _GROUND)
        self.setPalette(palette)
        self.setAutoFillBackground(True)
        self.setContentsMargins(8, 4, 8, 4)
        self.move(_MARGIN, _MARGIN)
        self.hide()

    def show_text(self, text: str) -> None:
        """Show a text; nothing for "" ."""
        self.setText(text)
        self.adjustSize()
        self.setVisible(bool(text))
