"""Rings in the scene, of the same size on the screen at any zoom, as many as there may be."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from atomsegnet.core.color_maps import Colors

FloatArray = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

# Diameter on the screen [logical pixels]: small enough that dumbbells stay apart at the zoom where
# one looks at them, smaller where rings would lie upon each other, never too small to be seen.
_RING_SIZE = 10.0
_SMALLEST_SIZE = 3.0
_SIZE_PER_SPACING = 0.65
_PEN_WIDTH = 1.5
_SELECTED_MARGIN = 3.5
# Wide enough that its middle is opaque at any place between the pixels of the screen.
_SELECTED_PEN_WIDTH = 2.5
# Rings start at a quarter of a pixel of the screen, so that none of them seems to jump.
_PHASES = 4
# Around a single column, for a zoom at which its ring is larger than the image [px].
_LEAST_MARGIN_PX = 100.0


class _Stamp(NamedTuple):
    """Pixels of a ring around the pixel of its center, and how opaque they are (1 to 255)."""

    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    opacity: npt.NDArray[np.uint32]


class _Drawn(NamedTuple):
    """What the rings were last drawn for, and how they look."""

    key: tuple[object, ...]
    image: QImage


class ColumnItem(pg.GraphicsObject):
    """Draws rings into an image of the size of the view, only those that are seen.

    Twenty thousand symbols take a painter a tenth of a second; this takes NumPy some milliseconds.
    """

    def __init__(self) -> None:
        super().__init__()
        self._positions: FloatArray = np.empty((0, 2))
        self._colors: Colors = np.empty((0, 3), dtype=np.uint8)
        self._selected: Indices = np.empty(0, dtype=np.intp)
        self._spacing_px: float | None = None
        self._outline = QRectF()
        self._version = 0
        self._drawn: _Drawn | None = None

    @property
    def positions(self) -> FloatArray:
        """Centers of the rings, (N, 2), (row, column) [px]."""
        return self._positions

    @property
    def selected(self) -> Indices:
        """Rings that stand out."""
        return self._selected

    @property
    def colors(self) -> Colors:
        """Color of each ring, uint8, shape (N, 3)."""
        return self._colors

    def show_columns(self, positions: FloatArray, spacing_px: float | None) -> None:
        """Show rings at these positions, (N, 2) [px]; the spacing [px] limits their size."""
        self.prepareGeometryChange()
        self._positions = positions
        self._spacing_px = spacing_px
        self._outline = _outline_of(positions)
        self._selected = self._selected[:0]
        self._changed()

    def show_colors(self, colors: Colors) -> None:
        """Give each ring its color, uint8, shape (N, 3)."""
        self._colors = colors
        self._changed()

    def show_selected(self, indices: Indices) -> None:
        """Let some rings stand out."""
        self._selected = indices
        self._changed()

    def _changed(self) -> None:
        self._version += 1
        self.update()

    def boundingRect(self) -> QRectF:
        """Return what holds all rings, also where the image is small on the screen [px]."""
        return self._outline

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the rings that are seen."""
        if widget is None or not len(self._positions):
            return
        ratio = widget.devicePixelRatioF()
        transform = painter.worldTransform()
        width, height = round(widget.width() * ratio), round(widget.height() * ratio)
        scale = (transform.m11() * ratio, transform.m22() * ratio)
        shift = (transform.dx() * ratio, transform.dy() * ratio)
        key = (self._version, scale, shift, width, height)
        if self._drawn is None or self._drawn.key != key:
            centers = self._positions[:, ::-1] * scale + shift
            image = self._rendered(centers, abs(scale[0]), ratio, (height, width))
            image.setDevicePixelRatio(ratio)
            self._drawn = _Drawn(key, image)
        painter.save()
        painter.resetTransform()
        painter.drawImage(QPointF(0, 0), self._drawn.image)
        painter.restore()

    def _rendered(
        self, centers: FloatArray, scale: float, ratio: float, shape: tuple[int, int]
    ) -> QImage:
        """Return the rings around their centers, (N, 2), (x, y) [pixels of the screen]."""
        size = _RING_SIZE
        if self._spacing_px:
            fitting = _SIZE_PER_SPACING * self._spacing_px * scale / ratio
            size = min(max(fitting, _SMALLEST_SIZE), _RING_SIZE)
        large = (size + 2 * _SELECTED_MARGIN) * ratio
        # Rings at the border are cut by a margin that is taken off again.
        margin = round(large) + 2
        canvas = np.zeros((shape[0] + 2 * margin, shape[1] + 2 * margin), dtype=np.uint32)
        pen = min(_PEN_WIDTH, size / 3) * ratio
        colors = _packed(self._colors)
        _stamp(canvas, centers + margin, colors, size * ratio, pen)
        chosen = self._selected
        if len(chosen):
            marked = centers[chosen] + margin
            black, white = np.zeros((2, len(chosen)), dtype=np.uint32)
            white += np.uint32(0xFFFFFF)
            thick = _SELECTED_PEN_WIDTH * ratio
            _stamp(canvas, marked, black, large + 2 * ratio, thick + 2 * ratio)
            _stamp(canvas, marked, white, large, thick)
        inside = np.ascontiguousarray(canvas[margin:-margin, margin:-margin])
        image = QImage(inside.data, shape[1], shape[0], shape[1] * 4, QImage.Format.Format_ARGB32)
        # The copy owns its memory, in the format that is drawn fastest.
        return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _outline_of(positions: FloatArray) -> QRectF:
    if not len(positions):
        return QRectF()
    top, left = positions.min(axis=0)
    bottom, right = positions.max(axis=0)
    margin = max(bottom - top, right - left) + _LEAST_MARGIN_PX
    outline = QRectF(left, top, right - left, bottom - top)
    return outline.adjusted(-margin, -margin, margin, margin)


