"""The histogram of the column map, with the threshold on it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

_HEIGHT = 38
_BINS = 100


class ThresholdPlot(QWidget):
    """Counts on a logarithmic scale; a drag moves the threshold."""

    threshold_dragged = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts: npt.NDArray[np.int64] | None = None
        self._threshold = 0.5
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.SplitHCursor)

    def sizeHint(self) -> QSize:
        """Return a height that leaves room for the other fields."""
        return QSize(160, _HEIGHT)

    def show_map(self, probabilities: npt.NDArray[np.float32] | None) -> None:
        """Show how often the values of a map occur, 0 to 1; None for no map."""
        self.counts = None
        if probabilities is not None:
            self.counts, _ = np.histogram(probabilities, bins=_BINS, range=(0.0, 1.0))
        self.update()

    def show_threshold(self, threshold: float) -> None:
        """Put the line at a threshold, 0 to 1."""
        self._threshold = threshold
        self.update()

    def position_of(self, threshold: float) -> float:
        """Return where a threshold lies [logical pixels from the left]."""
        return 1 + threshold * (self.width() - 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the line."""
        self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the line."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event)

    def _drag(self, event: QMouseEvent) -> None:
        if self.counts is not None:
            part = (event.position().x() - 1) / (self.width() - 2)
            self.threshold_dragged.emit(min(max(part, 0.001), 0.999))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw counts and line; what counts as a column is darker."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.setBrush(palette.color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(frame, 3, 3)
        if self.counts is not None:
            self._paint_counts(painter, self.counts)
        painter.end()

    def _paint_counts(self, painter: QPainter, counts: npt.NDArray[np.int64]) -> None:
        heights = np.log1p(counts) / max(1.0, float(np.log1p(counts.max())))
        bottom, room = self.height() - 2, self.height() - 8
        edges = np.linspace(1, self.width() - 1, len(counts) + 1)
        outline = [QPointF(edges[0], bottom)]
        for height, left, right in zip(heights, edges[:-1], edges[1:], strict=True):
            outline += [
                QPointF(left, bottom - height * room),
                QPointF(right, bottom - height * room),
            ]
        outline.append(QPointF(edges[-1], bottom))
        place = self.position_of(self._threshold)
        text = self.palette().color(QPalette.ColorRole.Text)
        painter.setPen(Qt.PenStyle.NoPen)
        for left, right, alpha in ((0.0, place, 80), (place, float(self.width()), 190)):
            painter.setClipRect(QRectF(left, 0, right - left, self.height()))
            painter.setBrush(QColor(text.red(), text.green(), text.blue(), alpha))
            painter.drawPolygon(QPolygonF(outline))
        painter.setClipping(False)
        painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
        painter.drawLine(QPointF(place, 2), QPointF(place, bottom))
