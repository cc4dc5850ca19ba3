"""The session comes back, preferences apply at once, a fresh start is fresh."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QPalette
from pytestqt.qtbot import QtBot

from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.settings import Theme, WindowSettings
from atomsegnet.gui.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def reopened(qtbot: QtBot, window: MainWindow) -> Iterator[Callable[[], MainWindow]]:
    """Return a function that opens a second window as the next start would."""
    opened: list[MainWindow] = []

    def reopen() -> MainWindow:
        again = MainWindow(WindowSettings(), window._settings_path)
        opened.append(again)
        qtbot.addWidget(again)
        again.show()
        again.session.restore()
        return again

    yield reopen
    for again in opened:
        qtbot.waitUntil(lambda again=again: not again.reading.is_busy)
        again.close()


def show(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    window.opening.show_file(path)
    qtbot.waitUntil(
        lambda: window.workspace.document.key.path == path and not window.reading.is_busy
    )


def test_that_files_the_shown_one_and_typed_sizes_come_back(
    qtbot: QtBot, window: MainWindow, open_image, reopened: Callable[[], MainWindow]
) -> None:
    first = open_image("first.tif")
    second = open_image("second.tif", pixel_size_nm=None)
    window.workspace.type_pixel_size(PixelSize(0.03, 0.03))
    third = open_image("third.tif")
    show(qtbot, window, second)
    window.close()
    again = reopened()
    qtbot.waitUntil(lambda: again.workspace.document is not None, timeout=60_000)
    assert again.workspace.paths == [first, second, third]
    assert again.workspace.document.key.path == second
    assert again.workspace.document.micrograph.pixel_size_nm == PixelSize(0.03, 0.03)
    assert again.workspace.document.is_pixel_size_typed


def test_that_a_session_is_saved_while_the_window_is_open(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    path = window._settings_path.with_name("session.json")
    shown = open_image()
    qtbot.waitUntil(lambda: path.is_file() and shown.name in path.read_text(), timeout=20_000)


def test_that_files_that_are_gone_are_told_of(
    qtbot: QtBot, window: MainWindow, open_image, reopened: Callable[[], MainWindow]
) -> None:
    gone, kept = open_image("gone.tif"), open_image("kept.tif")
    show(qtbot, window, gone)
    window.close()
    gone.unlink()
    again = reopened()
    qtbot.waitUntil(lambda: again.workspace.document is not None, timeout=60_000)
    assert again.workspace.paths == [kept]
    assert "gone.tif" in again.middle.messages.text.text()


@pytest.mark.parametrize("content", ["", "{", '{"files": 3}'])
def test_that_a_damaged_session_is_an_empty_one(window: MainWindow, content: str) -> None:
    path = window._settings_path.with_name("session.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    window.session.restore()
    assert window.workspace.paths == []


def test_that_a_fresh_window_remembers_nothing(
    qtbot: QtBot, write_image: Callable[..., Path], user_home: Path
) -> None:
    window = MainWindow(WindowSettings())
    qtbot.addWidget(window)
    window.show()
    window.session.restore()
    with qtbot.waitSignal(window.workspace.document_changed):
        window.opening.open_paths([write_image()])
    qtbot.waitUntil(lambda: not window.reading.is_busy, timeout=60_000)
    window.close()
    assert not list(user_home.rglob("*.json"))


def test_that_preferences_apply_at_once_and_have_defaults(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog = window.preferences
    dialog.theme.setCurrentText("Dark")
    assert QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 100
    dialog.method.setCurrentIndex(dialog.method.findData("poisson-ml"))
    assert window.runs.method == "poisson-ml"
    assert window.right.locate.method.currentData() == "poisson-ml"
    qtbot.mouseClick(dialog.session, LEFT, pos=QPoint(8, dialog.session.height() // 2))
    assert not window.settings.restores_session
    dialog.model.setCurrentText("Column mask")
    assert window.runs.map_model == "circular_mask"
    dialog.minutes.setValue(25)
    dialog.reject()
    window.models.retrain()
    assert window.models.dialog.minutes.value() == 25
    window.models.dialog.reject()
    window.show_preferences()
    qtbot.mouseClick(window.preferences.defaults, LEFT)
    assert window.settings.restores_session
    assert window.settings.retrain_minutes == 10
    assert window.runs.map_model == "gaussian_map"
    assert window.settings.theme is Theme.SYSTEM
    assert window.runs.method == "gaussian-2d"
    window.preferences.reject()
