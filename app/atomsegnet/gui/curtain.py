"""A line that can be dragged; to its right another layer is seen."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QColor

_DEPTH = 1900
_COLOR = QColor("#ffffff")
_HELD_COLOR = QColor("#f0e442")


class Curtain(QObject):
    """The line of one view."""

    moved = Signal()

    def __init__(self, view_box: pg.ViewBox, parent: QObject) -> None:
        super().__init__(parent)
        self._shape: tuple[int, int] | None = None
        self.line = pg.InfiniteLine(
            angle=90,
            movable=True,
            pen=pg.mkPen(_COLOR, width=2),
            hoverPen=pg.mkPen(_HELD_COLOR, width=3),
        )
        self.line.setZValue(_DEPTH)
        self.line.hide()
        view_box.addItem(self.line, ignoreBounds=True)
        self.line.sigPositionChanged.connect(self._on_moved)

    @property
    def place(self) -> float:
        """Column at which it stands [px]."""
        return float(self.line.value())

    def show_for(self, shape: tuple[int, int] | None) -> None:
        """Stand in the middle of an image of this shape; None to go away."""
        self.line.setVisible(shape is not None)
        if shape is not None and shape != self._shape:
            self.line.setBounds((-0.5, shape[1] - 0.5))
            self._shape = shape
            self.line.setValue((shape[1] - 1) / 2)

    @Slot()
    def _on_moved(self) -> None:
        if self.line.isVisible():
            self.moved.emit()
