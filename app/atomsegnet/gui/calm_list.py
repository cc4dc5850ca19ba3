"""A list whose chosen line is marked softly."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QListWidget, QWidget

# Part of the highlight color in the ground of the chosen line; its text keeps its color.
_STRENGTH = 0.28


class CalmList(QListWidget):
    """A list widget that mixes the color of its selection anew in each theme."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._soften()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the colors of the application."""
        super().changeEvent(event)
        # Softening changes the palette, too, but comes to the same colors the second time.
        if event.type() == QEvent.Type.PaletteChange and self._softened != self._soft_colors():
            self._soften()

    def _soften(self) -> None:
        self._softened = self._soft_colors()
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Highlight, self._softened[0])
        palette.setColor(QPalette.ColorRole.HighlightedText, self._softened[1])
        self.setPalette(palette)

    @staticmethod
    def _soft_colors() -> tuple[QColor, QColor]:
        """Return the ground and the text of the chosen line."""
        theme = QApplication.palette()
        base = theme.color(QPalette.ColorRole.Base)
        strong = theme.color(QPalette.ColorRole.Highlight)
        return _mixed(strong, base, _STRENGTH), theme.color(QPalette.ColorRole.Text)


def _mixed(one: QColor, other: QColor, part: float) -> QColor:
    return QColor.fromRgbF(
        one.redF() * part + other.redF() * (1 - part),
        one.greenF() * part + other.greenF() * (1 - part),
        one.blueF() * part + other.blueF() * (1 - part),
    )
