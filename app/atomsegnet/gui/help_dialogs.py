"""What the entries of the Help menu open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from atomsegnet.gui.about_dialog import AboutDialog
from atomsegnet.gui.gpu_dialog import GpuDialog
from atomsegnet.gui.selftest_dialog import SelfTestDialog
from atomsegnet.gui.shortcut_sheet import ShortcutSheet

if TYPE_CHECKING:
    from atomsegnet.gui.main_window import MainWindow


class HelpDialogs(QObject):
    """Opens the dialogs of a window's Help menu; none of them blocks the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    @Slot()
    def show_shortcuts(self) -> None:
        """Open the sheet of keys."""
        ShortcutSheet(self._window.menus.entries(), self._window).open()

    @Slot()
    def show_selftest(self) -> None:
        """Try whether the installation is sound."""
        SelfTestDialog(self._window).open()

    @Slot()
    def show_gpu_support(self) -> None:
        """Say what there is to compute on, and how to add a build with CUDA."""
        GpuDialog(self._window.jobs, self._window).open()

    @Slot()
    def show_about(self) -> None:
        """Say what this program is."""
        AboutDialog(self._window).open()
