"""Walk through the window on a micrograph, and save a picture of every step.

    python build_scripts/window_pictures.py FOLDER [FILE...] [--themes light dark]
        [--batch] [--retrain MINUTES]

From the drop of the file to its exports; a batch over the file and a retraining for its columns,
both in child processes, if asked for. With no file the bundled samples are taken.
QT_SCALE_FACTOR=2 shows a screen of twice the density. Pictures of other people's micrographs belong
into a folder that git ignores, such as output/window.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QMimeData, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QWidget

from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.application import make_application
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.shortcut_sheet import ShortcutSheet
from atomsegnet.gui.view_state import Comparison, Region, Ruler, Tool
from atomsegnet.paths import sample_micrographs

LONGEST_WAIT_S = 1200.0
SETTLE_S = 0.4
SIZE = (1400, 980)


def wait_until(is_reached: Callable[[], bool]) -> None:
    """Run the event loop until something holds.

    Raises
    ------
    TimeoutError
        It does not hold after twenty minutes.
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

    def __init__(self, path: Path, folder: Path, theme: str, home: str) -> None:
        # Nothing of what the user has, and nothing that stays.
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            os.environ[name] = home
        settings = WindowSettings(theme=theme, map_model="gaussian_map")
        self.window = MainWindow(settings, Path(home) / "window.json")
        self.path, self.home = path, Path(home)
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
        self.keep(name, (widget or self.window).grab().toImage())

    def keep(self, name: str, picture: QImage) -> None:
        """Save a picture as the next step."""
        self._step += 1
        target = self._folder / f"{self._begin}_{self._step:02}_{name}.png"
        picture.save(str(target))
        print(target, flush=True)


def walk(
    application: QApplication, path: Path, folder: Path, theme: str, wishes: argparse.Namespace
) -> None:
    """Go through all steps of the work; save a picture of each."""
    with tempfile.TemporaryDirectory() as home:
        steps = Walk(path, folder, theme, home)
        window = steps.window
        steps.picture("empty")
        drop(window, path)
        wait_until(lambda: window.workspace.document is not None)
        steps.picture("opened")
        window.right.restore.model.setCurrentIndex(window.right.restore.model.findData("denoise"))
        window.right.restore.run.click()
        steps.picture("restored")
        window.workspace.set_gamma(0.6)
        steps.picture("gamma")
        window.workspace.reset_limits()
        window.right.locate.locate.click()
        steps.picture("located")
        compare(steps)
        if window.workspace.document.located is not None:
            edit(steps)
            measure(steps)
        export(steps)
        if wishes.batch:
            batch(steps)
        retrain(steps, wishes.retrain)
        sheet = ShortcutSheet(window.menus.entries(), window)
        sheet.show()
        steps.picture("keys", sheet)
        sheet.close()
        window.close()
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def drop(window: MainWindow, path: Path) -> None:
    """Drop a file on the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path.absolute()))])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton)
    QApplication.sendEvent(
        window, QDragEnterEvent(QPoint(500, 400), *how, Qt.KeyboardModifier.NoModifier)
    )
    QApplication.sendEvent(
        window, QDropEvent(QPoint(500, 400), *how, Qt.KeyboardModifier.NoModifier)
    )


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
    steps.picture("deleted")
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


def export(steps: Walk) -> None:
    """Write everything there is to write; show the figures."""
    window, target = steps.window, steps.home / "exported"
    target.mkdir()
    document = window.workspace.document
    rows, columns = document.micrograph.shape
    if document.located is not None:
        window.exports.export_columns(target / "columns.csv")
    window.exports.export_image(target / "image.tif")
    window.workspace.set_gamma(0.7)
    window.exports.export_figure(target / "figure.png", Region(0, rows, 0, columns))
    window.exports.export_panels(target / "panels.png", Region(0, rows, 0, columns))
    steps.picture("exported")
    for name in ("figure", "panels"):
        steps.keep(name, QImage(str(target / f"{name}.png")))


def start_batch(steps: Walk, dialog_picture: str = "") -> None:
    """Work on a folder that holds the file, and one that is none, to the end."""
    window, folder = steps.window, steps.home / "day"
    folder.mkdir()
    shutil.copy(steps.path, folder)
    (folder / "broken.tif").write_bytes(b"no image")
    window.long_jobs.ask_for_batch()
    window.long_jobs.batch.folder.setText(str(folder))
    if dialog_picture:
        steps.picture(dialog_picture, window.long_jobs.batch)
    window.long_jobs.batch.start.click()
    wait_until(lambda: not window.child_jobs.is_busy)


def batch(steps: Walk) -> None:
    """Show what is asked before a batch, and its end."""
    start_batch(steps, "batch")
    steps.picture("batch_done")


def retrain(steps: Walk, minutes: int) -> None:
    """Show what is asked before a retraining; with some minutes, retrain for the columns."""
    window = steps.window
    window.models.retrain()
    dialog = window.models.dialog
    if window.workspace.document.located is not None:
        dialog.crystal.source.setCurrentIndex(dialog.crystal.source.count() - 1)
    dialog.minutes.setValue(max(1, minutes))
    steps.picture("retrain", dialog)
    if not minutes:
        dialog.reject()
        return
    dialog.start.click()
    job = window.child_jobs.jobs[-1]
    wait_until(lambda: job.progress is not None or not window.child_jobs.is_busy)
    steps.picture("retraining")
    wait_until(lambda: not window.child_jobs.is_busy)
    steps.picture("retrained")
    if window.models.show_result(job):
        steps.picture("compared", window.models.result_dialog)
        window.models.result_dialog.reject()


def main() -> None:
    """Walk through every file in each theme."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--themes", nargs="+", default=["light", "dark"])
    parser.add_argument("--batch", action="store_true")
    parser.add_argument("--retrain", type=int, default=0, metavar="MINUTES")
    wishes = parser.parse_args()
    wishes.folder.mkdir(parents=True, exist_ok=True)
    application = make_application()
    for path in wishes.files or list(sample_micrographs()):
        for theme in wishes.themes:
            walk(application, path, wishes.folder, theme, wishes)


if __name__ == "__main__":
    main()
