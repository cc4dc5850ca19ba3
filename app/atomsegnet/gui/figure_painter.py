"""Draw a figure on anything that Qt can paint on."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from atomsegnet.core.figure_panel import ColorScale, Figure, FigureColumns, FigurePanel
from atomsegnet.core.units import bar_length, format_length, format_pixel_length
from atomsegnet.gui.color_bar import SCALE_DIGITS, bar_image
from atomsegnet.gui.number_text import number_text

# All lengths are parts of the width of the figure, 1000 units.
WIDTH = 1000.0
_GAP = 10.0
_TEXT = 22.0
_SMALL_TEXT = 17.0
_STRIP = 64.0
_BAR_HEIGHT = 14.0
_MARGIN = 12.0
_PLATE = QColor(20, 20, 20, 190)
# So many columns are painted before the thread rests for a moment.
_BETWEEN_RESTS = 200
_RING_PER_SPACING = 0.32
_RING_RANGE = (1.2, 16.0)


def figure_height(figure: Figure) -> float:
    """Return the height of a figure that is `WIDTH` wide."""
    rows = -(-len(figure.panels) // _across(figure))
    _, height = _panel_size(figure)
    return rows * height + (rows - 1) * _GAP + (_STRIP if figure.scales else 0.0)


def paint_figure(painter: QPainter, figure: Figure) -> None:
    """Draw a figure into a field of `WIDTH` by its height."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width, height = _panel_size(figure)
    painter.fillRect(QRectF(0, 0, WIDTH, figure_height(figure)), Qt.GlobalColor.white)
    for number, panel in enumerate(figure.panels):
        row, column = divmod(number, _across(figure))
        place = QRectF(column * (width + _GAP), row * (height + _GAP), width, height)
        _paint_panel(painter, place, panel)
        if number == 0:
            _paint_scale_bar(painter, place, panel, figure)
    if figure.scales:
        _paint_scales(painter, figure)


def _across(figure: Figure) -> int:
    return min(2, len(figure.panels))


def _panel_size(figure: Figure) -> tuple[float, float]:
    rows, columns = figure.panels[0].colors.shape[:2]
    across = _across(figure)
    width = (WIDTH - (across - 1) * _GAP) / across
    return width, width * rows / columns


def _paint_panel(painter: QPainter, place: QRectF, panel: FigurePanel) -> None:
    rows, columns = panel.colors.shape[:2]
    pixels = np.ascontiguousarray(panel.colors)
    image = QImage(pixels.data, columns, rows, columns * 3, QImage.Format.Format_RGB888).copy()
    painter.save()
    painter.setClipRect(place)
    # Pixels stay squares when they are enlarged.
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(place, image)
    if panel.columns is not None:
        _paint_columns(painter, place, panel.columns, place.width() / columns)
    painter.restore()
    if panel.title:
        font = _font(_SMALL_TEXT)
        metrics = QFontMetricsF(font)
        plate = QRectF(
            place.left() + _MARGIN,
            place.top() + _MARGIN,
            metrics.horizontalAdvance(panel.title) + 16,
            metrics.height() + 6,
        )
        _paint_plate(painter, plate)
        painter.setFont(font)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, panel.title)


def _paint_columns(painter: QPainter, place: QRectF, columns: FigureColumns, zoom: float) -> None:
    spacing = columns.spacing_px if columns.spacing_px is not None else np.inf
    radius = float(np.clip(_RING_PER_SPACING * spacing * zoom, *_RING_RANGE))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setOpacity(columns.opacity)
    # The center of a pixel lies half a pixel from its corner.
    centers = (columns.positions[:, ::-1] + 0.5) * zoom + (place.left(), place.top())
    order = np.lexsort(columns.colors.T)
    before: tuple[int, ...] | None = None
    colors = columns.colors[order].tolist()
    for number, ((x, y), color) in enumerate(zip(centers[order], colors, strict=True)):
        if number % _BETWEEN_RESTS == 0:
            time.sleep(0.001)  # lets the window's own thread have its turn
        if tuple(color) != before:
            before = tuple(color)
            painter.setPen(QPen(QColor(*color), max(0.8, radius / 4)))
        painter.drawEllipse(QPointF(x, y), radius, radius)
    painter.setOpacity(1.0)


def _paint_scale_bar(painter: QPainter, place: QRectF, panel: FigurePanel, figure: Figure) -> None:
    columns = panel.colors.shape[1]
    size = figure.pixel_size_nm
    unit_per_px = size.x if size is not None else 1.0
    length = bar_length(columns * unit_per_px)
    label = format_length(length) if size is not None else format_pixel_length(length)
    width = length / unit_per_px * place.width() / columns
    font = _font(_TEXT, is_bold=True)
    metrics = QFontMetricsF(font)
    plate = QRectF(0, 0, max(width, metrics.horizontalAdvance(label)) + 24, metrics.height() + 22)
    plate.moveBottomLeft(place.bottomLeft() + QPointF(_MARGIN, -_MARGIN))
    _paint_plate(painter, plate)
    painter.setFont(font)
    painter.setPen(Qt.GlobalColor.white)
    text = plate.adjusted(0, 3, 0, -16)
    painter.drawText(text, Qt.AlignmentFlag.AlignCenter, label)
    bar = QRectF(plate.center().x() - width / 2, plate.bottom() - 14, width, 5)
    painter.fillRect(bar, Qt.GlobalColor.white)


def _paint_scales(painter: QPainter, figure: Figure) -> None:
    top = figure_height(figure) - _STRIP
    room = WIDTH / len(figure.scales)
    for number, scale in enumerate(figure.scales):
        _paint_scale(painter, QRectF(number * room, top, room, _STRIP), scale)


def _paint_scale(painter: QPainter, place: QRectF, scale: ColorScale) -> None:
    inside = place.adjusted(_MARGIN, 8, -_MARGIN, -4)
    bar = QRectF(inside.left(), inside.top(), inside.width(), _BAR_HEIGHT)
    painter.drawImage(bar, bar_image(scale.color_map))
    painter.setPen(QPen(QColor("#606060"), 0.8))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(bar)
    painter.setFont(_font(_SMALL_TEXT))
    painter.setPen(Qt.GlobalColor.black)
    text = QRectF(inside.left(), bar.bottom() + 2, inside.width(), place.bottom() - bar.bottom())
    top = Qt.AlignmentFlag.AlignTop
    painter.drawText(text, top | Qt.AlignmentFlag.AlignLeft, number_text(scale.low, SCALE_DIGITS))
    painter.drawText(text, top | Qt.AlignmentFlag.AlignHCenter, scale.title)
    painter.drawText(text, top | Qt.AlignmentFlag.AlignRight, number_text(scale.high, SCALE_DIGITS))


def _paint_plate(painter: QPainter, plate: QRectF) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_PLATE)
    painter.drawRoundedRect(plate, 4, 4)


def _font(size: float, *, is_bold: bool = False) -> QFont:
    font = QFont()
    # In the units of the figure, whatever the resolution of the paper.
    font.setPixelSize(round(size))
    font.setBold(is_bold)
    return font
