"""Two layers are compared: side by side, curtain, blink, difference, four panels; the ruler."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from pytestqt.qtbot import QtBot
from view_actions import drag, locate_columns, restore_image, screen_place

from atomsegnet.gui.document import RAW
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.view_state import Comparison, Tool

_SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def compared(qtbot: QtBot, window: MainWindow, open_image) -> MainWindow:
    """Return a window with an input and an output, nothing else."""
    open_image(pixel_size_nm=0.02)
    restore_image(qtbot, window)
    return window


def gray_at(view, row: float, column: float) -> int:
    at = screen_place(view, row, column)
    shot = view.graphics.grab().toImage()
    ratio = shot.devicePixelRatio()
    return shot.pixelColor(round(at.x() * ratio), round(at.y() * ratio)).red()


def expected_gray(window: MainWindow, name: str, row: int, column: int) -> int:
    layer = window.workspace.document.layer(name)
    value = float(layer.picture.image[row, column])
    part = (value - layer.limits.low) / (layer.limits.high - layer.limits.low)
    return int(min(max(part, 0), 1) * 255)


def place_that_differs(window: MainWindow) -> tuple[int, int]:
    """Return a pixel that is clearly brighter or darker in the output."""
    names = (RAW, "denoise")
    away = [
        (abs(expected_gray(window, names[0], *at) - expected_gray(window, names[1], *at)), at)
        for at in ((row, column) for row in range(20, 70) for column in range(60, 70))
    ]
    return max(away)[1]


def test_that_side_by_side_views_share_zoom_place_and_cursor(
    qtbot: QtBot, compared: MainWindow
) -> None:
    qtbot.keyClick(compared, Qt.Key.Key_F6)
    left, right = compared.middle.compare.views
    qtbot.waitUntil(right.isVisible)
    assert (left.label.text(), right.label.text()) == ("Raw image", "Denoise")
    at = place_that_differs(compared)
    assert gray_at(left, *at) == pytest.approx(expected_gray(compared, RAW, *at), abs=2)
    assert gray_at(right, *at) == pytest.approx(expected_gray(compared, "denoise", *at), abs=2)
    left.view_box.setRange(QRectF(10, 10, 40, 40), padding=0)
    assert right.view_box.viewRect().center() == left.view_box.viewRect().center()
    assert right.view_box.viewRect().width() == pytest.approx(left.view_box.viewRect().width())
    qtbot.mouseMove(left.graphics.viewport(), screen_place(left, 30, 30))
    qtbot.waitUntil(lambda: len(right.cross.cross.points()) == 1)
    assert right.cross.cross.points()[0].pos().x() == pytest.approx(30, abs=0.5)
    compared.middle.options.link.click()
    before = right.view_box.viewRect()
    left.view_box.setRange(QRectF(0, 0, 20, 20), padding=0)
    assert right.view_box.viewRect() == before


def test_that_the_curtain_shows_one_layer_left_and_the_other_right_of_its_line(
    qtbot: QtBot, compared: MainWindow
) -> None:
    qtbot.keyClick(compared, Qt.Key.Key_F7)
    view, (row, column) = compared.middle.view, place_that_differs(compared)
    assert view.curtain.line.isVisible()
    denoised = expected_gray(compared, "denoise", row, column)
    raw = expected_gray(compared, RAW, row, column)
    assert view.curtain.place == pytest.approx(47.5)
    assert gray_at(view, row, column) == pytest.approx(denoised, abs=2)
    drag(qtbot, view, [(80, 47.5), (80, 85.0)])
    assert view.curtain.place == pytest.approx(85.0, abs=1)
    assert gray_at(view, row, column) == pytest.approx(raw, abs=2)
    qtbot.keyClick(compared, Qt.Key.Key_F5)
    assert not view.curtain.line.isVisible()
    assert gray_at(view, row, column) == pytest.approx(denoised, abs=2)


def test_that_the_blink_key_shows_one_layer_then_the_other(
    qtbot: QtBot, compared: MainWindow
) -> None:
    view, at = compared.middle.view, place_that_differs(compared)
    for name, title in ((RAW, "Raw image"), ("denoise", "Denoise"), (RAW, "Raw image")):
        qtbot.keyClick(compared, Qt.Key.Key_B)
        assert view.label.text() == title
        assert gray_at(view, *at) == pytest.approx(expected_gray(compared, name, *at), abs=2)
    qtbot.keyClick(compared, Qt.Key.Key_F5)
    assert view.label.text() == ""


def test_that_the_classic_four_panels_show_input_and_output_without_and_with_columns(
    qtbot: QtBot, compared: MainWindow
) -> None:
    locate_columns(qtbot, compared)
    compared.workspace.set_active_layer("denoise")
    qtbot.keyClick(compared, Qt.Key.Key_F8)
    views = compared.middle.compare.views
    qtbot.waitUntil(lambda: len(views) == 4 and all(view.isVisible() for view in views))
    assert [view.label.text() for view in views] == ["Raw image", "Denoise"] * 2
    assert [view.overlay.item.isVisible() for view in views] == [False, False, True, True]
    assert len(views[3].overlay.item.positions) == len(compared.workspace.document.located.columns)
    qtbot.keyClick(compared, Qt.Key.Key_F5)
    assert [view.isVisible() for view in views] == [True, False, False, False]
    assert views[0].overlay.item.isVisible()


def test_that_the_hidden_map_is_not_taken_for_the_output(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    restore_image(qtbot, window)
    locate_columns(qtbot, window)
    document = window.workspace.document
    compared = window.editing.view.compared(document)
    assert [layer.name for layer in compared] == [RAW, "denoise"]


def test_that_other_layers_can_be_compared(qtbot: QtBot, compared: MainWindow) -> None:
    locate_columns(qtbot, compared)
    qtbot.keyClick(compared, Qt.Key.Key_F6)
    second = compared.middle.options.second
    second.setCurrentIndex(second.findData("gaussian_map"))
    second.activated.emit(second.currentIndex())
    assert compared.middle.compare.views[1].label.text() == "Column map"


def test_that_the_difference_is_a_layer_with_its_zero_in_the_middle(
    qtbot: QtBot, compared: MainWindow
) -> None:
    qtbot.keyClick(compared, Qt.Key.Key_F6)
    with qtbot.waitSignal(compared.workspace.layers_changed):
        qtbot.mouseClick(compared.middle.options.difference, Qt.MouseButton.LeftButton)
    document = compared.workspace.document
    layer = document.layer(document.active_layer)
    images = [document.layer(name).picture.image for name in (RAW, "denoise")]
    assert np.array_equal(layer.picture.image, images[1] - images[0])
    assert layer.title == "Denoise \N{MINUS SIGN} Raw image"
    assert layer.limits.low == -layer.limits.high
    assert layer.color_map == "two-sided"


def test_that_layers_on_different_scales_are_not_subtracted(
    qtbot: QtBot, compared: MainWindow
) -> None:
    locate_columns(qtbot, compared)
    compared.workspace.set_active_layer("gaussian_map")
    qtbot.keyClick(compared, Qt.Key.Key_F6)
    qtbot.mouseClick(compared.middle.options.difference, Qt.MouseButton.LeftButton)
    assert "different scales" in compared.middle.messages.text.text()


def test_that_colors_change_the_screen_and_never_the_numbers(
    qtbot: QtBot, compared: MainWindow
) -> None:
    layer = compared.workspace.document.layer("denoise")
    before = layer.picture.image.copy()
    box = compared.right.contrast.colors
    assert [box.itemData(place) for place in range(5)] == [
        "gray",
        "inverted",
        "viridis",
        "magma",
        "cividis",
    ]
    box.setCurrentIndex(box.findData("inverted"))
    box.activated.emit(box.currentIndex())
    view = compared.middle.view
    expected = 255 - expected_gray(compared, "denoise", 40, 40)
    assert gray_at(view, 40, 40) == pytest.approx(expected, abs=2)
    assert np.array_equal(layer.picture.image, before)


def test_that_the_ruler_tells_length_and_angle_and_shift_snaps(
    qtbot: QtBot, compared: MainWindow
) -> None:
    qtbot.keyClick(compared, Qt.Key.Key_R)
    view, state = compared.middle.view, compared.editing.view
    drag(qtbot, view, [(70.0, 20.0), (40.0, 60.0)])
    assert math.dist(state.ruler.start, state.ruler.end) == pytest.approx(50, abs=0.5)
    length, angle = view.ruler.label.toPlainText().split(", ")
    # By the size of the window a place lies up to half a pixel of the screen beside the wanted one.
    value, unit = length.split()
    assert float(value) * {"nm": 1.0, "pm": 1e-3}[unit] == pytest.approx(1.0, abs=0.01)
    assert float(angle.rstrip("\N{DEGREE SIGN}")) == pytest.approx(36.9, abs=0.5)
    assert compared.middle.profile.isVisible()
    drag(qtbot, view, [(70.0, 20.0), (65.0, 60.0)], _SHIFT)
    assert state.ruler.end[0] == pytest.approx(state.ruler.start[0])
    assert "0.0" in view.ruler.label.toPlainText()


def test_that_plus_and_minus_widen_the_profile(qtbot: QtBot, compared: MainWindow) -> None:
    compared.workspace.set_active_layer(RAW)
    qtbot.keyClick(compared, Qt.Key.Key_R)
    state = compared.editing.view
    drag(qtbot, compared.middle.view, [(30.0, 10.0), (30.0, 80.0)])
    narrow = compared.middle.profile.curve.getData()[1]
    for _ in range(4):
        qtbot.keyClick(compared, Qt.Key.Key_Plus)
    assert state.ruler.width_px == 5
    wide = compared.middle.profile.curve.getData()[1]
    assert len(wide) == len(narrow)
    image = compared.workspace.document.micrograph.image
    row = round(state.ruler.start[0])
    column = round(state.ruler.start[1])
    near = image[row - 2 : row + 3, column].mean()
    assert wide[0] == pytest.approx(near, rel=0.15)
    qtbot.keyClick(compared, Qt.Key.Key_Minus)
    assert state.ruler.width_px == 4
    qtbot.mouseClick(compared.middle.profile.close_button, Qt.MouseButton.LeftButton)
    assert state.ruler is None
    assert not compared.middle.profile.isVisible()


def test_that_every_comparison_has_a_button(qtbot: QtBot, compared: MainWindow) -> None:
    buttons = compared.middle.options.buttons.buttons
    for comparison in Comparison:
        qtbot.mouseClick(buttons[comparison], Qt.MouseButton.LeftButton)
        assert compared.editing.view.comparison is comparison
    assert compared.editing.view.tool is Tool.PAN
