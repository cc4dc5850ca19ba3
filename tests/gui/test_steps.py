"""Restore, locate, threshold, measure, on the worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt, QTimer
from pytestqt.qtbot import QtBot
from simulated_lattice import COUNT, PITCH_PX, fake_process, lattice_image, show_first

from atomsegnet.core.errors import ModelError
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.progress import Progress
from atomsegnet.gui import seen_part
from atomsegnet.gui.document import RAW, LayerKind
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.runs import MAP_MODEL
from atomsegnet.gui.seen_part import PREVIEW_METHOD
from atomsegnet.gui.view_state import Region
from atomsegnet.tasks import locate, process


class Gate:
    """A model that reports without end until it is let through."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()

    def process(self, micrograph, model="denoise", *, report, **options):
        show_first(micrograph, model, options.pop("first", None))
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
    assert window.right.contrast.layer_name.text == panel.model.currentText()
    assert panel.explanation.text()
    layer = document.layers[-1]
    assert (layer.limits == (0, 1)) == (layer.kind is LayerKind.MAP)
    loaded = layer.limits
    qtbot.keyClick(window, Qt.Key.Key_C)
    qtbot.keyClick(window, Qt.Key.Key_C)
    assert layer.limits != loaded
    qtbot.mouseDClick(window.right.contrast.plot, Qt.MouseButton.LeftButton)
    assert layer.limits == loaded


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
    assert window.right.measure.method.text() == "Geometric center, preview"
    assert not window.right.export.csv.isEnabled()
    assert len(located(window).columns) < COUNT**2
    assert not panel.automatic.isChecked()
    with qtbot.waitSignal(window.workspace.columns_changed):
        pass
    assert located(window).method == "gaussian-2d"
    assert window.right.measure.method.text() == "2-D Gaussian fit"
    assert window.right.export.csv.isEnabled()
    with qtbot.waitSignals([window.workspace.columns_changed] * 2):
        panel.automatic.click()
    assert located(window).threshold == pytest.approx(otsu)
    assert len(located(window).columns) == COUNT**2


def test_that_columns_follow_a_steady_drag(
    qtbot: QtBot, window: MainWindow, open_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*args, report, **options):
        for _ in range(20):
            time.sleep(0.01)
            report(Progress(0, 0))
        return quick(*args, report=report, **options)

    open_image()
    locate_columns(qtbot, window)
    quick = locate.locate_on_map
    monkeypatch.setattr(locate, "locate_on_map", slow)
    panel = window.right.locate
    followed: list[float] = []
    window.workspace.columns_changed.connect(lambda: followed.append(located(window).threshold))
    drag = QTimer(window)
    drag.timeout.connect(lambda: panel.slider.setValue(panel.slider.value() + 1))
    drag.start(20)
    qtbot.waitUntil(lambda: len(followed) >= 2)
    drag.stop()
    assert followed[0] < followed[1]
    qtbot.waitUntil(lambda: not window.workspace.document.is_preview)
    assert located(window).threshold == pytest.approx(panel.number.value())


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
        window.right.locate.slider.setValue(800)
    assert first.is_preview
    open_image("second.tif")
    qtbot.waitUntil(lambda: not window.jobs.is_busy)
    assert not first.is_preview
    assert first.located.threshold == pytest.approx(0.8)


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


def test_that_locating_again_uses_the_map_that_is_there_unless_the_scale_changed(
    qtbot: QtBot, window: MainWindow, open_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []

    def counted(micrograph, model="denoise", **options):
        runs.append(model)
        return fake_process(micrograph, model, **options)

    monkeypatch.setattr(locate, "process", counted)
    open_image(pixel_size_nm=None)
    locate_columns(qtbot, window)
    locate_columns(qtbot, window)
    assert runs == [MAP_MODEL]
    window.workspace.type_pixel_size(PixelSize(0.02, 0.02))
    locate_columns(qtbot, window)
    assert runs == [MAP_MODEL, MAP_MODEL]


def zoom_in(window: MainWindow) -> Region:
    """Show a corner of a large image; return what is seen of it."""
    window.middle.view.view_box.setRange(QRectF(99.5, 47.5, 96, 96), padding=0)
    return window.editing.view.seen_region(window.workspace.document)


@pytest.fixture
def large(open_image, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Open an image that counts as one that takes a model a while; return it."""
    monkeypatch.setattr(seen_part, "_SLOW_PX", 300**2)
    image = np.tile(lattice_image(), (4, 4))
    open_image(image=image)
    return image


def test_that_what_is_seen_is_restored_before_the_rest(
    qtbot: QtBot, window: MainWindow, large: np.ndarray, gate: Gate
) -> None:
    seen = zoom_in(window)
    qtbot.mouseClick(window.right.restore.run, Qt.MouseButton.LeftButton)
    part = window.middle.view.part
    qtbot.waitUntil(lambda: part.item is not None)
    assert (part.item.pos().x(), part.item.pos().y()) == (seen.left, seen.top)
    shown = part.item.picture.image
    assert shown.shape == (seen.bottom - seen.top, seen.right - seen.left)
    assert shown.size < 0.3 * large.size
    cut = large[seen.top : seen.bottom, seen.left : seen.right]
    assert np.corrcoef(shown.ravel(), cut.ravel())[0, 1] > 0.9
    assert len(window.workspace.document.layers) == 1
    with qtbot.waitSignal(window.workspace.layers_changed):
        gate.opened.set()
    qtbot.waitUntil(lambda: part.item is None)


def test_that_columns_that_are_seen_come_before_the_others(
    qtbot: QtBot, window: MainWindow, large: np.ndarray, gate: Gate
) -> None:
    seen = zoom_in(window)
    qtbot.mouseClick(window.right.locate.locate, Qt.MouseButton.LeftButton)
    part = window.middle.view.part
    qtbot.waitUntil(lambda: part.item is not None)
    places = part.item.positions
    assert len(places) == pytest.approx(
        (seen.bottom - seen.top) * (seen.right - seen.left) / PITCH_PX**2, rel=0.15
    )
    # They lie in the middle of fields of the pitch.
    away = places % PITCH_PX - PITCH_PX / 2
    assert np.median(np.abs(away)) < 1
    assert window.workspace.document.located is None
    gate.opened.set()
    qtbot.waitUntil(lambda: window.workspace.document.located is not None, timeout=60_000)
    qtbot.waitUntil(lambda: part.item is None)


def test_that_a_preview_goes_when_the_run_is_cancelled_or_the_image_left(
    qtbot: QtBot, window: MainWindow, large: np.ndarray, gate: Gate, open_image
) -> None:
    zoom_in(window)
    qtbot.mouseClick(window.right.restore.run, Qt.MouseButton.LeftButton)
    part = window.middle.view.part
    qtbot.waitUntil(lambda: part.item is not None)
    window.jobs.cancel_all()
    qtbot.waitUntil(lambda: part.item is None)
    qtbot.mouseClick(window.right.restore.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: part.item is not None)
    open_image("other.tif")
    assert part.item is None
    gate.opened.set()
    qtbot.waitUntil(lambda: not window.jobs.is_busy)


def test_that_an_image_seen_as_a_whole_is_done_at_once(
    qtbot: QtBot, window: MainWindow, large: np.ndarray
) -> None:
    parts: list[object] = []
    window.editing.view.part_changed.connect(lambda: parts.append(window.editing.view.part))
    with qtbot.waitSignal(window.workspace.layers_changed):
        qtbot.mouseClick(window.right.restore.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.jobs.is_busy)
    assert parts == []
