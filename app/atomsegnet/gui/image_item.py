"""An image in the scene that draws only the part that is seen, at the resolution of the screen."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, qRgb
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from atomsegnet.core.color_maps import GRAY, color_table
from atomsegnet.core.contrast import Limits, gray_levels
from atomsegnet.core.picture import Picture


class _Part(NamedTuple):
    """A rectangle of one level of the pyramid, and the contrast and colors it is drawn with."""

    level: int
    top: int
    bottom: int
    left: int
    right: int
    limits: Limits
    color_map: str
    gamma: float


class ImageItem(pg.GraphicsObject):
    """A picture in gray or in colors; the center of its first pixel is at (0, 0) of the scene.

    Zoomed in, one sees square pixels; zoomed out, means over the pixels that share a screen pixel.
    """

    def __init__(self, picture: Picture, limits: Limits) -> None:
        super().__init__()
        self._picture = picture
        self._limits = limits
        self._color_map = GRAY
        self._gamma = 1.0
        self._curtain: float | None = None
        self._drawn: tuple[_Part, QImage] | None = None

    @property
    def picture(self) -> Picture:
        """What is shown."""
        return self._picture

    def set_look(self, limits: Limits, color_map: str, gamma: float) -> None:
        """Show the same image with another contrast or in other colors."""
        if (limits, color_map, gamma) != (self._limits, self._color_map, self._gamma):
            self._limits, self._color_map, self._gamma = limits, color_map, gamma
            self.update()

    def set_curtain(self, column: float | None) -> None:
        """Show only what lies to the right of a column [px]; None for all of it."""
        if column != self._curtain:
            self._curtain = column
            self.update()

    def boundingRect(self) -> QRectF:
        """Return the outline of the outermost pixels [px]."""
        rows, columns = self._picture.image.shape
        return QRectF(-0.5, -0.5, columns, rows)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the part that is seen."""
        seen = self.viewRect()
        if seen is None:
            return
        screen_px_per_px = abs(painter.deviceTransform().m11())
        part = self._part(seen.intersected(self.boundingRect()), screen_px_per_px)
        if part is None:
            return
        side = 2**part.level
        target = QRectF(
            part.left * side - 0.5,
            part.top * side - 0.5,
            (part.right - part.left) * side,
            (part.bottom - part.top) * side,
        )
        # Averaging is right where pixels are smaller than the screen's, and a lie where not.
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, side * screen_px_per_px < 1
        )
        painter.save()
        if self._curtain is not None:
            outline = self.boundingRect()
            outline.setLeft(self._curtain)
            painter.setClipRect(outline)
        painter.drawImage(target, self._image(part))
        painter.restore()

    def _part(self, seen: QRectF, screen_px_per_px: float) -> _Part | None:
        if seen.isEmpty() or screen_px_per_px <= 0:
            return None
        wanted = math.floor(math.log2(1 / screen_px_per_px)) if screen_px_per_px < 1 else 0
        level = min(wanted, len(self._picture.levels) - 1)
        rows, columns = self._picture.levels[level].shape
        side = 2**level
        top = max(0, math.floor((seen.top() + 0.5) / side))
        bottom = min(rows, math.ceil((seen.bottom() + 0.5) / side))
        left = max(0, math.floor((seen.left() + 0.5) / side))
        right = min(columns, math.ceil((seen.right() + 0.5) / side))
        if top >= bottom or left >= right:
            return None
        look = (self._limits, self._color_map, self._gamma)
        return _Part(level, top, bottom, left, right, *look)

    def _image(self, part: _Part) -> QImage:
        if self._drawn is None or self._drawn[0] != part:
            values = self._picture.levels[part.level][
                part.top : part.bottom, part.left : part.right
            ]
            gray = np.ascontiguousarray(gray_levels(values, part.limits, part.gamma))
            rows, columns = gray.shape
            image = QImage(gray.data, columns, rows, columns, QImage.Format.Format_Indexed8)
            image.setColorTable(_rgb_table(part.color_map))
            # The copy owns its memory; the array goes when this function returns.
            self._drawn = (part, image.copy())
        return self._drawn[1]


@cache
def _rgb_table(color_map: str) -> list[int]:
    return [qRgb(*color) for color in color_table(color_map).tolist()]
