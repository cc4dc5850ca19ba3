"""What the colors of the columns mean, at the bottom right of a view."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from atomsegnet.core.color_maps import TWO_SIDED, color_table
from atomsegnet.core.column_quantities import color_range
from atomsegnet.gui.column_overlay import ColumnOverlay
from atomsegnet.gui.number_text import number_text
from atomsegnet.gui.view_state import ViewState
from atomsegnet.gui.workspace import Workspace

_GROUND = QColor(20, 20, 20, 190)
_BAR_WIDTH, _BAR_HEIGHT = 180, 10
_MARGIN = 9
# Of the numbers at the ends of a color bar.
SCALE_DIGITS = 4
_ICON_WIDTH, _ICON_HEIGHT = 32, 16


class ColorBar(QWidget):
    """Shown while columns are colored by a quantity."""

    def __init__(
        self, workspace: Workspace, state: ViewState, overlay: ColumnOverlay, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._workspace = workspace
        self._overlay = overlay
        self.title, self.low, self.high = "", "", ""
        self._color_map = ""
        self._corner = (0, 0)
        self.hide()
        for signal in (
            workspace.document_changed,
            workspace.columns_changed,
            workspace.layers_changed,
            workspace.layer_changed,
            overlay.changed,
            state.column_colors_changed,
        ):
            signal.connect(self._on_changed)

    def place(self, right: int, bottom: int) -> None:
        """Take a place by the lower right corner."""
        self._corner = (right, bottom)
        self.resize(self.sizeHint())
        self.move(right - self.width(), bottom - self.height())

    def sizeHint(self) -> QSize:
        """Return the room for the bar and two lines of text."""
        metrics = self.fontMetrics()
        texts = metrics.horizontalAdvance(f"{self.low}    {self.high}")
        width = max(_BAR_WIDTH, texts, metrics.horizontalAdvance(self.title))
        return QSize(width + 2 * _MARGIN, 2 * metrics.height() + _BAR_HEIGHT + 2 * _MARGIN)

    @Slot()
    def _on_changed(self, _name: str = "") -> None:
        document = self._workspace.document
        quantity = document.color_quantity() if document is not None else None
        is_shown = self._overlay.item.isVisible() and quantity is not None
        self.setVisible(is_shown)
        if is_shown and document is not None and quantity is not None:
            self._color_map = document.column_color_map
            is_two_sided = self._color_map == TWO_SIDED
            low, high = color_range(quantity.values, is_two_sided=is_two_sided)
            self.title, self.low, self.high = (
                quantity.title,
                *(number_text(end, SCALE_DIGITS) for end in (low, high)),
            )
            self.place(*self._corner)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title, bar and the values at its ends."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_GROUND)
        painter.drawRoundedRect(self.rect(), 4, 4)
        line = self.fontMetrics().height()
        inside = QRectF(self.rect()).adjusted(_MARGIN, 5, -_MARGIN, -5)
        bar = QRectF(inside.left(), inside.top() + line + 4, inside.width(), _BAR_HEIGHT)
        painter.drawImage(bar, bar_image(self._color_map))
        painter.setPen(QColor("white"))
        top = QRectF(inside.left(), inside.top(), inside.width(), line)
        painter.drawText(top, Qt.AlignmentFlag.AlignCenter, self.title)
        bottom = QRectF(inside.left(), bar.bottom() + 3, inside.width(), line)
        painter.drawText(bottom, Qt.AlignmentFlag.AlignLeft, self.low)
        painter.drawText(bottom, Qt.AlignmentFlag.AlignRight, self.high)
        painter.end()


def bar_image(color_map: str) -> QImage:
    """Return the colors of a map from left to right, one pixel high."""
    table = np.ascontiguousarray(color_table(color_map)[None])
    return QImage(table.data, 256, 1, 3 * 256, QImage.Format.Format_RGB888).copy()


def color_icon(color_map: str) -> QIcon:
    """Return a strip of the colors of a map."""
    pixmap = QPixmap(_ICON_WIDTH, _ICON_HEIGHT)
    painter = QPainter(pixmap)
    painter.drawImage(QRectF(pixmap.rect()), bar_image(color_map))
    painter.end()
    return QIcon(pixmap)
