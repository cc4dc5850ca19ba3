"""The yellow field."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.pixel_size_field import PixelSizeField


@pytest.fixture
def pixel_size(window: MainWindow) -> PixelSizeField:
    return window.middle.pixel_size


def type_in(qtbot: QtBot, pixel_size: PixelSizeField, text: str) -> None:
    pixel_size.field.selectAll()
    qtbot.keyClick(pixel_size.field, Qt.Key.Key_Delete)
    qtbot.keyClicks(pixel_size.field, text)
    qtbot.keyClick(pixel_size.field, Qt.Key.Key_Return)


def test_that_a_stored_pixel_size_is_shown_as_the_files(
    window: MainWindow, open_image, pixel_size: PixelSizeField
) -> None:
    open_image(pixel_size_nm=0.02)
    assert float(pixel_size.field.text()) == pytest.approx(0.02)
    assert pixel_size.origin.text().endswith("from file")
    assert not pixel_size.is_yellow


def test_that_a_missing_pixel_size_is_asked_for_in_yellow_and_marked_when_typed(
    qtbot: QtBot, window: MainWindow, open_image, pixel_size: PixelSizeField
) -> None:
    open_image(pixel_size_nm=None)
    assert pixel_size.is_yellow
    assert pixel_size.field.text() == ""
    type_in(qtbot, pixel_size, "0.01")
    assert window.workspace.document.micrograph.pixel_size_nm == (0.01, 0.01)
    assert window.workspace.document.is_pixel_size_typed
    assert pixel_size.origin.text().endswith("typed")
    assert not pixel_size.is_yellow
    assert window.middle.view.scale_bar.text.endswith(("nm", "pm"))


def test_that_an_emptied_field_goes_back_to_the_files_pixel_size(
    qtbot: QtBot, window: MainWindow, open_image, pixel_size: PixelSizeField
) -> None:
    open_image(pixel_size_nm=0.02)
    type_in(qtbot, pixel_size, "0.5")
    assert window.workspace.document.is_pixel_size_typed
    type_in(qtbot, pixel_size, "")
    assert window.workspace.document.micrograph.pixel_size_nm.x == pytest.approx(0.02)
    assert not window.workspace.document.is_pixel_size_typed
    assert float(pixel_size.field.text()) == pytest.approx(0.02)


@pytest.mark.parametrize("typed", ["0", "-0.01", "1e9"])
def test_that_an_impossible_pixel_size_is_refused_in_one_sentence(
    qtbot: QtBot, window: MainWindow, open_image, pixel_size: PixelSizeField, typed: str
) -> None:
    open_image(pixel_size_nm=None)
    with qtbot.waitSignal(window.workspace.posted):
        type_in(qtbot, pixel_size, typed)
    assert window.workspace.document.micrograph.pixel_size_nm is None
    assert pixel_size.is_yellow


def test_that_a_typed_pixel_size_is_kept_while_other_files_are_shown(
    qtbot: QtBot, window: MainWindow, open_image, pixel_size: PixelSizeField
) -> None:
    path = open_image("a.tif", pixel_size_nm=None)
    type_in(qtbot, pixel_size, "0.01")
    open_image("b.tif", pixel_size_nm=None)
    assert pixel_size.is_yellow
    with qtbot.waitSignal(window.workspace.document_changed):
        window.opening.show_file(path)
    assert float(pixel_size.field.text()) == 0.01
    assert pixel_size.origin.text().endswith("typed")
