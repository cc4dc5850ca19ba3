"""What was made of an image is there again after the window was closed, or killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from simulated_lattice import COUNT, PITCH_PX, lattice_image
from view_actions import click, locate_columns, positions, restore_image

from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.document import COLUMNS, RAW
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.view_state import Tool
from atomsegnet.paths import user_work_folder

ALL = COUNT**2
# Edits columns without an end; says so as soon as an edit is kept.
EDITOR = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from PySide6.QtCore import QTimer
from simulated_lattice import fake_process
from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.application import make_application
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.view_state import Tool
from atomsegnet.paths import user_work_folder
from atomsegnet.tasks import locate
locate.process = fake_process
application = make_application()
window = MainWindow(WindowSettings(), Path(sys.argv[2]))
window.show()
window.opening.open_paths([Path(sys.argv[1])])
timer, told = QTimer(), []
def go_on():
    document = window.workspace.document
    if document is None or window.jobs.is_busy:
        return
    if document.located is None:
        window.runs.locate()
        return
    window.editing.columns.add(48.0, 48.0)
    texts = [path.read_text() for path in user_work_folder().rglob("work.json")]
    if not told and any("add a column" in text for text in texts):
        told.append(True)
        print("kept", flush=True)
timer.timeout.connect(go_on)
timer.start(20)
application.exec()
"""


@pytest.fixture
def reopened(qtbot: QtBot, window: MainWindow) -> Iterator[Callable[..., MainWindow]]:
    """Return a function that opens a second window as the next start would."""
    opened: list[MainWindow] = []

    def reopen(settings: WindowSettings | None = None) -> MainWindow:
        again = MainWindow(settings or WindowSettings(), window._settings_path)
        opened.append(again)
        qtbot.addWidget(again)
        again.show()
        again.session.restore()
        qtbot.waitUntil(lambda: not again.reading.is_busy, timeout=60_000)
        return again

    yield reopen
    for again in opened:
        qtbot.waitUntil(lambda again=again: not (again.reading.is_busy or again.jobs.is_busy))
        again.close()


def edit_by_hand(qtbot: QtBot, window: MainWindow) -> None:
    """Delete three columns and add one."""
    window.workspace.select_columns(np.array([3, 9, 20]))
    qtbot.keyClick(window, Qt.Key.Key_Delete)
    window.editing.view.choose_tool(Tool.EDIT)
    click(qtbot, window.middle.view, 3.5 * PITCH_PX, 3.0 * PITCH_PX)
    assert len(positions(window)) == ALL - 2


def test_that_edited_columns_come_back_with_all_their_numbers(
    qtbot: QtBot, window: MainWindow, open_image, reopened: Callable[..., MainWindow]
) -> None:
    open_image()
    locate_columns(qtbot, window)
    edit_by_hand(qtbot, window)
    before = window.workspace.document.located
    window.close()
    document = reopened().workspace.document
    for field in fields(before.columns):
        value, expected = (
            getattr(columns, field.name) for columns in (document.located.columns, before.columns)
        )
        assert np.array_equal(value, expected, equal_nan=field.name != "method"), field.name
    assert document.edits == ("delete 3 columns", "add a column")
    assert document.located.method == before.method
    assert document.located.threshold == before.threshold


def test_that_layers_come_back_as_they_were_seen(
    qtbot: QtBot, window: MainWindow, open_image, reopened: Callable[..., MainWindow]
) -> None:
    open_image(pixel_size_nm=None)
    window.workspace.type_pixel_size(PixelSize(0.03, 0.03))
    restore_image(qtbot, window)
    locate_columns(qtbot, window)
    name = window.right.restore.model.currentData()
    window.editing.layers.rename(name, "Smooth")
    window.workspace.set_opacity(name, 0.4)
    window.workspace.set_visible(COLUMNS, False)
    window.editing.view.color_columns("amplitude", "magma")
    before = window.workspace.document
    window.close()
    after = reopened().workspace.document
    assert [layer.name for layer in after.layers] == [layer.name for layer in before.layers]
    layer = after.layer(name)
    assert (layer.title, layer.opacity, layer.is_visible) == ("Smooth", 0.4, True)
    assert np.array_equal(layer.picture.image, before.layer(name).picture.image)
    assert layer.limits == before.layer(name).limits
    assert not after.layer(COLUMNS).is_visible
    assert (after.color_by, after.column_color_map) == ("amplitude", "magma")
    assert after.micrograph.pixel_size_nm == PixelSize(0.03, 0.03)
    assert after.is_pixel_size_typed


