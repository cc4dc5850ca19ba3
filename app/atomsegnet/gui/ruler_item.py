"""The ruler on the image, with its length and angle beside it."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QColor

from atomsegnet.core.ruler import read_ruler
from atomsegnet.core.units import format_length, format_pixel_length
from atomsegnet.gui.view_state import Ruler, ViewState
from atomsegnet.gui.workspace import Workspace

_DEPTH = 2100
_COLOR = QColor("#f0e442")  # yellow of Okabe and Ito
_GROUND = QColor(20, 20, 20, 190)


class RulerItem(QObject):
    """Draws the ruler of a view."""

    def __init__(
        self, workspace: Workspace, state: ViewState, view_box: pg.ViewBox, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._state = state
        self.line = pg.PlotDataItem(
            pen=pg.mkPen(_COLOR, width=2),
            symbol="o",
            symbolSize=6,
            symbolBrush=_COLOR,
            symbolPen=None,
        )
        self.label = pg.TextItem(color=_COLOR, fill=_GROUND, anchor=(0.5, 1.3))
        for depth, item in enumerate((self.line, self.label)):
            item.setZValue(_DEPTH + depth)
            item.hide()
            view_box.addItem(item, ignoreBounds=True)
        state.ruler_changed.connect(self._on_changed)
        workspace.pixel_size_changed.connect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        ruler, document = self._state.ruler, self._workspace.document
        is_shown = ruler is not None and document is not None
        self.line.setVisible(is_shown)
        self.label.setVisible(is_shown)
        if ruler is not None and document is not None:
            (row, column), (end_row, end_column) = ruler.start, ruler.end
            self.line.setData([column, end_column], [row, end_row])
            self.label.setText(ruler_text(ruler, self._workspace))
            self.label.setPos((column + end_column) / 2, (row + end_row) / 2)


def ruler_text(ruler: Ruler, workspace: Workspace) -> str:
    """Say how long a ruler is and how it lies."""
    document = workspace.document
    size = document.micrograph.pixel_size_nm if document is not None else None
    reading = read_ruler(ruler.start, ruler.end, size)
    length = format_pixel_length(reading.length_px)
    if reading.length_nm is not None:
        length = format_length(reading.length_nm)
    return f"{length}, {reading.angle_deg:.1f}\N{DEGREE SIGN}"
