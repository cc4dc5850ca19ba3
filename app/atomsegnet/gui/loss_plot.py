"""The loss of a training run as it falls."""

from __future__ import annotations

import math
from pathlib import Path

import pyqtgraph as pg
from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QWidget

from atomsegnet.core.training_log import LOG_NAME, read_log
from atomsegnet.gui.theme import COLUMN_COLOR, EDGE_COLUMN_COLOR

_HEIGHT = 150
# A curve with more points is thinned; no screen of a side panel shows them.
_MOST_POINTS = 1000


class Curve:
    """Points of one curve by step; a step that comes again, after a resumption, takes over."""

    def __init__(self) -> None:
        self.steps: list[float] = []
        self.values: list[float] = []

    def add(self, step: float, value: float) -> bool:
        """Add a point; return whether that changed the curve."""
        if not (math.isfinite(value) and value > 0):
            return False
        if self.steps and self.steps[-1] == step and self.values[-1] == value:
            return False
        while self.steps and self.steps[-1] >= step:
            self.steps.pop()
            self.values.pop()
        self.steps.append(step)
        self.values.append(value)
        if len(self.steps) > _MOST_POINTS:
            del self.steps[1:-1:2], self.values[1:-1:2]
        return True


class LossCurves:
    """The curves of one run."""

    def __init__(self) -> None:
        self.training, self.validation = Curve(), Curve()

    @classmethod
    def of_run(cls, folder: Path) -> LossCurves:
        """Return what the log in the folder of a run tells."""
        curves = cls()
        for line in read_log(folder / LOG_NAME):
            curves.training.add(line["step"], line.get("loss", math.nan))
            curves.validation.add(line["step"], line.get("validation_loss", math.nan))
        return curves

    def add(self, step: float, loss: float, validation: float) -> bool:
        """Add the figures of a step; return whether there is something new."""
        is_new = self.training.add(step, loss)
        known = self.validation.values
        if not known or known[-1] != validation:
            is_new |= self.validation.add(step, validation)
        return is_new


class LossPlot(pg.PlotWidget):
    """Training loss as a thin line, validation loss as a thick one with points."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._is_built = False  # Qt tells of the palette before there is a plot
        super().__init__(parent)
        self.setFixedHeight(_HEIGHT)
        self.setAccessibleName("Loss of training and validation")
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        plot = self.getPlotItem()
        # Numbers at the ends of the axes need room beyond them.
        plot.setContentsMargins(0, 8, 10, 0)
        plot.setLabel("bottom", "step")
        plot.setLabel("left", "loss")
        for name in ("bottom", "left"):
            plot.getAxis(name).enableAutoSIPrefix(False)
        self.training = plot.plot(pen=pg.mkPen(EDGE_COLUMN_COLOR, width=1), name="training")
        self.validation = plot.plot(
            pen=pg.mkPen(COLUMN_COLOR, width=2),
            symbol="o",
            symbolSize=5,
            symbolPen=None,
            symbolBrush=COLUMN_COLOR,
            name="validation",
        )
        self._is_built = True
        self._color()

    def show_curves(self, curves: LossCurves) -> None:
        """Draw the curves of a run."""
        self.training.setData(curves.training.steps, curves.training.values)
        self.validation.setData(curves.validation.steps, curves.validation.values)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the colors of the window."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._is_built:
            self._color()

    def _color(self) -> None:
        palette = self.palette()
        self.setBackground(palette.color(QPalette.ColorRole.Base))
        text = palette.color(QPalette.ColorRole.Text)
        for name in ("bottom", "left"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(palette.color(QPalette.ColorRole.Mid))
            axis.setTextPen(text)
