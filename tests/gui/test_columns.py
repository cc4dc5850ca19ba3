"""Columns: rings, table, layers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication
from pytestqt.qtbot import QtBot
from simulated_lattice import COUNT, fake_process

from atomsegnet.gui.document import COLUMNS, RAW
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.runs import MAP_MODEL
from atomsegnet.gui.theme import COLUMN_COLOR, EDGE_COLUMN_COLOR
from atomsegnet.tasks import locate


def located(window: MainWindow):
    return window.workspace.document.located


def locate_columns(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.workspace.columns_changed):
        qtbot.mouseClick(window.right.locate.locate, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.jobs.is_busy)


def test_that_locate_finds_the_columns_and_tells_how_far_apart_they_are(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image(pixel_size_nm=0.02)
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: located(window) is not None)
    assert len(located(window).columns) == COUNT**2
    assert window.right.measure.count.text().startswith(str(COUNT**2))
    spacing_px, spacing_nm = window.right.measure.spacing.text().split("\N{MIDDLE DOT}")
    assert float(spacing_px.split()[0]) == pytest.approx(12, abs=0.3)
    assert float(spacing_nm.split()[0]) == pytest.approx(0.24, abs=0.006)
    map_layer = window.workspace.document.layer(MAP_MODEL)
    assert not map_layer.is_visible
    assert len(window.middle.view.overlay.item.positions) == COUNT**2


def ring_radius(window: MainWindow, index: int) -> int:
    """Return the outer radius of the ring of a column on the screen [px]."""
    view = window.middle.view
    for layer in window.workspace.document.layers[:-1]:
        window.workspace.set_visible(layer.name, False)
    at = view.graphics.mapFromScene(view.overlay.screen_place(index))
    shot = view.graphics.grab().toImage()
    colors = [shot.pixelColor(at.x() + x, at.y()) for x in range(40)]
    is_lit = [color.red() - color.blue() > 60 for color in colors]
    return is_lit.index(False, is_lit.index(True))


def test_that_rings_keep_their_size_on_the_screen(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    locate_columns(qtbot, window)
    before = ring_radius(window, 27)
    window.middle.view.zoom(2)
    assert abs(ring_radius(window, 27) - before) <= 1
    assert 4 <= before <= 8


def test_that_rings_shrink_where_they_would_lie_upon_each_other(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    locate_columns(qtbot, window)
    before = ring_radius(window, 27)
    window.middle.view.zoom(1 / 9)
    assert ring_radius(window, 27) < before


def test_that_table_and_rings_share_their_selection(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    locate_columns(qtbot, window)
    table = window.right.measure.table
    assert table.columns.rowCount() == COUNT**2
    table.selectionModel().select(
        table.columns.index(3, 0),
        QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
    )
    assert window.workspace.selection.tolist() == [3]
    assert window.middle.view.overlay.item.selected.tolist() == [3]
    view = window.middle.view
    row, column = located(window).columns.positions[20]
    at = view.graphics.mapFromScene(view.view_box.mapViewToScene(QPointF(column, row)))
    qtbot.mouseClick(view.graphics.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: window.workspace.selection.tolist() == [20])
    assert [index.row() for index in table.selectionModel().selectedRows()] == [20]


def test_that_the_table_sorts_by_number_and_not_by_text(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    locate_columns(qtbot, window)
    table = window.right.measure.table
    table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    shown = [float(table.columns.data(table.columns.index(row, 2))) for row in range(COUNT**2)]
    assert shown == sorted(shown, reverse=True)
    window.workspace.select_columns(np.array([0]))
    row = table.selectionModel().selectedRows()[0].row()
    assert table.columns.data(table.columns.index(row, 0)) == "1"


def test_that_layers_can_be_hidden_and_faded(qtbot: QtBot, window: MainWindow, open_image) -> None:
    open_image()
    locate_columns(qtbot, window)
    layers, overlay = window.left.layers, window.middle.view.overlay
    assert [layers.item(row).data(Qt.ItemDataRole.UserRole) for row in range(3)] == [
        COLUMNS,
        MAP_MODEL,
        RAW,
    ]
    qtbot.keyClick(window, Qt.Key.Key_V)
    assert not overlay.item.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_V)
    assert overlay.item.isVisible()
    qtbot.mouseClick(layers.row_of(MAP_MODEL).eye, Qt.MouseButton.LeftButton)
    assert window.workspace.document.layer(MAP_MODEL).is_visible
    layers.row_of(MAP_MODEL).opacity.setValue(40)
    assert window.workspace.document.layer(MAP_MODEL).opacity == 0.4


def test_that_an_image_without_columns_shows_none_and_says_so(
    qtbot: QtBot, window: MainWindow, open_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def empty(micrograph, model="denoise", **options):
        processed = fake_process(micrograph, model)
        blank = np.zeros_like(processed.image)
        return replace(processed, image=blank, working_image=blank)

    monkeypatch.setattr(locate, "process", empty)
    open_image()
    locate_columns(qtbot, window)
    assert window.right.measure.count.text() == "0"
    assert window.right.measure.table.columns.rowCount() == 0
    assert len(window.middle.view.overlay.item.positions) == 0
    window.middle.view.grab()


def test_that_selected_rows_are_copied_as_text(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    locate_columns(qtbot, window)
    table = window.right.measure.table
    window.workspace.select_columns(np.array([2, 5]))
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]
    assert lines[0][:2] == ["#", "x (px)"]
    assert [line[0] for line in lines[1:]] == ["3", "6"]
    assert {len(line) for line in lines} == {table.columns.columnCount()}


# Vienot, Brettel and Mollon, Color Res. Appl. 24, 243 (1999), doi
# 10.1002/(SICI)1520-6378(199908)24:4<243::AID-COL5>3.0.CO;2-3: what eyes without one of two kinds
# of cones see of linear RGB, and plain gray for eyes without any.
EYES = {
    "all cones": np.eye(3),
    "no long cones": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    "no middle cones": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
}


@pytest.mark.parametrize("eye", EYES)
def test_that_rings_of_columns_and_of_edge_columns_differ_for_any_eye(eye: str) -> None:
    from skimage.color import deltaE_ciede2000, rgb2lab

    def seen(color: QColor) -> np.ndarray:
        encoded = np.array(color.getRgbF()[:3])
        linear = np.where(encoded > 0.04045, ((encoded + 0.055) / 1.055) ** 2.4, encoded / 12.92)
        blind = np.clip(np.asarray(EYES[eye]) @ linear, 0, 1)
        again = np.where(blind > 0.0031308, 1.055 * blind ** (1 / 2.4) - 0.055, 12.92 * blind)
        return rgb2lab(again[None, None])[0, 0]

    columns, edges = seen(COLUMN_COLOR), seen(EDGE_COLUMN_COLOR)
    assert deltaE_ciede2000(columns, edges) > 25
    # And both from the dark ground and the gray of an image.
    for gray in (30, 128):
        ground = seen(QColor(gray, gray, gray))
        assert min(deltaE_ciede2000(ground, ring) for ring in (columns, edges)) > 15
