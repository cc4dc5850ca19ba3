"""The scale bar in the image."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.units import bar_length, format_length, format_pixel_length

_MARGIN = 10
_BAR_HEIGHT = 4
_BACKGROUND = QColor(0, 0, 0, 150)
_FOREGROUND = QColor(255, 255, 255)


class ScaleBar(QWidget):
    """A bar of 1, 2 or 5 times a power of ten, at most a quarter of the view long."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.text = ""
        self.bar_width = 0.0
        font = self.font()
        font.setBold(True)
        self.setFont(font)

    def show_scale(
        self, view_width_px: float, view_width: float, pixel_size_nm: PixelSize | None
    ) -> None:
        """Choose the length for what is seen.

        Parameters
        ----------
        view_width_px : float
            Visible width of the image [px of the image].
        view_width : float
            The same on the screen [logical pixels].
        pixel_size_nm : PixelSize or None
            Size of one pixel of the image [nm].
        """
        unit_per_px = pixel_size_nm.x if pixel_size_nm is not None else 1.0
        length = bar_length(view_width_px * unit_per_px)
        written = format_length if pixel_size_nm is not None else format_pixel_length
        self.text = written(length)
        self.bar_width = length / unit_per_px / view_width_px * view_width
        self.resize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room for bar and text."""
        text_width = self.fontMetrics().horizontalAdvance(self.text)
        width = max(self.bar_width, text_width) + 2 * _MARGIN
        return QSize(round(width), self.fontMetrics().height() + _BAR_HEIGHT + 2 * _MARGIN - 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text above the bar, on a dark ground that makes both readable anywhere."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_BACKGROUND)
        painter.drawRoundedRect(self.rect(), 4, 4)
        painter.setBrush(_FOREGROUND)
        left = (self.width() - self.bar_width) / 2
        bottom = self.height() - _MARGIN + 2
        painter.drawRect(QRectF(left, bottom - _BAR_HEIGHT, self.bar_width, _BAR_HEIGHT))
        painter.setPen(_FOREGROUND)
        text_area = self.rect().adjusted(0, 4, 0, -_MARGIN - _BAR_HEIGHT)
        painter.drawText(text_area, Qt.AlignmentFlag.AlignCenter, self.text)
        painter.end()
