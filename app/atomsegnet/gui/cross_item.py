"""A cross where the mouse would be if it were over this view and not over the one beside it."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QColor

from atomsegnet.gui.view_state import Comparison, ViewState

_DEPTH = 2200
_COLOR = QColor("#f0e442")


class CrossItem(QObject):
    """The cross of one view; seen only while views stand side by side."""

    def __init__(self, state: ViewState, view_box: pg.ViewBox, parent: QObject) -> None:
        super().__init__(parent)
        self._state = state
        self.cross = pg.ScatterPlotItem(symbol="+", size=15, pen=pg.mkPen(_COLOR, width=1))
        self.cross.setZValue(_DEPTH)
        view_box.addItem(self.cross, ignoreBounds=True)
        state.cross_moved.connect(self._on_cross_moved)
        state.comparison_changed.connect(self._on_cross_moved)

    @Slot()
    def _on_cross_moved(self) -> None:
        place = self._state.cross
        has_neighbors = self._state.comparison in (Comparison.SIDE_BY_SIDE, Comparison.FOUR)
        if place is None or not has_neighbors:
            self.cross.clear()
        else:
            self.cross.setData([place[1]], [place[0]])
