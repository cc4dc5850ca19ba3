"""What clicks and drags on a view do in each tool."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, Qt, Slot
from PySide6.QtGui import QColor, QPainterPath, QPolygonF
from PySide6.QtWidgets import QGraphicsPathItem

from atomsegnet.core.lasso import box_corners, inside_loop
from atomsegnet.core.ruler import snapped
from atomsegnet.gui.column_overlay import ColumnOverlay
from atomsegnet.gui.editing import Editing
from atomsegnet.gui.view_box import DragStep, ImageViewBox, Place
from atomsegnet.gui.view_state import Region, Ruler, Tool
from atomsegnet.gui.workspace import Workspace

_DEPTH = 2000
_LINE = QColor("#ffffff")
_FILL = QColor(86, 180, 233, 50)
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier


class ViewTools(QObject):
    """Serves the clicks and drags of one view."""

    def __init__(
        self,
        workspace: Workspace,
        editing: Editing,
        view_box: ImageViewBox,
        overlay: ColumnOverlay,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._editing = editing
        self._state = editing.view
        self._overlay = overlay
        self._loop: list[Place] = []
        self._held: int | None = None
        self.outline = QGraphicsPathItem()
        self.outline.setPen(pg.mkPen(_LINE, width=1, style=Qt.PenStyle.DashLine))
        self.outline.setBrush(_FILL)
        self.outline.setZValue(_DEPTH)
        view_box.addItem(self.outline, ignoreBounds=True)
        view_box.wants_drag = self._wants_drag
        view_box.clicked.connect(self._on_clicked)
        view_box.dragged.connect(self._on_dragged)
        self._state.region_changed.connect(self._on_region_changed)

    def _wants_drag(self, start: Place) -> bool:
        if self._state.is_panning or self._workspace.document is None:
            return False
        # In the tool that moves columns, a drag beside them moves the image.
        return self._state.tool is not Tool.EDIT or self._overlay.near(*start) is not None

    @Slot(object, object)
    def _on_clicked(self, place: Place, modifiers: Qt.KeyboardModifier) -> None:
        near = self._overlay.near(*place)
        if self._state.tool is Tool.EDIT and near is None and not self._state.is_space_held:
            self._editing.columns.add(*place)
            return
        if self._state.tool is Tool.RULER:
            self._state.lay_ruler(None)
        self._state.mark_region(None)
        chosen = np.array([] if near is None else [near], dtype=np.intp)
        if modifiers & _CTRL:
            chosen = np.setxor1d(self._workspace.selection, chosen)
        self._workspace.select_columns(chosen)

    @Slot(object)
    def _on_dragged(self, step: DragStep) -> None:
        tool = self._state.tool
        if tool is Tool.EDIT:
            self._move(step)
        elif tool is Tool.BOX:
            self._box(step)
        elif tool is Tool.LASSO:
            self._lasso(step)
        elif tool is Tool.RULER:
            end = snapped(step.start, step.now) if step.modifiers & _SHIFT else step.now
            width = self._state.ruler.width_px if self._state.ruler is not None else 1
            self._state.lay_ruler(Ruler(step.start, end, width))

    def _move(self, step: DragStep) -> None:
        if step.is_first:
            self._held = self._overlay.near(*step.start)
        self._draw(_circle(step.now, self._overlay.pixel_size() * 5))
        if step.is_last:
            self._draw(None)
            if self._held is not None:
                self._editing.columns.move(self._held, *step.now)
            self._held = None

    def _box(self, step: DragStep) -> None:
        corners = box_corners(step.start, step.now)
        self._draw(_path(corners))
        if step.is_last:
            self._draw(None)
            self._state.mark_region(self._region(corners))
            self._select(corners, step.modifiers)

    def _lasso(self, step: DragStep) -> None:
        if step.is_first:
            self._loop = [step.start]
        self._loop.append(step.now)
        loop = np.array(self._loop)
        self._draw(_path(loop))
        if step.is_last:
            self._draw(None)
            self._select(loop, step.modifiers)

    def _select(self, loop: npt.NDArray[np.float64], modifiers: Qt.KeyboardModifier) -> None:
        if not self._overlay.item.isVisible():
            return
        chosen = np.flatnonzero(inside_loop(self._overlay.item.positions, loop))
        if modifiers & _CTRL:
            chosen = np.union1d(self._workspace.selection, chosen)
        self._workspace.select_columns(chosen)

    def _region(self, corners: npt.NDArray[np.float64]) -> Region | None:
        document = self._workspace.document
        if document is None:
            return None
        rows, columns = document.micrograph.shape
        # The edges of a pixel lie half a pixel from its center.
        low = np.clip(np.rint(corners.min(axis=0) + 0.5), 0, (rows, columns)).astype(int)
        high = np.clip(np.rint(corners.max(axis=0) + 0.5), 0, (rows, columns)).astype(int)
        if (high - low).min() < 1:
            return None
        return Region(int(low[0]), int(high[0]), int(low[1]), int(high[1]))

    @Slot()
    def _on_region_changed(self) -> None:
        region = self._state.region
        if region is None:
            self._draw(None)
            return
        top_left = (region.top - 0.5, region.left - 0.5)
        self._draw(_path(box_corners(top_left, (region.bottom - 0.5, region.right - 0.5))))

    def _draw(self, path: QPainterPath | None) -> None:
        self.outline.setPath(QPainterPath() if path is None else path)


def _path(corners: npt.NDArray[np.float64]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(column, row) for row, column in corners]))
    path.closeSubpath()
    return path


def _circle(center: Place, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(center[1], center[0]), radius, radius)
    return path
