"""What several tests of the image do with the mouse."""

from __future__ import annotations

from itertools import pairwise

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from atomsegnet.gui.image_view import ImageView
from atomsegnet.gui.main_window import MainWindow

NO_KEY = Qt.KeyboardModifier.NoModifier


def screen_place(view: ImageView, row: float, column: float) -> QPoint:
    """Return where a place of the image [px] is on the viewport."""
    return view.graphics.mapFromScene(view.view_box.mapViewToScene(QPointF(column, row)))


def click(qtbot: QtBot, view: ImageView, row: float, column: float, modifiers=NO_KEY) -> None:
    """Click on a place of the image [px]."""
    # Two clicks in one place would be a double-click.
    view.graphics.scene().clickEvents.clear()
    qtbot.mouseClick(
        view.graphics.viewport(),
        Qt.MouseButton.LeftButton,
        modifiers,
        pos=screen_place(view, row, column),
    )


def drag(qtbot: QtBot, view: ImageView, places: list[tuple[float, float]], modifiers=NO_KEY):
    """Drag along places of the image [px]."""
    # A hand is slower than a test: pyqtgraph leaves out moves that come too fast.
    pg.setConfigOption("mouseRateLimit", 0)
    viewport = view.graphics.viewport()
    at = [screen_place(view, *place) for place in places]
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, modifiers, pos=at[0])
    for start, end in pairwise(at):
        for part in range(1, 5):
            step = start + (end - start) * (part / 4)
            _move(viewport, step, modifiers)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, modifiers, pos=at[-1])


def _move(viewport, at: QPoint, modifiers) -> None:
    """Move with the button held; pytest-qt's own move knows no modifiers."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(at),
        QPointF(viewport.mapToGlobal(at)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        modifiers,
    )
    QApplication.sendEvent(viewport, event)


def locate_columns(qtbot: QtBot, window: MainWindow) -> None:
    """Press Locate and wait for the columns."""
    with qtbot.waitSignal(window.workspace.columns_changed):
        qtbot.mouseClick(window.right.locate.locate, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.jobs.is_busy)


def restore_image(qtbot: QtBot, window: MainWindow, model: str = "denoise") -> None:
    """Run a model and wait for its layer."""
    panel = window.right.restore
    panel.model.setCurrentIndex(panel.model.findData(model))
    with qtbot.waitSignal(window.workspace.layers_changed):
        qtbot.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.jobs.is_busy)


def positions(window: MainWindow):
    """Return the positions of the columns that are shown [px]."""
    return window.workspace.document.located.columns.positions
