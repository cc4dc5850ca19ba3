"""Columns and layers are edited by hand, and every edit can be undone."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from simulated_lattice import COUNT, PITCH_PX
from view_actions import click, drag, locate_columns, positions, restore_image, screen_place

from atomsegnet.gui.document import COLUMNS, RAW
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.view_state import Tool

_CTRL = Qt.KeyboardModifier.ControlModifier
ALL = COUNT**2


@pytest.fixture
def located(qtbot: QtBot, window: MainWindow, open_image) -> MainWindow:
    """Return a window whose image has its columns."""
    open_image()
    locate_columns(qtbot, window)
    window.middle.view.graphics.setFocus()
    return window


def center(row: int, column: int) -> tuple[float, float]:
    """Return the true center of a column of the test image [px]."""
    return row * PITCH_PX + PITCH_PX // 2, column * PITCH_PX + PITCH_PX // 2


def undo(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_Z, _CTRL)


def test_that_selected_columns_are_deleted_and_come_back_by_undo_with_their_name(
    qtbot: QtBot, located: MainWindow
) -> None:
    before = positions(located)
    located.workspace.select_columns(np.array([3, 9, 20]))
    qtbot.keyClick(located, Qt.Key.Key_Delete)
    assert np.array_equal(positions(located), np.delete(before, [3, 9, 20], axis=0))
    assert located.menus.edits.undo.text() == "&Undo delete 3 columns"
    assert located.right.measure.method.text().endswith("edited")
    undo(qtbot, located)
    assert np.array_equal(positions(located), before)
    assert located.workspace.selection.tolist() == [3, 9, 20]
    assert located.menus.edits.redo.text() == "&Redo delete 3 columns"
    assert not located.right.measure.method.text().endswith("edited")
    qtbot.keyClick(located, Qt.Key.Key_Z, _CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert len(positions(located)) == ALL - 3


def test_that_a_click_adds_a_column_at_the_center_of_the_peak(
    qtbot: QtBot, located: MainWindow
) -> None:
    gone = int(np.argmin(np.hypot(*(positions(located) - center(3, 2)).T)))
    measured = positions(located)[gone]
    height = located.workspace.document.located.columns.amplitude[gone]
    located.workspace.select_columns(np.array([gone]))
    qtbot.keyClick(located, Qt.Key.Key_Delete)
    qtbot.keyClick(located, Qt.Key.Key_E)
    view = located.middle.view
    click(qtbot, view, measured[0] + 1.5, measured[1] - 1.5)
    qtbot.waitUntil(lambda: len(positions(located)) == ALL)
    assert positions(located)[-1] == pytest.approx(measured, abs=0.05)
    columns = located.workspace.document.located.columns
    assert columns.amplitude[-1] == pytest.approx(height, rel=0.05)
    assert np.isfinite(columns.sigmas[-1]).all()
    assert located.workspace.selection.tolist() == [ALL - 1]
    assert located.menus.edits.undo.text() == "&Undo add a column"


def test_that_a_column_stays_where_it_is_put_without_snapping(
    qtbot: QtBot, located: MainWindow
) -> None:
    qtbot.keyClick(located, Qt.Key.Key_E)
    located.middle.options.snap.click()
    view = located.middle.view
    click(qtbot, view, 12.0, 36.0)
    qtbot.waitUntil(lambda: len(positions(located)) == ALL + 1)
    # One pixel of the screen is less than a seventh of one of this image.
    assert positions(located)[-1] == pytest.approx((12.0, 36.0), abs=0.15)
    assert np.isnan(located.workspace.document.located.columns.sigmas[-1]).all()


def test_that_a_drag_moves_a_column_and_nothing_else(qtbot: QtBot, located: MainWindow) -> None:
    before = positions(located)
    index = int(np.argmin(np.hypot(*(before - center(4, 4)).T)))
    qtbot.keyClick(located, Qt.Key.Key_E)
    located.middle.options.snap.click()
    view = located.middle.view
    seen = view.view_box.viewRect()
    drag(qtbot, view, [tuple(before[index]), tuple(before[index] + (5.0, -4.0))])
    assert positions(located)[index] == pytest.approx(before[index] + (5.0, -4.0), abs=0.2)
    assert np.array_equal(np.delete(positions(located), index, 0), np.delete(before, index, 0))
    assert view.view_box.viewRect() == seen
    assert located.menus.edits.undo.text() == "&Undo move a column"
    undo(qtbot, located)
    assert np.array_equal(positions(located), before)


def test_that_a_drag_beside_the_columns_still_pans(qtbot: QtBot, located: MainWindow) -> None:
    qtbot.keyClick(located, Qt.Key.Key_E)
    view, before = located.middle.view, positions(located)
    drag(qtbot, view, [(12.0, 12.0), (30.0, 30.0)])
    assert np.array_equal(positions(located), before)
    assert view.view_box.viewRect().left() < -10


def test_that_a_box_selects_what_is_in_it_and_ctrl_adds(qtbot: QtBot, located: MainWindow) -> None:
    qtbot.keyClick(located, Qt.Key.Key_S)
    view = located.middle.view
    drag(qtbot, view, [(0.0, 0.0), (24.0, 36.0)])
    inside = np.flatnonzero((positions(located) < (24, 36)).all(axis=1))
    assert len(inside) == 6
    assert located.workspace.selection.tolist() == inside.tolist()
    drag(qtbot, view, [(60.0, 60.0), (94.0, 94.0)], _CTRL)
    assert len(located.workspace.selection) == 6 + 9
    rows = located.right.measure.table.selectionModel().selectedRows()
    assert len(rows) == 15
    qtbot.keyClick(located, Qt.Key.Key_Delete)
    assert len(positions(located)) == ALL - 15


def test_that_a_lasso_selects_what_it_surrounds(qtbot: QtBot, located: MainWindow) -> None:
    qtbot.keyClick(located, Qt.Key.Key_L)
    corner, far = (0.0, 0.0), (46.0, 0.0)
    drag(qtbot, located.middle.view, [corner, (0.0, 46.0), far, corner])
    at = positions(located)
    inside = np.flatnonzero(at.sum(axis=1) < 45)
    assert located.workspace.selection.tolist() == inside.tolist()
    assert len(inside) == 6


def test_that_the_space_bar_pans_in_any_tool(qtbot: QtBot, located: MainWindow) -> None:
    qtbot.keyClick(located, Qt.Key.Key_S)
    view = located.middle.view
    qtbot.keyPress(view.graphics, Qt.Key.Key_Space)
    drag(qtbot, view, [(20.0, 20.0), (40.0, 40.0)])
    qtbot.keyRelease(view.graphics, Qt.Key.Key_Space)
    assert view.view_box.viewRect().left() < -10
    assert len(located.workspace.selection) == 0
    drag(qtbot, view, [(0.0, 0.0), (24.0, 24.0)])
    assert len(located.workspace.selection) == 4


def test_that_auto_contrast_looks_at_the_box(qtbot: QtBot, located: MainWindow) -> None:
    located.workspace.set_active_layer(RAW)
    layer = located.workspace.document.layer(RAW)
    qtbot.keyClick(located, Qt.Key.Key_S)
    # The right half of the image has the lower peaks.
    drag(qtbot, located.middle.view, [(0.0, 50.0), (94.0, 94.0)])
    qtbot.keyClick(located, Qt.Key.Key_C)
    right = layer.picture.image[:, 50:]
    assert layer.limits.high == pytest.approx(float(np.percentile(right, 99.8)), rel=0.02)
    assert layer.limits.high < 0.8 * float(layer.picture.image.max())


def test_that_all_columns_are_selected_by_key(qtbot: QtBot, located: MainWindow) -> None:
    qtbot.keyClick(located, Qt.Key.Key_A, _CTRL)
    assert len(located.workspace.selection) == ALL
    assert len(located.right.measure.table.selectionModel().selectedRows()) == ALL


def test_that_measuring_anew_can_be_undone_to_the_edited_columns(
    qtbot: QtBot, located: MainWindow
) -> None:
    located.workspace.select_columns(np.array([0, 1]))
    qtbot.keyClick(located, Qt.Key.Key_Delete)
    edited = positions(located)
    locate_columns(qtbot, located)
    assert len(positions(located)) == ALL
    undo(qtbot, located)
    assert np.array_equal(positions(located), edited)
    assert located.workspace.document.edits == ("delete 2 columns",)
    undo(qtbot, located)
    assert len(positions(located)) == ALL


def test_that_each_image_has_its_own_undo(qtbot: QtBot, located: MainWindow, open_image) -> None:
    first = located.workspace.document.key.path
    located.workspace.select_columns(np.array([0]))
    qtbot.keyClick(located, Qt.Key.Key_Delete)
    open_image("second.tif")
    assert not located.menus.edits.undo.isEnabled()
    located.opening.show_file(first)
    undo(qtbot, located)
    assert len(positions(located)) == ALL


def test_that_editing_without_columns_says_what_to_do(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    qtbot.keyClick(window, Qt.Key.Key_E)
    click(qtbot, window.middle.view, 30.0, 30.0)
    qtbot.waitUntil(lambda: "Locate columns first" in window.middle.messages.text.text())


def test_that_a_filter_chooses_rows_and_what_it_leaves_is_deleted_in_one_go(
    qtbot: QtBot, located: MainWindow
) -> None:
    panel = located.right.measure
    amplitude = located.workspace.document.located.columns.amplitude
    weak = int((amplitude < 700).sum())
    assert 0 < weak < ALL
    qtbot.keyClicks(panel.filter.field, "amplitude < 700")
    qtbot.keyClick(panel.filter.field, Qt.Key.Key_Return)
    assert panel.table.columns.rowCount() == weak
    qtbot.mouseClick(panel.filter.select, Qt.MouseButton.LeftButton)
    located.menus.edits.parent().edit.actions()[4].trigger()
    assert len(positions(located)) == ALL - weak
    assert located.menus.edits.undo.text() == f"&Undo delete {weak} columns"
    panel.filter.field.clear()
    assert panel.table.columns.rowCount() == ALL - weak


def test_that_a_filter_that_is_not_understood_is_told_and_changes_nothing(
    qtbot: QtBot, located: MainWindow
) -> None:
    field = located.right.measure.filter.field
    qtbot.keyClicks(field, "height > 5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert located.middle.messages.text.text().startswith('There is no "height"')
    assert located.right.measure.table.columns.rowCount() == ALL


def test_that_columns_are_colored_by_a_quantity_with_a_color_bar(
    qtbot: QtBot, located: MainWindow
) -> None:
    colors = located.right.measure.colors
    view = located.middle.view
    assert not view.color_bar.isVisible()
    colors.quantity.setCurrentIndex(colors.quantity.findData("amplitude"))
    colors.quantity.activated.emit(colors.quantity.currentIndex())
    assert view.color_bar.isVisible()
    assert view.color_bar.title == "Amplitude"
    amplitude = located.workspace.document.located.columns.amplitude
    drawn = view.overlay.item.colors
    assert drawn[np.argmax(amplitude)].tolist() == [0xFD, 0xE7, 0x25]
    assert drawn[np.argmin(amplitude)].tolist() == [0x44, 0x01, 0x54]
    qtbot.keyClick(located, Qt.Key.Key_V)
    assert not view.color_bar.isVisible()


def test_that_layers_are_renamed_reordered_and_removed_with_undo(
    qtbot: QtBot, located: MainWindow
) -> None:
    restore_image(qtbot, located)
    layers, document = located.left.layers, located.workspace.document
    row = layers.row_of("denoise")
    qtbot.mouseDClick(row, Qt.MouseButton.LeftButton, pos=row.title.geometry().center())
    qtbot.keyClicks(row.editor, "Smooth")
    qtbot.keyClick(row.editor, Qt.Key.Key_Return)
    assert document.layer("denoise").title == "Smooth"
    assert located.menus.edits.undo.text() == '&Undo rename "Denoise"'
    order = [layer.name for layer in document.layers]
    assert order == [RAW, "gaussian_map", "denoise", COLUMNS]
    layers.put(RAW, 1)
    assert [layer.name for layer in document.layers] == [
        "gaussian_map",
        "denoise",
        RAW,
        COLUMNS,
    ]
    located.editing.layers.remove("gaussian_map")
    assert document.layer("gaussian_map") is None
    for _ in range(3):
        undo(qtbot, located)
    assert [layer.name for layer in document.layers] == order
    assert document.layer("denoise").title == "Denoise"


def test_that_the_buttons_follow_the_keys_and_the_keys_the_buttons(
    qtbot: QtBot, located: MainWindow
) -> None:
    buttons = located.middle.options.buttons.buttons
    qtbot.mouseClick(buttons[Tool.LASSO], Qt.MouseButton.LeftButton)
    assert located.editing.view.tool is Tool.LASSO
    assert "loop" in located.middle.options.hint.text
    qtbot.keyClick(located, Qt.Key.Key_H)
    assert buttons[Tool.PAN].isChecked()
    at = screen_place(located.middle.view, 10, 10)
    assert at.x() > 0
