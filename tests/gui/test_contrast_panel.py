"""The histogram beside the image."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from atomsegnet.core.contrast import Limits
from atomsegnet.core.picture import make_picture
from atomsegnet.gui.document import Layer, LayerKind
from atomsegnet.gui.main_window import MainWindow


def limits(window: MainWindow) -> Limits:
    return window.workspace.document.contrast_layer.limits


def drag(qtbot: QtBot, window: MainWindow, from_value: float, to_value: float) -> None:
    plot = window.right.contrast.plot
    start, end = (round(plot.position_of(value)) for value in (from_value, to_value))
    height = plot.height() // 2
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=QPoint(start, height))
    qtbot.mouseMove(plot, QPoint((start + end) // 2, height))
    qtbot.mouseMove(plot, QPoint(end, height))
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=QPoint(end, height))


def test_that_contrast_is_chosen_by_percentiles_on_load(window: MainWindow, open_image) -> None:
    open_image()
    image = window.workspace.document.micrograph.image
    low, high = limits(window)
    assert 0 < np.mean(image < low) < 0.01
    assert 0 < np.mean(image > high) < 0.01


def test_that_both_limits_can_be_dragged(qtbot: QtBot, window: MainWindow, open_image) -> None:
    open_image()
    before = limits(window)
    middle = (before.low + before.high) / 2
    drag(qtbot, window, before.high, middle)
    assert limits(window).low == before.low
    assert limits(window).high == pytest.approx(middle, rel=0.03)
    drag(qtbot, window, before.low, (before.low + middle) / 2)
    assert limits(window).low == pytest.approx((before.low + middle) / 2, rel=0.06)


def test_that_a_limit_stops_at_the_other(qtbot: QtBot, window: MainWindow, open_image) -> None:
    open_image()
    before = limits(window)
    drag(qtbot, window, before.low, before.high + 50)
    assert limits(window).low < limits(window).high
    assert limits(window).high == pytest.approx(before.high, rel=1e-3)


def test_that_a_double_click_resets(qtbot: QtBot, window: MainWindow, open_image) -> None:
    open_image()
    before = limits(window)
    drag(qtbot, window, before.high, (before.low + before.high) / 2)
    qtbot.mouseDClick(window.right.contrast.plot, Qt.MouseButton.LeftButton)
    assert limits(window) == before


def test_that_numbers_can_be_typed(qtbot: QtBot, window: MainWindow, open_image) -> None:
    open_image()
    field = window.right.contrast.low
    field.selectAll()
    qtbot.keyClicks(field, "250,5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert limits(window).low == 250.5
    assert field.text() == "250.5"


@pytest.mark.parametrize("typed", ["", "abc", "nan", "1e999"])
def test_that_what_is_no_number_is_undone(
    qtbot: QtBot, window: MainWindow, open_image, typed: str
) -> None:
    open_image()
    before, field = limits(window), window.right.contrast.high
    shown = field.text()
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClicks(field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert limits(window) == before
    assert field.text() == shown


def test_that_auto_saturates_more_each_time(qtbot: QtBot, window: MainWindow, open_image) -> None:
    open_image()
    widths = [limits(window).high - limits(window).low]
    for press in range(3):
        if press % 2:
            qtbot.mouseClick(window.right.contrast.auto, Qt.MouseButton.LeftButton)
        else:
            qtbot.keyClick(window, Qt.Key.Key_C)
        widths.append(limits(window).high - limits(window).low)
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == 4


def test_that_auto_after_a_drag_starts_as_on_load(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    before = limits(window)
    drag(qtbot, window, before.high, (before.low + before.high) / 2)
    qtbot.keyClick(window, Qt.Key.Key_C)
    assert limits(window) == before


def test_that_contrast_never_changes_the_data(qtbot: QtBot, window: MainWindow, open_image) -> None:
    open_image()
    image = window.workspace.document.micrograph.image.copy()
    qtbot.keyClick(window, Qt.Key.Key_C)
    drag(qtbot, window, limits(window).low, limits(window).low + 200)
    assert np.array_equal(window.workspace.document.micrograph.image, image)
    assert "eye only" in window.right.contrast.toolTip()


def gamma(window: MainWindow) -> float:
    return window.workspace.document.contrast_layer.gamma


def test_that_gamma_is_typed_dragged_and_reset(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    line = window.right.contrast.gamma
    line.number.selectAll()
    qtbot.keyClicks(line.number, "0,5")
    qtbot.keyClick(line.number, Qt.Key.Key_Return)
    assert gamma(window) == 0.5
    assert line.slider.value() < 0
    for _ in range(3):
        qtbot.keyClick(line.slider, Qt.Key.Key_PageUp)
    assert gamma(window) > 0.5
    qtbot.mouseClick(line.reset, Qt.MouseButton.LeftButton)
    assert (gamma(window), line.slider.value(), line.number.text()) == (1.0, 0, "1")
    line.number.selectAll()
    qtbot.keyClicks(line.number, "90")
    qtbot.keyClick(line.number, Qt.Key.Key_Return)
    assert (gamma(window), line.number.text()) == (5.0, "5")
    qtbot.mouseDClick(window.right.contrast.plot, Qt.MouseButton.LeftButton)
    assert gamma(window) == 1.0


def test_that_gamma_makes_dark_parts_brighter_and_leaves_the_data(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    image = window.workspace.document.micrograph.image.copy()

    def brightness() -> float:
        seen = (
            window.middle.view.graphics.grab()
            .toImage()
            .convertToFormat(QImage.Format.Format_Grayscale8)
        )
        return float(np.frombuffer(seen.constBits(), np.uint8).mean())

    before = brightness()
    window.workspace.set_gamma(0.5)
    assert brightness() > before + 10
    assert np.array_equal(window.workspace.document.micrograph.image, image)


def test_that_signed_colors_have_no_gamma(qtbot: QtBot, window: MainWindow, open_image) -> None:
    open_image()
    image = window.workspace.document.micrograph.image
    layer = Layer("signed", "Signed", LayerKind.SIGNED, make_picture(image - image.mean()))
    window.workspace.put_layer(window.workspace.document, layer)
    assert not window.right.contrast.gamma.slider.isEnabled()
    window.workspace.set_gamma(0.5)
    assert gamma(window) == 1.0