def _packed(colors: Colors) -> npt.NDArray[np.uint32]:
    red, green, blue = colors.astype(np.uint32).T
    packed: npt.NDArray[np.uint32] = (red << 16) | (green << 8) | blue
    return packed


def _stamp(
    canvas: npt.NDArray[np.uint32],
    centers: FloatArray,
    colors: npt.NDArray[np.uint32],
    diameter: float,
    pen: float,
) -> None:
    """Draw rings around centers, (N, 2), (x, y) [pixels of the canvas]."""
    height, width = canvas.shape
    reach = int(diameter / 2 + pen) + 2
    corner = np.floor(centers).astype(np.int64)
    is_seen = np.all((corner >= reach) & (corner < (width - reach, height - reach)), axis=1)
    seen = np.flatnonzero(is_seen)
    phases = ((centers[seen] - corner[seen]) * _PHASES).astype(np.int64)
    flat = canvas.reshape(-1)
    places = corner[seen, 1] * width + corner[seen, 0]
    numbers = phases[:, 1] * _PHASES + phases[:, 0]
    order = np.argsort(numbers, kind="stable")
    ends = np.searchsorted(numbers[order], np.arange(_PHASES**2 + 1))
    for number in range(_PHASES**2):
        members = order[ends[number] : ends[number + 1]]
        if not len(members):
            continue
        stamp = _ring(round(diameter, 2), round(pen, 2), number % _PHASES, number // _PHASES)
        target = places[members, None] + (stamp.rows * width + stamp.columns)
        inked = colors[seen[members], None] | (stamp.opacity << 24)
        # Where rings meet, the more opaque pixel wins.
        flat[target] = np.maximum(flat[target], inked)


@lru_cache(maxsize=512)
def _ring(diameter: float, pen: float, phase_x: int, phase_y: int) -> _Stamp:
    reach = int(diameter / 2 + pen) + 2
    offsets = np.arange(-reach, reach + 1)
    # A center at 0.0 lies on the corner of its pixel, whose own center is at 0.5.
    shift_x, shift_y = ((phase + 0.5) / _PHASES - 0.5 for phase in (phase_x, phase_y))
    away = np.hypot(offsets[:, None] - shift_y, offsets[None, :] - shift_x)
    cover = np.clip(pen / 2 + 0.5 - np.abs(away - (diameter - pen) / 2), 0, 1)
    rows, columns = np.nonzero(cover > 0.04)
    opacity = np.rint(cover[rows, columns] * 255).astype(np.uint32)
    return _Stamp(offsets[rows], offsets[columns], opacity)
