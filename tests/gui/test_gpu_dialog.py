"""Help > GPU support."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from atomsegnet.gui.gpu_dialog import GpuDialog, described
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.paths import user_gpu_folder
from atomsegnet.tasks.gpu_support import ADDRESS, GpuSupport

CARD = "NVIDIA RTX A2000, driver 551.23, 12282 MiB"


def test_that_the_dialog_gives_the_command_and_downloads_nothing(
    qtbot: QtBot, window: MainWindow
) -> None:
    (entry,) = [item for item in window.menus.help.actions() if item.text() == "&GPU support"]
    entry.trigger()
    (dialog,) = [item for item in QApplication.topLevelWidgets() if isinstance(item, GpuDialog)]
    qtbot.waitUntil(dialog.copy.isEnabled, timeout=30_000)
    assert "PyTorch:" in dialog.text.text()
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert str(user_gpu_folder()) in QGuiApplication.clipboard().text()
    assert not user_gpu_folder().exists()
    dialog.close()


def test_that_the_words_follow_what_was_found() -> None:
    idle = GpuSupport((CARD,), "2.13.0", "", False, f"pip --index-url {ADDRESS} torch")
    text = " ".join(described(idle))
    assert CARD in text
    assert "do not use the graphics card yet" in text
    assert ADDRESS in text
    used = GpuSupport((CARD,), "2.13.0", "13.0", True, "pip torch")
    text = " ".join(described(used))
    assert "can use the graphics card" in text
    assert "added by you" in text
    assert ADDRESS not in text
    assert "nothing is to be gained" in " ".join(described(GpuSupport((), "2.13.0", "", False, "")))
