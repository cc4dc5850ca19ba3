"""Walk through the window on a micrograph, and save a picture of every step.

    python build_scripts/window_pictures.py FOLDER [FILE...]

With no file the bundled samples are taken. QT_SCALE_FACTOR=2 shows a screen of twice the density.
Pictures of other people's micrographs belong into a folder that git ignores, such as
output/window.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.application import make_application
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.shortcut_sheet import ShortcutSheet
from atomsegnet.gui.view_state import Comparison, Ruler, Tool
from atomsegnet.paths import sample_micrographs

LONGEST_WAIT_S = 300.0
SETTLE_S = 0.4
SIZE = (1400, 980)


def wait_until(is_reached: Callable[[], bool]) -> None:
    """Run the event loop until something holds.

    Raises
    ------
    TimeoutError
        It does not hold after five minutes.
    """
    started = time.monotonic()
    while not is_reached():
        if time.monotonic() - started > LONGEST_WAIT_S:
            raise TimeoutError("the window did not get there")
        loop = QEventLoop()
        QTimer.singleShot(50, loop.quit)
        loop.exec()


def is_idle(window: MainWindow) -> bool:
    """Return whether nothing is being read or computed."""
    return not window.jobs.is_busy and not window.reading.is_busy


class Walk:
    """One window on one micrograph, and the pictures of it."""

    def __init__(self, path: Path, folder: Path, theme: str, settings_folder: str) -> None:
        settings = WindowSettings(theme=theme)
        self.window = MainWindow(settings, Path(settings_folder) / "window.json")
        self.window.resize(*SIZE)
        self.window.show()
        self._begin = f"{path.stem}_{theme}"
        self._folder = folder
        self._step = 0

    def settle(self) -> None:
        """Wait until nothing moves any more."""
        settled = time.monotonic() + SETTLE_S
        wait_until(lambda: is_idle(self.window) and time.monotonic() > settled)

    def picture(self, name: str, widget: QWidget | None = None) -> None:
        """Save a picture of the window, or of another widget."""
        self.settle()
        self._step += 1
        target = self._folder / f"{self._begin}_{self._step:02}_{name}.png"
        (widget or self.window).grab().save(str(target))
        print(target)


def walk(application: QApplication, path: Path, folder: Path, theme: str) -> None:
    """Go through all steps of the work; save a picture of each."""
    with tempfile.TemporaryDirectory() as settings_folder:
        steps = Walk(path, folder, theme, settings_folder)
        window = steps.window
        steps.picture("empty")
        window.opening.open_paths([path])
        wait_until(lambda: window.workspace.document is not None)
        steps.picture("opened")
        window.runs.locate()
        steps.picture("located")
        window.runs.restore("denoise", "Denoise")
        steps.picture("restored")
        compare(steps)
        if window.workspace.document.located is not None:
            edit(steps)
            measure(steps)
        sheet = ShortcutSheet(window.menus.entries(), window)
        sheet.show()
        steps.picture("keys", sheet)
        sheet.close()
        window.close()
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def compare(steps: Walk) -> None:
    """See input and output together."""
    view = steps.window.editing.view
    for comparison in (Comparison.SIDE_BY_SIDE, Comparison.CURTAIN, Comparison.FOUR):
        view.compare(comparison)
        steps.picture(comparison.name.lower())
    steps.window.editing.differences.subtract()
    view.compare(Comparison.NONE)
    steps.picture("difference")
    workspace = steps.window.workspace
    workspace.set_visible(workspace.document.active_layer, False)
    workspace.set_active_layer("denoise")


def edit(steps: Walk) -> None:
    """Select some columns, then measure a distance."""
    window, view = steps.window, steps.window.editing.view
    view.choose_tool(Tool.LASSO)
    window.workspace.select_columns(
        np.arange(min(12, len(window.workspace.document.located.columns)))
    )
    steps.picture("selected")
    window.editing.columns.delete_selected()
    view.choose_tool(Tool.RULER)
    rows, columns = window.workspace.document.micrograph.shape
    view.lay_ruler(Ruler((rows * 0.7, columns * 0.2), (rows * 0.4, columns * 0.7), 5))
    steps.picture("ruler")
    view.lay_ruler(None)
    view.choose_tool(Tool.PAN)
    window.editing.undo.group.undo()


def measure(steps: Walk) -> None:
    """Color by a quantity, measure the lattice, look at its map and at what is odd."""
    window, panel = steps.window, steps.window.right.measure
    window.editing.view.color_columns("amplitude", "viridis")
    steps.picture("colored")
    window.editing.view.color_columns("", "viridis")
    panel.tabs.setCurrentWidget(panel.lattice)
    window.editing.lattice.measure()
    steps.settle()
    window.editing.lattice.map("strain_x")
    steps.picture("lattice")
    panel.tabs.setCurrentWidget(panel.quality)
    panel.quality.show_next()
    steps.picture("quality")


def main(folder: Path, paths: list[Path]) -> None:
    """Walk through every file in light and dark."""
    folder.mkdir(parents=True, exist_ok=True)
    application = make_application()
    for path in paths or list(sample_micrographs()):
        for theme in ("light", "dark"):
            walk(application, path, folder, theme)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]])
