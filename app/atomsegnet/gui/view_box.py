"""What the mouse does to the part of the scene that is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal

Place = tuple[float, float]


class DragStep(NamedTuple):
    """One moment of a drag with a tool.

    Attributes
    ----------
    start, now : tuple of float
        Where it began and where it is, (row, column) [px].
    is_first, is_last : bool
        Whether it begins or ends.
    modifiers : Qt.KeyboardModifier
        Keys that are held.
    """

    start: Place
    now: Place
    is_first: bool
    is_last: bool
    modifiers: Qt.KeyboardModifier


class ImageViewBox(pg.ViewBox):
    """Wheel zooms at the cursor; left and middle drag pan unless a tool wants the left one."""

    clicked = Signal(object, object)
    dragged = Signal(object)

    def __init__(self) -> None:
        super().__init__(lockAspect=True, invertY=True, enableMenu=False)
        self.wants_drag: Callable[[Place], bool] = lambda _start: False
        self._has_tool_drag = False

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Pan or use the tool; pyqtgraph's zoom by dragging with the right button surprises."""
        if ev.button() == Qt.MouseButton.RightButton:
            ev.ignore()
            return
        start = self._place(ev.buttonDownScenePos())
        if ev.isStart():
            is_left = ev.button() == Qt.MouseButton.LeftButton
            self._has_tool_drag = is_left and self.wants_drag(start)
        if not self._has_tool_drag:
            super().mouseDragEvent(ev, axis)
            return
        ev.accept()
        now = self._place(ev.scenePos())
        self.dragged.emit(DragStep(start, now, ev.isStart(), ev.isFinish(), ev.modifiers()))

    def mouseClickEvent(self, ev: Any) -> None:
        """Tell where a click was."""
        if ev.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(self._place(ev.scenePos()), ev.modifiers())
            ev.accept()

    def _place(self, scene_position: QPointF) -> Place:
        position = self.mapSceneToView(scene_position)
        return position.y(), position.x()
