"""Restore, locate, threshold, measure, on the worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QPointF, Qt
from pytestqt.qtbot import QtBot
from simulated_lattice import COUNT, fake_process

from atomsegnet.core.errors import ModelError
from atomsegnet.core.progress import Progress
from atomsegnet.gui.document import COLUMNS, RAW
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.runs import MAP_MODEL, PREVIEW_METHOD
from atomsegnet.tasks import locate, process


class Gate:
    """A model that reports without end until it is let through."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()

    def process(self, micrograph, model="denoise", *, report, **options):
        while not self.opened.wait(0.002):
            self.entered.set()
            report(Progress(1, 4, "tile"))
        return fake_process(micrograph, model, report=report, **options)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(process, "process", gate.process)
    monkeypatch.setattr(locate, "process", gate.process)
    yield gate
    gate.opened.set()


def located(window: MainWindow):
    return window.workspace.document.located


def locate_columns(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.workspace.columns_changed):
        qtbot.mouseClick(window.right.locate.locate, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.jobs.is_busy)


@pytest.mark.parametrize("place", range(5))
def test_that_each_model_makes_a_layer(
    qtbot: QtBot, window: MainWindow, open_image, place: int
) -> None:
    open_image()
    panel = window.right.restore
    panel.model.setCurrentIndex(place)
    with qtbot.waitSignal(window.workspace.layers_changed):
        qtbot.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    document = window.workspace.document
    assert [layer.name for layer in document.layers] == [RAW, panel.model.currentData()]
    assert document.active_layer == panel.model.currentData()
    assert window.right.contrast.layer_name.text() == panel.model.currentText()
    assert panel.explanation.text()


def test_that_the_button_waits_while_the_model_runs(
    qtbot: QtBot, window: MainWindow, open_image, gate: Gate
) -> None:
    open_image()
    run = window.right.restore.run
    qtbot.mouseClick(run, Qt.MouseButton.LeftButton)
    assert not run.isEnabled()
    gate.opened.set()
    qtbot.waitUntil(run.isEnabled)


