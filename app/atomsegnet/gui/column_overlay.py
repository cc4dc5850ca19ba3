"""Columns drawn over the image, and which of them is near the mouse."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, Signal, Slot

from atomsegnet.core.color_maps import TWO_SIDED, Colors, colored, value_levels
from atomsegnet.core.column_quantities import color_range
from atomsegnet.gui.column_item import ColumnItem
from atomsegnet.gui.document import COLUMNS, Document
from atomsegnet.gui.theme import COLUMN_COLOR, EDGE_COLUMN_COLOR
from atomsegnet.gui.view_state import ViewState
from atomsegnet.gui.workspace import Workspace

_DEPTH = 1000
# How far from its center a ring may be clicked [logical pixels of the screen].
_REACH = 9.0


class ColumnOverlay(QObject):
    """Keeps rings on the columns of the document that is shown."""

    changed = Signal()

    def __init__(
        self, workspace: Workspace, state: ViewState, view_box: pg.ViewBox, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._view_box = view_box
        self.is_wanted: bool | None = None
        self.item = ColumnItem()
        self.item.setZValue(_DEPTH)
        view_box.addItem(self.item, ignoreBounds=True)
        workspace.document_changed.connect(self._on_columns_changed)
        workspace.columns_changed.connect(self._on_columns_changed)
        workspace.layers_changed.connect(self._on_layer_changed)
        workspace.layer_changed.connect(self._on_layer_changed)
        workspace.selection_changed.connect(self._on_selection_changed)
        state.column_colors_changed.connect(self._on_colors_changed)

    def want(self, is_wanted: bool | None) -> None:
        """Show the rings, or not; None for what the list of layers says."""
        self.is_wanted = is_wanted
        self._on_layer_changed()

    def catch_up(self) -> None:
        """Show the columns that are there already."""
        self._on_columns_changed()

    def near(self, row: float, column: float) -> int | None:
        """Return the column whose ring lies at a place [px], if one is shown."""
        positions = self.item.positions
        if not len(positions) or not self.item.isVisible():
            return None
        away = np.hypot(positions[:, 0] - row, positions[:, 1] - column)
        nearest = int(np.argmin(away))
        return nearest if away[nearest] <= _REACH * self.pixel_size() else None

    def pixel_size(self) -> float:
        """Return how many pixels of the image one logical pixel of the screen covers."""
        return float(self._view_box.viewPixelSize()[0])

    def screen_place(self, index: int) -> QPointF:
        """Return where a column is in the scene."""
        row, column = self.item.positions[index]
        return self._view_box.mapViewToScene(QPointF(column, row))

    @Slot()
    def _on_columns_changed(self) -> None:
        document = self._workspace.document
        if document is None or document.located is None:
            self.item.show_columns(np.empty((0, 2)), None)
        else:
            self.item.show_columns(document.located.columns.positions, document.spacing_px)
        self._on_colors_changed()
        self._on_selection_changed()
        self._on_layer_changed()

    @Slot()
    def _on_colors_changed(self) -> None:
        document = self._workspace.document
        if document is not None and document.located is not None:
            self.item.show_colors(column_colors(document))

    @Slot()
    def _on_layer_changed(self, _name: str = "") -> None:
        document = self._workspace.document
        layer = document.layer(COLUMNS) if document is not None else None
        is_visible = layer is not None and layer.is_visible
        wanted = is_visible if self.is_wanted is None else self.is_wanted
        self.item.setVisible(layer is not None and wanted)
        self.item.setOpacity(layer.opacity if layer is not None else 1.0)
        self.changed.emit()

    @Slot()
    def _on_selection_changed(self) -> None:
        self.item.show_selected(self._workspace.selection)


def column_colors(document: Document) -> Colors:
    """Return the color of each column of a document that has some, uint8, shape (N, 3)."""
    if document.located is None:
        return np.empty((0, 3), dtype=np.uint8)
    quantity = document.color_quantity()
    if quantity is not None:
        is_two_sided = document.column_color_map == TWO_SIDED
        low, high = color_range(quantity.values, is_two_sided=is_two_sided)
        colors = colored(value_levels(quantity.values, low, high), document.column_color_map)
        # What is not known has no place on the scale.
        return np.where(np.isfinite(quantity.values)[:, None], colors, np.uint8(128))
    plain = np.array(
        [[color.red(), color.green(), color.blue()] for color in (COLUMN_COLOR, EDGE_COLUMN_COLOR)],
        dtype=np.uint8,
    )
    return plain[document.located.columns.is_edge.astype(int)]
