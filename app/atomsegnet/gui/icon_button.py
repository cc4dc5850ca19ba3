"""A flat button with an icon that follows the colors of the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QToolButton, QWidget

from atomsegnet.gui.theme import tinted_icon

_ICON_SIDE = 16


class IconButton(QToolButton):
    """A tool button that draws its icon anew when light turns to dark."""

    def __init__(self, icon: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoRaise(True)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setIconSize(QSize(_ICON_SIDE, _ICON_SIDE))
        self._icon_name = icon
        self._tint()

    def set_icon_name(self, icon: str) -> None:
        """Show another icon."""
        if icon != self._icon_name:
            self._icon_name = icon
            self._tint()

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon in the new colors."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()

    def _tint(self) -> None:
        self.setIcon(tinted_icon(self._icon_name, self.palette()))
