"""Lattice, maps, and the quality report."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from simulated_lattice import COUNT, PITCH_PX
from view_actions import locate_columns, positions

from atomsegnet.gui.main_window import MainWindow

_CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def located(qtbot: QtBot, window: MainWindow, open_image) -> MainWindow:
    """Return a window whose image has its columns."""
    open_image(pixel_size_nm=0.02)
    locate_columns(qtbot, window)
    window.middle.view.graphics.setFocus()
    return window


def measure(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.editing.lattice.measured):
        qtbot.keyClick(window, Qt.Key.Key_L, _CTRL | Qt.KeyboardModifier.ShiftModifier)


def test_that_the_lattice_tells_its_spacings_with_a_histogram(
    qtbot: QtBot, located: MainWindow
) -> None:
    tab = located.right.measure.lattice
    located.right.measure.tabs.setCurrentWidget(tab)
    assert not tab.map.isEnabled()
    measure(qtbot, located)
    assert len(tab.plot.shown) == 2
    for item in tab.plot.shown:
        assert np.mean(item.values) == pytest.approx(PITCH_PX * 0.02, rel=0.01)
        assert "N = " in item.title
    assert "cell: a = " in tab.text.text()
    tab.plot.grab()
    assert tab.map.isEnabled()


def test_that_what_the_lattice_tells_is_in_the_table_and_among_the_colors(
    qtbot: QtBot, located: MainWindow
) -> None:
    panel = located.right.measure
    fields = panel.table.columns.columnCount()
    measure(qtbot, located)
    assert panel.table.columns.columnCount() == fields + 7
    assert panel.colors.quantity.findData("strain_x") > 0
    located.workspace.select_columns(np.array([0]))
    qtbot.keyClick(located, Qt.Key.Key_Delete)
    # The lattice of other columns is another one.
    assert located.workspace.document.lattice is None
    assert panel.colors.quantity.findData("strain_x") < 0
    assert not panel.lattice.map.isEnabled()


def test_that_a_map_of_the_displacements_is_a_layer(qtbot: QtBot, located: MainWindow) -> None:
    measure(qtbot, located)
    tab = located.right.measure.lattice
    located.right.measure.tabs.setCurrentWidget(tab)
    tab.map_of.setCurrentIndex(tab.map_of.findData("displacement_x"))
    with qtbot.waitSignal(located.workspace.layers_changed):
        qtbot.mouseClick(tab.map, Qt.MouseButton.LeftButton)
    document = located.workspace.document
    layer = document.layer("map_displacement_x")
    assert document.active_layer == layer.name
    assert layer.picture.image.shape == document.micrograph.shape
    assert layer.limits.low == -layer.limits.high
    values = {item.name: item.values for item in document.quantities()}["displacement_x"]
    inner = np.flatnonzero(np.all((positions(located) > 20) & (positions(located) < 76), axis=1))
    for index in inner:
        row, column = np.rint(positions(located)[index]).astype(int)
        # Between samples of the map, a few pixels apart, the peak of a column is cut a little.
        near = layer.picture.image[row - 3 : row + 4, column - 3 : column + 4]
        assert near.min() - 0.5 <= values[index] <= near.max() + 0.5 or abs(values[index]) < 5


def test_that_a_key_jumps_from_one_suspicious_place_to_the_next(
    qtbot: QtBot, located: MainWindow
) -> None:
    quality = located.right.measure.quality
    located.right.measure.tabs.setCurrentWidget(quality)
    assert quality.plot.shown[0].values == pytest.approx(np.full(COUNT**2, 0.24), abs=0.01)
    first = len(quality.suspicions)
    located.editing.view.snap_to_center(False)
    at = positions(located)[20]
    located.editing.columns.add(at[0] + 3, at[1])
    reasons = [item.reason for item in quality.suspicions]
    assert reasons.count("duplicate") == 2
    assert reasons.count("fit failed") == 1
    assert len(reasons) == first + 3
    for place in quality.suspicions:
        qtbot.keyClick(located, Qt.Key.Key_N)
        assert located.workspace.selection.tolist() == [place.column]
        center = located.middle.view.view_box.viewRect().center()
        assert (center.y(), center.x()) == pytest.approx(place.position, abs=0.01)
        assert place.reason in located.middle.messages.text.text()
    qtbot.keyClick(located, Qt.Key.Key_N)
    assert located.workspace.selection.tolist() == [quality.suspicions[0].column]


def test_that_a_missing_column_is_found_by_the_lattice(qtbot: QtBot, located: MainWindow) -> None:
    gone = positions(located)[27]
    located.workspace.select_columns(np.array([27]))
    qtbot.keyClick(located, Qt.Key.Key_Delete)
    measure(qtbot, located)
    places = [item for item in located.right.measure.quality.suspicions if item.column is None]
    assert len(places) == 1
    assert places[0].position == pytest.approx(gone, abs=0.5)
    assert "1 \N{MULTIPLICATION SIGN} no column" in located.right.measure.quality.text.text()


def test_that_touching_and_small_regions_are_left_out_when_wanted(
    qtbot: QtBot, located: MainWindow
) -> None:
    panel = located.right.locate
    assert panel.plot.counts is not None
    with qtbot.waitSignals([located.workspace.columns_changed] * 2, timeout=20_000):
        panel.area.setValue(5000)
    assert len(positions(located)) == 0
    with qtbot.waitSignals([located.workspace.columns_changed] * 2, timeout=20_000):
        panel.area.setValue(0)
    assert len(positions(located)) == COUNT**2
    with qtbot.waitSignals([located.workspace.columns_changed] * 2, timeout=20_000):
        panel.split.click()
    assert not located.workspace.document.located.detection.split_touching


def test_that_the_threshold_can_be_dragged_on_the_histogram_of_the_map(
    qtbot: QtBot, located: MainWindow
) -> None:
    plot = located.right.locate.plot
    at = plot.rect().center()
    at.setX(round(plot.position_of(0.9)))
    with qtbot.waitSignal(located.workspace.columns_changed):
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at)
    assert located.right.locate.number.value() == pytest.approx(0.9, abs=0.01)
    assert not located.right.locate.automatic.isChecked()
    qtbot.waitUntil(lambda: not located.workspace.document.is_preview)
