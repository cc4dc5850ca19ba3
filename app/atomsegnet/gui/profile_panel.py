"""The profile along the ruler, below the image."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from atomsegnet.core.ruler import line_profile
from atomsegnet.gui.icon_button import IconButton
from atomsegnet.gui.ruler_item import ruler_text
from atomsegnet.gui.view_state import Tool, ViewState
from atomsegnet.gui.workspace import Workspace

_HEIGHT = 190


class ProfilePanel(QWidget):
    """Shows the intensities of the layer that contrast acts on, along the ruler."""

    def __init__(
        self, workspace: Workspace, state: ViewState, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._state = state
        self.text = QLabel()
        self.close_button = IconButton("close", "Put the ruler away")
        self.plot = pg.PlotWidget()
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setMenuEnabled(False)
        self.plot.getPlotItem().layout.setContentsMargins(0, 8, 8, 2)
        self.curve = self.plot.plot()
        head = QHBoxLayout()
        head.addWidget(self.text, 1)
        head.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 6, 6)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self.plot)
        self.setFixedHeight(_HEIGHT)
        self.hide()
        self.close_button.clicked.connect(self._on_close_clicked)
        state.ruler_changed.connect(self._on_changed)
        state.tool_changed.connect(self._on_changed)
        workspace.document_changed.connect(self._on_changed)
        workspace.pixel_size_changed.connect(self._on_changed)
        workspace.active_layer_changed.connect(self._on_changed)
        workspace.layers_changed.connect(self._on_changed)

    @Slot()
    def _on_close_clicked(self) -> None:
        self._state.lay_ruler(None)
        self._state.choose_tool(Tool.PAN)

    @Slot()
    def _on_changed(self) -> None:
        ruler, document = self._state.ruler, self._workspace.document
        # There before the first drag, lest the image jumps below the mouse.
        is_wanted = ruler is not None or self._state.tool is Tool.RULER
        self.setVisible(is_wanted and document is not None)
        self._color()
        if ruler is None or document is None:
            self.curve.clear()
            self.text.setText("Profile along the ruler")
            return
        layer = document.contrast_layer
        image = document.contrast_picture.image
        profile = line_profile(image, ruler.start, ruler.end, ruler.width_px)
        size = document.micrograph.pixel_size_nm
        along = profile.distance_px
        if size is not None:
            ends = np.subtract(ruler.end, ruler.start) * np.asarray(size)
            along = along / max(along[-1], 1e-9) * float(np.hypot(*ends))
        self.curve.setData(along, profile.intensity, connect="finite")
        self.plot.setLabel("bottom", "Distance (px)" if size is None else "Distance (nm)")
        wide = f"{ruler.width_px} px wide (+ and - change it)"
        self.text.setText(
            f"{ruler_text(ruler, self._workspace)}   \N{MIDDLE DOT}   {layer.title}, {wide}"
        )

    def _color(self) -> None:
        palette = self.palette()
        text = palette.color(QPalette.ColorRole.Text)
        self.plot.setBackground(palette.color(QPalette.ColorRole.Base))
        self.curve.setPen(pg.mkPen(palette.color(QPalette.ColorRole.Link), width=1.5))
        for side in ("bottom", "left"):
            axis = self.plot.getAxis(side)
            axis.setPen(text)
            axis.setTextPen(text)
            axis.enableAutoSIPrefix(False)