def test_that_a_threshold_moved_after_the_restart_needs_no_model(
    qtbot: QtBot, window: MainWindow, open_image, reopened: Callable[..., MainWindow], monkeypatch
) -> None:
    open_image()
    locate_columns(qtbot, window)
    window.close()
    again = reopened()
    monkeypatch.setattr("atomsegnet.tasks.locate.process", None)
    assert again.right.locate.slider.isEnabled()
    again.right.locate.number.setValue(0.95)
    qtbot.waitUntil(
        lambda: (
            again.workspace.document.located.threshold == 0.95
            and not again.workspace.document.is_preview
        ),
        timeout=60_000,
    )
    assert 0 < len(positions(again)) < ALL


def test_that_edits_survive_a_kill(
    qtbot: QtBot, window: MainWindow, write_image, reopened: Callable[..., MainWindow]
) -> None:
    path = write_image()
    here = str(Path(__file__).parent)
    run = [sys.executable, "-c", EDITOR, str(path), str(window._settings_path), here]
    child = subprocess.Popen(run, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout.readline() == "kept\n"
    finally:
        child.kill()
        child.communicate()
    document = reopened().workspace.document
    assert document.key.path == path
    assert set(document.edits) == {"add a column"}
    assert len(document.located.columns) == ALL + len(document.edits)


def test_that_a_file_that_changed_does_not_get_the_columns_of_another_image(
    qtbot: QtBot, window: MainWindow, open_image, write_image, reopened: Callable[..., MainWindow]
) -> None:
    open_image()
    locate_columns(qtbot, window)
    window.close()
    write_image(image=lattice_image(seed=1))
    again = reopened()
    assert again.workspace.document.located is None
    assert "lattice.tif: has changed" in again.middle.messages.text.text()


def test_that_damaged_work_is_told_of_and_the_image_opens(
    qtbot: QtBot, window: MainWindow, open_image, reopened: Callable[..., MainWindow]
) -> None:
    open_image()
    locate_columns(qtbot, window)
    window.close()
    for path in user_work_folder().rglob("*.npy"):
        path.write_bytes(path.read_bytes()[:200])
    again = reopened()
    assert [layer.name for layer in again.workspace.document.layers] == [RAW]
    assert "can no longer be read" in again.middle.messages.text.text()


def test_that_columns_of_a_file_that_is_gone_come_back_with_it(
    qtbot: QtBot, window: MainWindow, open_image, reopened: Callable[..., MainWindow]
) -> None:
    path = open_image()
    locate_columns(qtbot, window)
    window.close()
    elsewhere = path.rename(path.with_name("elsewhere.tif"))
    first = reopened()
    assert first.workspace.document is None
    assert "its columns again" in first.middle.messages.text.text()
    elsewhere.rename(path)
    first.opening.open_paths([path])
    qtbot.waitUntil(lambda: first.workspace.document is not None, timeout=60_000)
    assert len(first.workspace.document.located.columns) == ALL


def is_work_kept() -> bool:
    """Tell whether the work on any file is kept; its folder may go while one looks."""
    return any("work.json" in names for _, _, names in os.walk(user_work_folder()))


def test_that_a_file_that_was_closed_starts_anew(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    path = open_image()
    locate_columns(qtbot, window)
    qtbot.waitUntil(is_work_kept, timeout=60_000)
    window.close_file()
    qtbot.waitUntil(lambda: not is_work_kept(), timeout=60_000)
    window.opening.open_paths([path])
    qtbot.waitUntil(lambda: window.workspace.document is not None, timeout=60_000)
    assert window.workspace.document.located is None


def test_that_nothing_comes_back_where_that_is_not_wanted(
    qtbot: QtBot, window: MainWindow, open_image, reopened: Callable[..., MainWindow]
) -> None:
    path = open_image()
    locate_columns(qtbot, window)
    window.close()
    again = reopened(WindowSettings(restores_session=False))
    again.opening.show_file(path)
    qtbot.waitUntil(lambda: not again.reading.is_busy, timeout=60_000)
    assert again.workspace.document.located is None
