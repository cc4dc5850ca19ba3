"""Closing, errors nobody foresaw, themes, help."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from unittest.mock import Mock

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QPalette
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QMessageBox
from pytestqt.qtbot import QtBot
from simulated_lattice import fake_process

from atomsegnet.core.progress import Progress
from atomsegnet.core.settings import Theme
from atomsegnet.gui.about_dialog import AboutDialog
from atomsegnet.gui.application import errors_shown_by
from atomsegnet.gui.error_dialog import ErrorDialog
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.shortcut_sheet import ShortcutSheet
from atomsegnet.gui.theme import Theming, tinted_icon
from atomsegnet.tasks import process


@pytest.fixture
def _endless_model(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    stop = threading.Event()

    def work(micrograph, model, *, report, **options):
        while not stop.wait(0.002):
            report(Progress(0, 0))
        return fake_process(micrograph, model)

    monkeypatch.setattr(process, "process", work)
    yield
    stop.set()


def opened(kind: type[QDialog]) -> QDialog | None:
    found = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kind)]
    return next((dialog for dialog in found if dialog.isVisible()), None)


@pytest.mark.usefixtures("_endless_model")
def test_that_closing_asks_while_a_job_runs_then_cancels_and_closes(
    qtbot: QtBot, window: MainWindow, open_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_image()
    qtbot.mouseClick(window.right.restore.run, Qt.MouseButton.LeftButton)
    answers = [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]
    monkeypatch.setattr(QMessageBox, "question", lambda *_args: answers.pop(0))
    window.close()
    assert window.isVisible()
    assert window.jobs.is_busy
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert answers == []
    assert not window.jobs.is_busy


def test_that_closing_an_idle_window_asks_nothing(window: MainWindow, open_image) -> None:
    open_image()
    window.close()
    assert not window.isVisible()


def test_that_an_unforeseen_error_is_one_sentence_with_details_to_copy(
    qtbot: QtBot, window: MainWindow, open_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args, **_options):
        raise RuntimeError("the flux is gone")

    open_image()
    monkeypatch.setattr(process, "process", fail)
    qtbot.mouseClick(window.right.restore.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: opened(ErrorDialog) is not None)
    dialog = opened(ErrorDialog)
    assert "the flux is gone" in dialog.sentence.text()
    assert not dialog.details.isVisible()
    qtbot.mouseClick(dialog.unfold, Qt.MouseButton.LeftButton)
    assert dialog.details.isVisible()
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert "Traceback" in QGuiApplication.clipboard().text()
    dialog.close()
    assert window.workspace.document is not None


def test_that_an_error_in_a_slot_is_shown_and_logged(expect_log) -> None:
    expect_log("An error was not caught")
    shown: list[BaseException] = []
    before = sys.excepthook
    error = ValueError("a slot slipped")
    with errors_shown_by(shown.append):
        sys.excepthook(ValueError, error, None)
    assert shown == [error]
    assert sys.excepthook is before


def brightest(button: QAbstractButton) -> int:
    image = button.icon().pixmap(16, 16).toImage()
    colors = [image.pixelColor(x, y) for x in range(16) for y in range(16)]
    return max(color.lightness() for color in colors if color.alpha() > 200)


def test_that_the_theme_can_be_chosen_and_icons_follow(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    def lightness(role: QPalette.ColorRole) -> int:
        return QApplication.palette().color(role).lightness()

    open_image()
    eye = window.left.layers.row_of("raw").eye
    actions = {action.data(): action for action in window.menus.themes.actions()}
    actions[Theme.DARK].trigger()
    assert lightness(QPalette.ColorRole.Window) < 80 < lightness(QPalette.ColorRole.WindowText)
    qtbot.waitUntil(lambda: brightest(eye) > 200)
    actions[Theme.LIGHT].trigger()
    assert lightness(QPalette.ColorRole.Window) > 200 > lightness(QPalette.ColorRole.WindowText)
    qtbot.waitUntil(lambda: brightest(eye) < 80)
    assert window.settings.theme is Theme.LIGHT


def test_that_the_system_is_followed_unless_a_theme_was_chosen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    hints = Mock(**{"colorScheme.return_value": Qt.ColorScheme.Dark})
    theming = Theming(Theme.SYSTEM)
    assert not theming.is_dark
    monkeypatch.setattr(QGuiApplication, "styleHints", lambda: hints)
    assert theming.is_dark
    theming.choose(Theme.LIGHT)
    assert not theming.is_dark


def test_that_every_icon_can_be_drawn(qapp: QApplication, repository) -> None:
    icons = sorted((repository / "resources" / "icons").glob("*.svg"))
    assert icons
    for path in icons:
        image = tinted_icon(path.stem, qapp.palette()).pixmap(24, 24).toImage()
        seen = [image.pixelColor(x, y).alpha() for x in range(24) for y in range(24)]
        assert max(seen) > 100, path.name


def test_that_f1_shows_every_key(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)
    sheet = opened(ShortcutSheet)
    texts = {label.text() for label in sheet.findChildren(QLabel)}
    assert {"Ctrl+O", "F1", "0", "1", "C", "V", "Ctrl+L", "Locate Columns", "Redo"} <= texts
    assert any(text.split(", ")[0] == "Del" for text in texts)
    # Icons of the system are black on the dark window.
    assert all(button.icon().isNull() for button in sheet.findChildren(QAbstractButton))
    sheet.close()


def test_that_about_names_version_paper_and_licence(window: MainWindow) -> None:
    window.menus.dialogs.show_about()
    about = opened(AboutDialog)
    text = " ".join(label.text() for label in about.findChildren(QLabel))
    assert "10.1038/s41598-021-84499-w" in text
    assert "General Public License" in text
    about.close()


def test_that_no_shortcut_is_given_twice(window: MainWindow) -> None:
    keys = [keys.toString() for action in window.menus.entries() for keys in action.shortcuts()]
    assert len(keys) == len(set(keys))


def test_that_standard_keys_keep_their_meaning(window: MainWindow) -> None:
    standard = QKeySequence.StandardKey
    meanings = {
        standard.Open: "Open",
        standard.Close: "Close File",
        standard.Undo: "Undo",
        standard.Redo: "Redo",
        standard.SelectAll: "Select All",
        standard.Delete: "Delete Selected",
        standard.ZoomIn: "Zoom In",
        standard.ZoomOut: "Zoom Out",
    }
    keys_of = {
        keys.toString(): action.text().replace("&", "")
        for action in window.menus.entries()
        for keys in action.shortcuts()
    }
    for key, title in meanings.items():
        for keys in QKeySequence.keyBindings(key):
            text = keys.toString()
            assert keys_of.get(text, title).startswith(title), text
        assert any(keys.toString() in keys_of for keys in QKeySequence.keyBindings(key)), title
    # What has a meaning elsewhere that the program does not offer stays free.
    for key in (standard.Save, standard.Print, standard.Cut, standard.Paste, standard.Find):
        assert not any(keys.toString() in keys_of for keys in QKeySequence.keyBindings(key))
