"""Histograms of lengths, one or two over each other, with mean and standard deviation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from atomsegnet.gui.number_text import number_text

_HEIGHT = 92
_BINS = 40
# Vermilion and blue of Okabe and Ito; on dark ground their orange and sky blue.
_ON_LIGHT = (QColor(213, 94, 0, 170), QColor(0, 114, 178, 170))
_ON_DARK = (QColor(230, 159, 0, 170), QColor(86, 180, 233, 170))
_HALF = 128


class Counted(NamedTuple):
    """Values of one histogram, and what is written beside it."""

    title: str
    values: npt.NDArray[np.float64]


class CountPlot(QWidget):
    """Bars on a common scale, around the median of the first values."""

    def __init__(self, unit: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unit = unit
        self.shown: list[Counted] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return a height that leaves room for the other fields."""
        return QSize(200, _HEIGHT)

    def show_counts(self, shown: list[Counted], unit: str) -> None:
        """Show histograms of these values; without any, nothing."""
        self.shown = [item for item in shown if np.isfinite(item.values).any()]
        self._unit = unit
        self.update()

    def span(self) -> tuple[float, float]:
        """Return the ends of the scale: all values but a few odd ones."""
        values = np.concatenate([item.values[np.isfinite(item.values)] for item in self.shown])
        low, high = np.percentile(values, [0.5, 99.5])
        margin = max(0.15 * (high - low), 1e-3 * abs(high), 1e-12)
        # Lengths have no room below 0.
        lowest = 0.0 if values.min() >= 0 else -np.inf
        return float(max(low - margin, lowest)), float(high + margin)

    def colors(self) -> tuple[QColor, QColor]:
        """Return the colors of the bars, apart from each other and from the ground."""
        ground = self.palette().color(QPalette.ColorRole.Base)
        return _ON_DARK if ground.lightness() < _HALF else _ON_LIGHT

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bars, scale and titles."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.setBrush(palette.color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        if self.shown:
            self._paint_bars(painter)
        painter.end()

    def _paint_bars(self, painter: QPainter) -> None:
        low, high = self.span()
        line = self.fontMetrics().height()
        titles = line * sum(bool(item.title) for item in self.shown)
        field = QRectF(6, 6 + titles, self.width() - 12, self.height() - line - titles - 10)
        counts = [np.histogram(item.values, _BINS, (low, high))[0] for item in self.shown]
        tallest = max(1, max(int(item.max()) for item in counts))
        width = field.width() / _BINS
        painter.setPen(Qt.PenStyle.NoPen)
        colors = self.colors()
        for color, bars in zip(colors, counts, strict=False):
            painter.setBrush(color)
            for place in np.flatnonzero(bars).tolist():
                height = field.height() * bars[place] / tallest
                left = field.left() + place * width
                painter.drawRect(QRectF(left, field.bottom() - height, width, height))
        text = self.palette().color(QPalette.ColorRole.Text)
        painter.setPen(text)
        below = QRectF(field.left(), field.bottom() + 1, field.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, number_text(float(f"{low:.4g}")))
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self._unit)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, number_text(float(f"{high:.4g}")))
        # Text in color would be hard to read; a square of it stands before.
        side = line / 2 if len(self.shown) > 1 else 0.0
        for number, item in enumerate(self.shown):
            above = QRectF(field.left() + 2, 4 + number * line, field.width(), line)
            if side:
                square = QRectF(above.left(), above.center().y() - side / 2, side, side)
                painter.fillRect(square, colors[number])
                above.setLeft(square.right() + side)
            painter.drawText(above, Qt.AlignmentFlag.AlignLeft, item.title)
