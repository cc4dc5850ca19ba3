"""The menus: everything the panels do, with its keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from atomsegnet.core.settings import Theme
from atomsegnet.gui.edit_menu import CompareEntries, EditEntries, add_entry
from atomsegnet.gui.empty_state import sample_title
from atomsegnet.gui.help_dialogs import HelpDialogs
from atomsegnet.gui.recent_files import RecentFilesMenu
from atomsegnet.paths import sample_micrographs

if TYPE_CHECKING:
    from atomsegnet.gui.main_window import MainWindow

_Standard = QKeySequence.StandardKey
_Keys = QKeySequence.StandardKey | list[str]
_MORE = "\N{HORIZONTAL ELLIPSIS}"
_THEME_TITLES = {
    Theme.SYSTEM: "Follow the &system",
    Theme.LIGHT: "&Light",
    Theme.DARK: "&Dark",
}
_ZOOM_STEP = 1.25


class Menus(QObject):
    """The menu bar of a window."""

    sample_chosen = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        bar = window.menuBar()
        self.file = bar.addMenu("&File")
        self.edit = bar.addMenu("&Edit")
        self.view = bar.addMenu("&View")
        self.image = bar.addMenu("&Image")
        self.models = window.models.menu
        bar.addMenu(self.models)
        self.help = bar.addMenu("&Help")
        self._fill_file()
        self.edits = EditEntries(self.edit, window.editing, self)
        self._fill_view()
        self._fill_image()
        self._fill_help()

    def entries(self) -> list[QAction]:
        """Return every entry that has a key."""
        menus = (self.file, self.edit, self.view, self.image, self.models, self.help)
        return [action for menu in menus for action in menu.actions() if action.shortcuts()]

    def _fill_file(self) -> None:
        window, menu = self._window, self.file
        self._add(menu, f"&Open{_MORE}", window.ask_for_files, _Standard.Open)
        self._add(menu, f"Open &Folder{_MORE}", window.ask_for_folder, ["Ctrl+Shift+O"])
        self.recent = RecentFilesMenu(window.settings, window)
        self.recent.chosen.connect(window.open_path)
        menu.addMenu(self.recent)
        self.samples = menu.addMenu("Open &Sample")
        for path in sample_micrographs():
            self.samples.addAction(sample_title(path)).setData(path)
        self.samples.setEnabled(not self.samples.isEmpty())
        self.samples.triggered.connect(self._on_sample_chosen)
        self.sample_chosen.connect(window.open_path)
        self._add(menu, "&Close File", window.close_file, _Standard.Close)
        menu.addSeparator()
        export = window.right.export
        self._add(menu, f"&Export Columns{_MORE}", export.export_columns, ["Ctrl+E"])
        self._add(menu, f"Export &Image{_MORE}", export.export_image, ["Ctrl+Shift+E"])
        self._add(menu, f"Export Fi&gure{_MORE}", export.export_figure, ["Ctrl+Alt+E"])
        self._add(menu, f"Export Four &Panels{_MORE}", export.export_panels, ["Ctrl+Alt+P"])
        self._add(menu, "Cop&y as Command", export.copy_command, ["Ctrl+Alt+C"])
        menu.addSeparator()
        self._add(menu, f"&Batch{_MORE}", window.long_jobs.ask_for_batch, ["Ctrl+B"])
        menu.addSeparator()
        self._add(menu, f"&Preferences{_MORE}", window.show_preferences, ["Ctrl+,"])
        self._add(menu, "&Quit", window.close, ["Ctrl+Q"])

    def _fill_view(self) -> None:
        window, menu, view = self._window, self.view, self._window.middle.view
        self._add(menu, "&Fit", window.middle.compare.fit, ["0"])
        self._add(menu, "&Actual Size", view.show_actual_size, ["1"])
        self._add(menu, "Zoom &In", self._on_zoom_in, _Standard.ZoomIn)
        self._add(menu, "Zoom &Out", self._on_zoom_out, _Standard.ZoomOut)
        menu.addSeparator()
        self._add(menu, "Auto &Contrast", window.editing.view.auto_contrast, ["C"])
        self._add(menu, "Show or Hide &Layer", window.workspace.toggle_active_layer, ["V"])
        menu.addSeparator()
        self.comparing = CompareEntries(menu, window.editing, self)
        menu.addSeparator()
        self._add(menu, "&Next File", self._on_next, ["D"])
        self._add(menu, "&Previous File", self._on_previous, ["A"])
        # In lists and fields the arrows keep their meaning.
        self._add_key(view, "Right", self._on_next)
        self._add_key(view, "Left", self._on_previous)
        menu.addSeparator()
        menu.addAction(window.long_jobs.panel_action)
        self._add_themes(window.settings.theme)

    def _fill_image(self) -> None:
        window, menu = self._window, self.image
        self.restore = self._add(menu, "&Restore", window.right.restore.run.click, ["Ctrl+R"])
        self.locate = self._add(
            menu, "&Locate Columns", window.right.locate.locate.click, ["Ctrl+L"]
        )
        lattice = window.editing.lattice
        self._add(menu, "Measure the L&attice", lattice.measure, ["Ctrl+Shift+L"])
        self._add(menu, "&Next Suspicious Place", window.right.measure.quality.show_next, ["N"])
        menu.addSeparator()
        self._add(menu, f"&Simulate{_MORE}", window.simulations.ask, ["Ctrl+M"])
        menu.addSeparator()
        self._add(menu, "&Cancel the Running Job", window.right.jobs.cancel_current, ["Esc"])

    def _fill_help(self) -> None:
        menu = self.help
        self.dialogs = HelpDialogs(self._window)
        self._add(menu, "&Keyboard and mouse", self.dialogs.show_shortcuts, ["F1"])
        self._add(menu, "&Self-test", self.dialogs.show_selftest)
        self._add(menu, "&GPU support", self.dialogs.show_gpu_support)
        menu.addSeparator()
        self._add(menu, "&About AtomSegNet", self.dialogs.show_about)

    def _add(
        self, menu: QMenu, title: str, slot: Callable[[], object], keys: _Keys | None = None
    ) -> QAction:
        return add_entry(menu, title, slot, keys)

    def _add_key(self, scope: QWidget, key: str, slot: Callable[[], object]) -> None:
        action = QAction(scope)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(slot)
        scope.addAction(action)

    def _add_themes(self, chosen: Theme) -> None:
        menu = self.view.addMenu("&Theme")
        self.themes = QActionGroup(self)
        for theme, title in _THEME_TITLES.items():
            action = QAction(title, self.themes)
            action.setCheckable(True)
            action.setChecked(theme is chosen)
            action.setData(theme)
            menu.addAction(action)
        self.themes.triggered.connect(self._window.choose_theme)

    @Slot(QAction)
    def _on_sample_chosen(self, action: QAction) -> None:
        self.sample_chosen.emit(action.data())

    @Slot()
    def _on_zoom_in(self) -> None:
        self._window.middle.view.zoom(_ZOOM_STEP)

    @Slot()
    def _on_zoom_out(self) -> None:
        self._window.middle.view.zoom(1 / _ZOOM_STEP)

    @Slot()
    def _on_next(self) -> None:
        self._window.opening.step(1)

    @Slot()
    def _on_previous(self) -> None:
        self._window.opening.step(-1)
