"""One line that bends the contrast of an image."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from atomsegnet.core.contrast import GAMMA_RANGE
from atomsegnet.gui.icon_button import IconButton
from atomsegnet.gui.number_field import NumberField

_STEPS = 100
_FIELD_WIDTH = 56
_TIP = "Below 1, what is dark becomes brighter; above 1, darker. For the eye only."


class GammaLine(QWidget):
    """Slider, number, and a button that goes back to 1."""

    gamma_chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(-_STEPS, _STEPS)
        self.slider.setAccessibleName("Gamma")
        self.slider.setToolTip(_TIP)
        self.number = NumberField("Gamma")
        self.number.setToolTip(_TIP)
        self.number.setFixedWidth(_FIELD_WIDTH)
        self.reset = IconButton("reset", "Gamma back to 1")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(QLabel("Gamma"))
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.number)
        layout.addWidget(self.reset)
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.number.number_typed.connect(self._on_number_typed)
        self.number.emptied.connect(self._on_reset)
        self.reset.clicked.connect(self._on_reset)

    def show_gamma(self, gamma: float | None) -> None:
        """Show the gamma of a layer; None for one that has none."""
        self.setEnabled(gamma is not None)
        self.reset.setEnabled(gamma not in (None, 1.0))
        self.number.show_number(gamma)
        with QSignalBlocker(self.slider):
            self.slider.setValue(_place(gamma or 1.0))

    @Slot(int)
    def _on_slider_moved(self, place: int) -> None:
        self.gamma_chosen.emit(round(GAMMA_RANGE[1] ** (place / _STEPS), 2))

    @Slot(float)
    def _on_number_typed(self, number: float) -> None:
        low, high = GAMMA_RANGE
        self.gamma_chosen.emit(min(max(number, low), high))

    @Slot()
    def _on_reset(self) -> None:
        self.gamma_chosen.emit(1.0)


def _place(gamma: float) -> int:
    """Return where on the slider a gamma lies; equal steps are equal ratios."""
    return round(math.log(gamma, GAMMA_RANGE[1]) * _STEPS)
