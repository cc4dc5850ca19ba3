"""The image: zoom, pan, scale bar, status line."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from atomsegnet.core.settings import Theme
from atomsegnet.gui.image_view import ImageView
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.number_text import number_text


def place_of(view: ImageView, row: float, column: float) -> QPoint:
    """Return where a pixel of the image is on the viewport."""
    scene = view.view_box.mapViewToScene(QPointF(column, row))
    return view.graphics.mapFromScene(scene)


def turn_wheel(view: ImageView, at: QPoint, angle: int = 120) -> None:
    viewport = view.graphics.viewport()
    event = QWheelEvent(
        QPointF(at),
        QPointF(viewport.mapToGlobal(at)),
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


def is_fitted(view: ImageView, rows: int, columns: int) -> bool:
    seen = view.view_box.viewRect()
    covers = seen.left() <= -0.5 and seen.right() >= columns - 0.5
    covers = covers and seen.top() <= -0.5 and seen.bottom() >= rows - 0.5
    tight = seen.width() < columns * 1.02 or seen.height() < rows * 1.02
    return covers and tight


def test_that_an_opened_image_is_fitted_with_square_pixels_and_row_0_on_top(
    window: MainWindow, open_image
) -> None:
    open_image()
    view = window.middle.view
    assert is_fitted(view, 96, 96)
    corner, down, right = (place_of(view, *at) for at in ((0, 0), (90, 0), (0, 90)))
    assert down.y() > corner.y()
    assert right.x() > corner.x()
    assert abs((down.y() - corner.y()) - (right.x() - corner.x())) <= 1


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_that_the_ground_around_the_image_is_dark_and_neutral(
    window: MainWindow, open_image, theme: Theme
) -> None:
    open_image(image=np.tile(np.arange(96, dtype=np.float32), (24, 1)))
    window.theming.choose(theme)
    shot = window.middle.view.graphics.grab().toImage()
    for place in ((3, 3), (shot.width() - 3, 3), (3, shot.height() - 3)):
        color = shot.pixelColor(*place)
        assert color.lightness() < 50
        assert max(color.getRgb()[:3]) - min(color.getRgb()[:3]) <= 2


def test_that_the_wheel_zooms_at_the_cursor(window: MainWindow, open_image) -> None:
    open_image()
    view = window.middle.view
    at = place_of(view, 20, 70)
    width = view.view_box.viewRect().width()
    turn_wheel(view, at)
    assert view.view_box.viewRect().width() < width
    assert (place_of(view, 20, 70) - at).manhattanLength() <= 2


def test_that_a_drag_pans_and_double_click_fits(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    view = window.middle.view
    viewport = view.graphics.viewport()
    start = place_of(view, 48, 48)
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for step in (10, 30, 60):
        qtbot.mouseMove(viewport, start + QPoint(step, step))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + QPoint(60, 60))
    assert not is_fitted(view, 96, 96)
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=start)
    qtbot.waitUntil(lambda: is_fitted(view, 96, 96))


class Frames(QObject):
    """Counts how often the view is drawn."""

    count = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_that_a_move_of_the_image_draws_it_once(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    viewport = window.middle.view.graphics.viewport()
    window.middle.view.zoom(2)
    for _ in range(3):
        QApplication.processEvents()
    frames = Frames()
    viewport.installEventFilter(frames)
    turn_wheel(window.middle.view, viewport.rect().center())
    for _ in range(3):
        QApplication.processEvents()
    assert frames.count == 1


def test_that_keys_fit_and_show_actual_size(qtbot: QtBot, window: MainWindow, open_image) -> None:
    open_image()
    view = window.middle.view
    qtbot.keyClick(window, Qt.Key.Key_1)
    one = place_of(view, 48, 49) - place_of(view, 48, 48)
    seen = view.view_box.viewRect()
    assert one.x() in (0, 1, 2)
    assert seen.width() == pytest.approx(view.view_box.width() * view.devicePixelRatioF(), rel=0.01)
    qtbot.keyClick(window, Qt.Key.Key_0)
    assert is_fitted(view, 96, 96)


def test_that_a_fitted_image_stays_fitted_when_the_window_changes(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    window.resize(1100, 700)
    qtbot.waitUntil(lambda: is_fitted(window.middle.view, 96, 96))


def test_that_real_pixels_are_seen_when_zoomed_in(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    board = np.indices((16, 16)).sum(axis=0) % 2
    open_image("board.tif", image=board.astype(np.float32))
    view = window.middle.view
    shot = view.graphics.grab().toImage()
    ratio = shot.devicePixelRatio()

    def gray(row: float, column: float) -> int:
        at = place_of(view, row, column)
        return shot.pixelColor(round(at.x() * ratio), round(at.y() * ratio)).red()

    for row, column in ((4, 4), (4, 5), (5, 5), (9, 2)):
        expected = 255 * ((row + column) % 2)
        # The middle and the rim of a pixel look alike: nothing was blurred.
        assert {gray(row + dy, column + dx) for dy in (-0.3, 0, 0.3) for dx in (-0.3, 0, 0.3)} == {
            expected
        }


def test_that_the_scale_bar_is_chosen_anew_on_zoom(window: MainWindow, open_image) -> None:
    open_image(pixel_size_nm=0.02)
    view = window.middle.view
    assert view.scale_bar.isVisible()
    before = view.scale_bar.text
    assert before.split()[0] in {"1", "2", "5", "10", "20", "50", "100", "200", "500"}
    for _ in range(12):
        turn_wheel(view, place_of(view, 48, 48))
    assert view.scale_bar.text != before
    length_px = view.scale_bar.bar_width / view.view_box.width() * view.view_box.viewRect().width()
    value, unit = view.scale_bar.text.split()
    length_nm = float(value) * {"pm": 1e-3, "nm": 1.0}[unit]
    assert length_px * 0.02 == pytest.approx(length_nm, rel=1e-6)


def test_that_the_scale_bar_counts_pixels_without_a_pixel_size(
    window: MainWindow, open_image
) -> None:
    open_image(pixel_size_nm=None)
    assert window.middle.view.scale_bar.text.endswith(" px")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (2956130.4, "2956130"),
        (-0.012345678, "-0.0123457"),
        (250.5, "250.5"),
        (8214.88, "8214.88"),
        (1.5e-7, "1.5e-07"),
        (3e12, "3e+12"),
        (100, "100"),
    ],
)
def test_that_numbers_are_written_plainly_where_they_are_short(number: float, text: str) -> None:
    assert number_text(number) == text


def test_that_the_status_line_tells_place_and_raw_intensity(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image(pixel_size_nm=0.02)
    view = window.middle.view
    qtbot.mouseMove(view.graphics.viewport(), place_of(view, 30, 54))
    qtbot.waitUntil(lambda: bool(window.position.text()))
    text = window.position.text()
    row, column = (round(part) for part in window.workspace.pointer)
    intensity = window.workspace.document.micrograph.image[row, column]
    assert abs(row - 30) <= 1
    assert abs(column - 54) <= 1
    assert f"raw {number_text(float(intensity), 7)}" in text
    assert " nm" in text
    assert " px" in text
    QGuiApplication.clipboard().clear()
    label, middle = window.position, window.position.rect().center()
    qtbot.mouseDClick(label, Qt.MouseButton.LeftButton, pos=QPoint(30, middle.y()))
    qtbot.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text().strip()
    assert copied
    assert copied in text
