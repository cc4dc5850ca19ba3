"""The menu of files and folders that were opened lately."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from atomsegnet.core.settings import WindowSettings


class RecentFilesMenu(QMenu):
    """Filled anew each time it opens."""

    chosen = Signal(object)

    def __init__(self, settings: WindowSettings, parent: QWidget | None = None) -> None:
        super().__init__("Open &Recent", parent)
        self._settings = settings
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)
        self.triggered.connect(self._on_triggered)

    @Slot()
    def fill(self) -> None:
        """List what the settings remember."""
        self.clear()
        for number, path in enumerate(self._settings.recent_files, start=1):
            # An ampersand in a name would be taken for a key.
            name = path.name.replace("&", "&&")
            action = self.addAction(f"&{number % 10}  {name}")
            action.setToolTip(str(path))
            action.setData(path)
        if self.isEmpty():
            self.addAction("Nothing yet").setEnabled(False)

    @Slot(QAction)
    def _on_triggered(self, action: QAction) -> None:
        self.chosen.emit(action.data())
