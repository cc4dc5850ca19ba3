"""Columns drawn over the image, at the same size on the screen at any zoom."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt, Slot

from atomsegnet.core.columns import Columns
from atomsegnet.gui.document import COLUMNS
from atomsegnet.gui.theme import COLUMN_COLOR, EDGE_COLUMN_COLOR, SELECTED_COLOR
from atomsegnet.gui.workspace import Workspace

# On the screen; small enough that dumbbells stay apart at the zoom where one looks at them.
_RING_SIZE = 7
_SELECTED_SIZE = 13
_PEN_WIDTH = 1.5


class ColumnOverlay(QObject):
    """Keeps rings on the columns of the document that is shown; a click on one selects it."""

    def __init__(self, workspace: Workspace, view_box: pg.ViewBox, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._view_box = view_box
        self.rings = pg.ScatterPlotItem(pxMode=True, size=_RING_SIZE, brush=None)
        self.edge_rings = pg.ScatterPlotItem(pxMode=True, size=_RING_SIZE, brush=None)
        self.selected = pg.ScatterPlotItem(pxMode=True, size=_SELECTED_SIZE, brush=None)
        self._items = (self.rings, self.edge_rings, self.selected)
        for depth, item in enumerate(self._items):
            item.setZValue(1000 + depth)
            view_box.addItem(item, ignoreBounds=True)
        self.rings.sigClicked.connect(self._on_clicked)
        self.edge_rings.sigClicked.connect(self._on_clicked)
        workspace.document_changed.connect(self._on_columns_changed)
        workspace.columns_changed.connect(self._on_columns_changed)
        workspace.layers_changed.connect(self._on_layer_changed)
        workspace.layer_changed.connect(self._on_layer_changed)
        workspace.selection_changed.connect(self._on_selection_changed)

    @Slot()
    def _on_columns_changed(self) -> None:
        document = self._workspace.document
        if document is None or document.located is None:
            self.rings.clear()
            self.edge_rings.clear()
        else:
            columns = document.located.columns
            self._draw_pens()
            _show(self.rings, columns, np.flatnonzero(~columns.is_edge))
            _show(self.edge_rings, columns, np.flatnonzero(columns.is_edge))
        self._on_selection_changed()
        self._on_layer_changed()

    def _draw_pens(self) -> None:
        # pyqtgraph scales symbols with the screen, but not the pens they are drawn with.
        views = self._view_box.scene().views()
        ratio = views[0].devicePixelRatioF() if views else 1.0
        colors = (COLUMN_COLOR, EDGE_COLUMN_COLOR, SELECTED_COLOR)
        for item, color in zip(self._items, colors, strict=True):
            item.setPen(pg.mkPen(color, width=_PEN_WIDTH * ratio))

    @Slot()
    def _on_layer_changed(self, _name: str = "") -> None:
        document = self._workspace.document
        layer = document.layer(COLUMNS) if document is not None else None
        for item in self._items:
            item.setVisible(layer is not None and layer.is_visible)
            item.setOpacity(layer.opacity if layer is not None else 1.0)

    @Slot()
    def _on_selection_changed(self) -> None:
        document = self._workspace.document
        if document is None or document.located is None:
            self.selected.clear()
            return
        chosen = document.located.columns.positions[self._workspace.selection]
        self.selected.setData(x=chosen[:, 1], y=chosen[:, 0])

    @Slot(object, object, object)
    def _on_clicked(self, _item: object, points: list[pg.SpotItem], event: object) -> None:
        chosen = np.array([points[0].data()], dtype=np.intp)
        modifiers: Callable[[], Qt.KeyboardModifier] = event.modifiers  # type: ignore[attr-defined]
        if modifiers() & Qt.KeyboardModifier.ControlModifier:
            chosen = np.setxor1d(self._workspace.selection, chosen)
        self._workspace.select_columns(chosen)


def _show(rings: pg.ScatterPlotItem, columns: Columns, indices: npt.NDArray[np.intp]) -> None:
    chosen = columns.positions[indices]
    rings.setData(x=chosen[:, 1], y=chosen[:, 0], data=indices)
