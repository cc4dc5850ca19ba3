"""The widget that shows the scene of a view, and what it hears."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from atomsegnet.gui.theme import CANVAS


class ImageGraphicsView(pg.GraphicsView):
    """Tells of double-clicks, which pyqtgraph takes for single ones, and of the space bar."""

    double_clicked = Signal()
    space_held = Signal(bool)
    mouse_left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, background=CANVAS)
        self.setFrameShape(pg.GraphicsView.Shape.NoFrame)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Tell of it."""
        super().mouseDoubleClickEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell that the space bar is held."""
        if not self._is_space(event, True):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Tell that it is let go."""
        if not self._is_space(event, False):
            super().keyReleaseEvent(event)

    def _is_space(self, event: QKeyEvent, is_held: bool) -> bool:
        if event.key() != Qt.Key.Key_Space:
            return False
        if not event.isAutoRepeat():
            self.space_held.emit(is_held)
        return True

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Forget the space bar: its release goes elsewhere."""
        self.space_held.emit(False)
        super().focusOutEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the mouse is elsewhere."""
        self.mouse_left.emit()
        super().leaveEvent(event)
