"""Contrast of the layer that is worked on: histogram, typed limits, Auto."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from atomsegnet.core.color_maps import COLOR_MAPS
from atomsegnet.core.contrast import Limits, ordered_limits
from atomsegnet.gui.color_bar import color_icon
from atomsegnet.gui.elided_label import ElidedLabel
from atomsegnet.gui.gamma_line import GammaLine
from atomsegnet.gui.histogram_plot import HistogramPlot
from atomsegnet.gui.number_field import NumberField
from atomsegnet.gui.view_state import ViewState
from atomsegnet.gui.workspace import Workspace

_NOTE = "Contrast is for the eye only: models and measurements always see the stored numbers."


class ContrastPanel(QWidget):
    """Shows and sets the contrast of the workspace's contrast layer."""

    def __init__(
        self, workspace: Workspace, state: ViewState, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._state = state
        self.setToolTip(_NOTE)
        self.layer_name = ElidedLabel()
        self.colors = QComboBox()
        self.colors.setAccessibleName("Colors")
        self.colors.setToolTip(f"Colors of this layer.\n{_NOTE}")
        for name, title in COLOR_MAPS.items():
            self.colors.addItem(color_icon(name), title, name)
        self.plot = HistogramPlot()
        self.plot.setToolTip(f"Drag a limit; double-click resets all.\n{_NOTE}")
        self.low = NumberField("Intensity shown as black")
        self.high = NumberField("Intensity shown as white")
        self.auto = QPushButton("Auto")
        self.auto.setToolTip("Choose the limits by percentiles; repeated, more saturates (C).")
        self.auto.setAutoDefault(False)
        self.gamma = GammaLine()
        self._lay_out()
        self.plot.limits_dragged.connect(self._on_limits_dragged)
        self.plot.reset_requested.connect(workspace.reset_limits)
        self.low.number_typed.connect(self._on_number_typed)
        self.high.number_typed.connect(self._on_number_typed)
        self.low.emptied.connect(self._on_changed)
        self.high.emptied.connect(self._on_changed)
        self.auto.clicked.connect(self._state.auto_contrast)
        self.gamma.gamma_chosen.connect(self._on_gamma_chosen)
        self.colors.activated.connect(self._on_colors_chosen)
        workspace.document_changed.connect(self._on_changed)
        workspace.layers_changed.connect(self._on_changed)
        workspace.layer_changed.connect(self._on_changed)
        workspace.active_layer_changed.connect(self._on_changed)
        self._on_changed()

    def _lay_out(self) -> None:
        title = QLabel("Contrast")
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        self.layer_name.setForegroundRole(self.foregroundRole().PlaceholderText)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addSpacing(4)
        head.addWidget(self.layer_name, 1)
        head.addWidget(self.colors)
        numbers = QHBoxLayout()
        numbers.addWidget(self.low, 1)
        numbers.addWidget(self.auto)
        numbers.addWidget(self.high, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.addLayout(head)
        layout.addWidget(self.plot)
        layout.addLayout(numbers)
        layout.addWidget(self.gamma)

    @Slot()
    def _on_changed(self, _name: str = "") -> None:
        document = self._workspace.document
        self.setEnabled(document is not None)
        if document is None:
            self.plot.show_histogram(None, Limits(0.0, 1.0), 1.0)
            self.gamma.show_gamma(None)
            self.layer_name.show_text("")
            for field in (self.low, self.high):
                field.show_number(None)
            return
        layer = document.contrast_layer
        histogram = layer.picture.histogram if layer.picture is not None else None
        self.plot.show_histogram(histogram, layer.limits, layer.gamma)
        self.gamma.show_gamma(layer.gamma if layer.has_gamma else None)
        self.layer_name.show_text(layer.title)
        self.colors.setCurrentIndex(self.colors.findData(layer.color_map))
        self.low.show_number(layer.limits.low)
        self.high.show_number(layer.limits.high)

    @Slot(object)
    def _on_limits_dragged(self, limits: Limits) -> None:
        self._workspace.set_limits(limits)

    @Slot(float)
    def _on_gamma_chosen(self, gamma: float) -> None:
        self._workspace.set_gamma(gamma)
        # A number beyond the range is replaced, even where nothing changes.
        self._on_changed()

    @Slot(int)
    def _on_colors_chosen(self, _place: int) -> None:
        document = self._workspace.document
        if document is not None:
            layer = document.contrast_layer
            self._workspace.set_color_map(layer.name, self.colors.currentData())

    @Slot(float)
    def _on_number_typed(self, _number: float) -> None:
        if self.low.number is not None and self.high.number is not None:
            self._workspace.set_limits(ordered_limits(self.low.number, self.high.number))
            self._on_changed()
