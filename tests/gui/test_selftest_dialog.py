"""Help > Self-test: the real self-test in a real child process."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QProcess, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.selftest_dialog import SelfTestDialog

# Half a minute on an idle machine; a busy one may take ten times as long.
_LONGEST_S = 800


def open_dialog(window: MainWindow) -> SelfTestDialog:
    (entry,) = [item for item in window.menus.help.actions() if item.text() == "&Self-test"]
    entry.trigger()
    (dialog,) = [
        widget for widget in QApplication.topLevelWidgets() if isinstance(widget, SelfTestDialog)
    ]
    return dialog


@pytest.mark.slow
@pytest.mark.timeout(_LONGEST_S + 60)
def test_that_the_self_test_passes_and_its_lines_can_be_copied(
    qtbot: QtBot, window: MainWindow
) -> None:
    dialog = open_dialog(window)
    with qtbot.waitSignal(dialog.process.finished, timeout=1000 * _LONGEST_S):
        pass
    text = dialog.text.toPlainText()
    assert dialog.verdict.text() == "Everything is as it should be.", text
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == text
    assert text.splitlines()[-1].startswith("All ")
    dialog.close()


def test_that_closing_the_dialog_ends_the_self_test(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_dialog(window)
    process = dialog.process
    qtbot.waitUntil(lambda: process.state() is QProcess.ProcessState.Running)
    ended = []
    process.stateChanged.connect(ended.append)
    dialog.close()
    assert ended[-1] is QProcess.ProcessState.NotRunning


def test_that_a_self_test_that_cannot_start_says_so(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atomsegnet.gui.selftest_dialog.program_command", lambda: ["/no/such"])
    dialog = open_dialog(window)
    qtbot.waitUntil(lambda: dialog.verdict.text().startswith("It could not be started"))
    dialog.close()