def test_that_progress_appears_after_a_second_with_cancel_at_its_side(
    qtbot: QtBot, window: MainWindow, open_image, gate: Gate
) -> None:
    open_image()
    bar = window.right.jobs
    height = bar.height()
    qtbot.mouseClick(window.right.restore.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(gate.entered.is_set)
    assert not bar.cancel.isVisible()
    qtbot.waitUntil(bar.cancel.isVisible)
    qtbot.waitUntil(lambda: "1 of 4" in bar.figures.text())
    assert "s left" in bar.figures.text()
    assert bar.height() == height
    qtbot.mouseClick(bar.cancel, Qt.MouseButton.LeftButton)
    assert bar.label.text.startswith("Cancelling")
    qtbot.waitUntil(lambda: not window.jobs.is_busy)
    assert not bar.cancel.isVisible()
    assert window.workspace.document.processed == {}


def test_that_cancelling_keeps_the_earlier_result(
    qtbot: QtBot, window: MainWindow, open_image, gate: Gate
) -> None:
    open_image()
    gate.opened.set()
    locate_columns(qtbot, window)
    earlier = located(window)
    gate.opened.clear()
    gate.entered.clear()
    qtbot.mouseClick(window.right.restore.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(gate.entered.is_set)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.jobs.is_busy)
    assert located(window) is earlier


def test_that_a_result_lands_on_the_image_it_came_from(
    qtbot: QtBot, window: MainWindow, open_image, gate: Gate
) -> None:
    first = open_image("first.tif")
    qtbot.mouseClick(window.right.locate.locate, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(gate.entered.is_set)
    open_image("second.tif")
    gate.opened.set()
    qtbot.waitUntil(lambda: not window.jobs.is_busy)
    assert window.workspace.document.key.path.name == "second.tif"
    assert located(window) is None
    assert window.right.measure.count.text() == "\N{EN DASH}"
    with qtbot.waitSignal(window.workspace.document_changed):
        window.opening.show_file(first)
    assert located(window).micrograph.source == first
    assert "columns" in window.left.files.item(0).text()


def test_that_a_result_for_a_closed_image_is_dropped(
    qtbot: QtBot, window: MainWindow, open_image, gate: Gate
) -> None:
    open_image()
    qtbot.mouseClick(window.right.locate.locate, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(gate.entered.is_set)
    qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not window.jobs.is_busy)
    assert window.workspace.document is None
    assert window.workspace.paths == []


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
    assert len(window.middle.view.overlay.rings.points()) == COUNT**2


def test_that_rings_keep_their_size_on_the_screen(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    locate_columns(qtbot, window)
    rings = window.middle.view.overlay.rings
    before = rings.pixelPadding()
    window.middle.view.zoom(4)
    assert rings.opts["pxMode"]
    assert rings.pixelPadding() == before


def test_that_columns_follow_the_threshold_without_another_run(
    qtbot: QtBot, window: MainWindow, open_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_image()
    locate_columns(qtbot, window)
    panel = window.right.locate
    assert panel.automatic.isChecked()
    otsu = located(window).threshold
    assert panel.number.value() == pytest.approx(otsu, abs=1e-3)
    monkeypatch.setattr(locate, "process", None)
    monkeypatch.setattr(process, "process", None)
    with qtbot.waitSignal(window.workspace.columns_changed):
        panel.slider.setValue(950)
    assert located(window).threshold == pytest.approx(0.95)
    assert located(window).method == PREVIEW_METHOD
    assert not window.right.export.csv.isEnabled()
    assert len(located(window).columns) < COUNT**2
    assert not panel.automatic.isChecked()
    with qtbot.waitSignal(window.workspace.columns_changed):
        pass
    assert located(window).method == "gaussian-2d"
    assert window.right.export.csv.isEnabled()
    with qtbot.waitSignals([window.workspace.columns_changed] * 2):
        panel.automatic.click()
    assert located(window).threshold == pytest.approx(otsu)
    assert len(located(window).columns) == COUNT**2


def test_that_another_method_measures_the_columns_anew(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    locate_columns(qtbot, window)
    method = window.right.locate.method
    with qtbot.waitSignal(window.workspace.columns_changed):
        method.setCurrentIndex(method.findData("weighted-centroid"))
    assert located(window).columns.method == "weighted-centroid"


def test_that_moving_on_measures_the_image_that_was_left(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image("first.tif")
    locate_columns(qtbot, window)
    first = window.workspace.document
    with qtbot.waitSignal(window.workspace.columns_changed):
        window.right.locate.slider.setValue(700)
    assert first.is_preview
    open_image("second.tif")
    qtbot.waitUntil(lambda: not window.jobs.is_busy)
    assert not first.is_preview
    assert first.located.threshold == pytest.approx(0.7)


def test_that_a_model_that_fails_is_told_in_one_sentence(
    qtbot: QtBot, window: MainWindow, open_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args, **_options):
        raise ModelError("The weights of 'denoise' are damaged.")

    open_image()
    monkeypatch.setattr(process, "process", fail)
    with qtbot.waitSignal(window.workspace.posted):
        qtbot.mouseClick(window.right.restore.run, Qt.MouseButton.LeftButton)
    assert window.middle.messages.text.text() == "The weights of 'denoise' are damaged."
    qtbot.waitUntil(window.right.restore.run.isEnabled)


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
    assert len(window.middle.view.overlay.selected.points()) == 1
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
    assert not overlay.rings.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_V)
    assert overlay.rings.isVisible()
    qtbot.mouseClick(layers.row_of(MAP_MODEL).eye, Qt.MouseButton.LeftButton)
    assert window.workspace.document.layer(MAP_MODEL).is_visible
    layers.row_of(MAP_MODEL).opacity.setValue(40)
    assert window.workspace.document.layer(MAP_MODEL).opacity == 0.4
