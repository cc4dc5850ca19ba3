"""A part of the image that is done before the rest, over the layers."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, Slot

from atomsegnet.gui.column_item import ColumnItem
from atomsegnet.gui.image_item import ImageItem
from atomsegnet.gui.theme import COLUMN_COLOR
from atomsegnet.gui.view_state import Comparison, ViewState

# Over every layer, below the columns that are there already.
_DEPTH = 900


class PartItem(QObject):
    """Shows the part that the state has, in a view that shows the layers as listed."""

    def __init__(self, state: ViewState, view_box: pg.ViewBox, parent: QObject) -> None:
        super().__init__(parent)
        self._state = state
        self._view_box = view_box
        self.item: ImageItem | ColumnItem | None = None
        state.part_changed.connect(self._on_changed)
        state.comparison_changed.connect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        if self.item is not None:
            self._view_box.removeItem(self.item)
            self.item = None
        part = self._state.part
        if part is None or self._state.comparison is not Comparison.NONE:
            return
        if part.picture is not None:
            self.item = ImageItem(part.picture, part.picture.limits())
            self.item.setPos(part.region.left, part.region.top)
        elif part.positions is not None:
            color = (COLUMN_COLOR.red(), COLUMN_COLOR.green(), COLUMN_COLOR.blue())
            self.item = ColumnItem()
            self.item.show_columns(part.positions, None)
            self.item.show_colors(np.full((len(part.positions), 3), color, np.uint8))
        if self.item is not None:
            self.item.setZValue(_DEPTH)
            self._view_box.addItem(self.item, ignoreBounds=True)
