"""A histogram with two limits that can be dragged."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from atomsegnet.core.contrast import Histogram, Limits, ordered_limits

_HEIGHT = 84
# How near to a limit a press must be to take it.
_REACH = 8
_HANDLE_HEIGHT = 9
_SIDE = 7


class HistogramPlot(QWidget):
    """Counts on a square-root scale, so that rare intensities are seen beside frequent ones."""

    limits_dragged = Signal(object)
    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._histogram: Histogram | None = None
        self._limits = Limits(0.0, 1.0)
        self._gamma = 1.0
        self._held: int | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return a height that leaves room for the panels."""
        return QSize(240, _HEIGHT)

    def show_histogram(self, histogram: Histogram | None, limits: Limits, gamma: float) -> None:
        """Show the counts, the limits and the gamma of a layer, or nothing."""
        self._histogram = histogram
        self._limits = limits
        self._gamma = gamma
        self.update()

    def position_of(self, value: float) -> float:
        """Return where an intensity lies [logical pixels from the left]."""
        low, high = self._span()
        return _SIDE + (value - low) / (high - low) * (self.width() - 2 * _SIDE)

    def value_at(self, position: float) -> float:
        """Return the intensity at a place [logical pixels from the left]."""
        low, high = self._span()
        return low + (position - _SIDE) / (self.width() - 2 * _SIDE) * (high - low)

    def _span(self) -> tuple[float, float]:
        if self._histogram is None:
            return 0.0, 1.0
        return self._histogram.low, self._histogram.high

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the limit that is near."""
        if event.button() == Qt.MouseButton.LeftButton and self._histogram is not None:
            self._held = self._near(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the limit that is held, and say by the cursor which one could be."""
        position = event.position().x()
        if self._held is None:
            can_drag = self._histogram is not None and self._near(position) is not None
            shape = Qt.CursorShape.SplitHCursor if can_drag else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            return
        low, high = self._span()
        value = min(max(self.value_at(position), low), high)
        other = self._limits[1 - self._held]
        # A limit stops at the other one; it does not push it.
        moved = (min(value, other), other) if self._held == 0 else (other, max(value, other))
        self.limits_dragged.emit(ordered_limits(*moved))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the limit go."""
        self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the limits as on load."""
        self._held = None
        self.reset_requested.emit()

    def _near(self, position: float) -> int | None:
        distances = [abs(self._handle_position(which) - position) for which in (0, 1)]
        # Of two limits in one place the one is taken that can move away from it.
        nearest = int(
            distances[1] < distances[0]
            or (distances[0] == distances[1] and position > self._handle_position(1))
        )
        return nearest if distances[nearest] <= _REACH else None

    def _handle_position(self, which: int) -> float:
        """Return where a limit is drawn: at the border if it lies outside."""
        return min(max(self.position_of(self._limits[which]), _SIDE), self.width() - _SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, counts and limits."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.setBrush(palette.color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(frame, 3, 3)
        if self._histogram is not None:
            self._paint_counts(painter, self._histogram)
            for which in (0, 1):
                self._paint_limit(painter, self._handle_position(which))
            if self._gamma != 1:
                self._paint_gamma(painter)
        painter.end()

    def _paint_counts(self, painter: QPainter, histogram: Histogram) -> None:
        heights = np.sqrt(histogram.counts / max(1, histogram.counts.max()))
        room = self.height() - _HANDLE_HEIGHT - 8
        bottom = self.height() - _HANDLE_HEIGHT - 2
        edges = np.linspace(_SIDE, self.width() - _SIDE, len(heights) + 1)
        outline = [QPointF(edges[0], bottom)]
        for height, left, right in zip(heights, edges[:-1], edges[1:], strict=True):
            top = bottom - height * room
            outline += [QPointF(left, top), QPointF(right, top)]
        outline.append(QPointF(edges[-1], bottom))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._faint(90))
        painter.drawPolygon(QPolygonF(outline))
        left, right = self._handle_position(0), self._handle_position(1)
        painter.setClipRect(QRectF(left, 0, right - left, self.height()))
        painter.setBrush(self._faint(200))
        painter.drawPolygon(QPolygonF(outline))
        painter.setClipping(False)

    def _paint_gamma(self, painter: QPainter) -> None:
        """Draw which level each intensity between the limits becomes."""
        left, right = (self.position_of(limit) for limit in self._limits)
        bottom, top = self.height() - _HANDLE_HEIGHT - 2, 6
        parts = np.linspace(0, 1, 65)
        heights = bottom - parts**self._gamma * (bottom - top)
        places = left + parts * (right - left)
        painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setClipRect(QRectF(_SIDE, 0, self.width() - 2 * _SIDE, self.height()))
        painter.drawPolyline(QPolygonF(list(map(QPointF, places, heights))))
        painter.setClipping(False)

    def _paint_limit(self, painter: QPainter, position: float) -> None:
        color = self.palette().color(QPalette.ColorRole.Highlight)
        bottom = self.height() - 2
        painter.setPen(color)
        painter.drawLine(QPointF(position, 3), QPointF(position, bottom - _HANDLE_HEIGHT))
        painter.setBrush(color)
        tip = QPointF(position, bottom - _HANDLE_HEIGHT - 1)
        left, right = QPointF(position - 6, bottom), QPointF(position + 6, bottom)
        painter.drawPolygon(QPolygonF([tip, right, left]))

    def _faint(self, alpha: int) -> QColor:
        color = self.palette().color(QPalette.ColorRole.Text)
        color.setAlpha(alpha)
        return color
