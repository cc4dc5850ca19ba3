"""Take the pictures of docs/window.md and of the README, on the bundled samples.

    python build_scripts/docs_pictures.py [FOLDER]

They go to docs/images unless another folder is named.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QWidget

from atomsegnet.core.settings import Theme
from atomsegnet.gui.application import make_application
from atomsegnet.gui.document import RAW
from atomsegnet.gui.shortcut_sheet import ShortcutSheet
from atomsegnet.gui.view_state import Comparison, Ruler, Tool
from atomsegnet.paths import samples_folder
from window_pictures import Walk, drop, start_batch, wait_until

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
# So many colors leave no trace that the eye sees, and a third of the bytes.
COLORS = 256


def located(
    sample: str, folder: Path, home: str, theme: Theme = Theme.LIGHT, empty: str = ""
) -> Walk:
    """Open a sample, restore it and locate its columns; before that, take the empty window."""
    steps = Walk(samples_folder() / f"{sample}.tif", folder, theme.value, home)
    window = steps.window
    if empty:
        take(steps, folder, empty)
    drop(window, steps.path)
    wait_until(lambda: window.workspace.document is not None)
    restore = window.right.restore
    restore.model.setCurrentIndex(restore.model.findData("denoise"))
    restore.run.click()
    steps.settle()
    window.right.locate.locate.click()
    steps.settle()
    return steps


def show_raw(steps: Walk) -> None:
    """Hide what the model made."""
    steps.window.workspace.set_visible("denoise", False)
    steps.window.workspace.set_active_layer(RAW)


def take(steps: Walk, folder: Path, name: str, widget: QWidget | None = None) -> None:
    """Save one picture under its name in the documentation."""
    steps.settle()
    target = folder / f"{name}.png"
    (widget or steps.window).grab().save(str(target))
    with Image.open(target) as picture:
        small = picture.convert("RGB").quantize(COLORS)
    small.save(target, optimize=True)
    print(target, flush=True)


def of_silicon(folder: Path, home: str) -> None:
    """Show the steps of the work."""
    steps = located("simulated_Si_110", folder, home, empty="window_empty")
    window, view = steps.window, steps.window.editing.view
    show_raw(steps)
    take(steps, folder, "window_located")
    view.compare(Comparison.FOUR)
    take(steps, folder, "window_four")
    view.compare(Comparison.CURTAIN)
    take(steps, folder, "window_curtain")
    view.compare(Comparison.NONE)
    view.choose_tool(Tool.LASSO)
    window.workspace.select_columns(np.arange(40))
    take(steps, folder, "window_selected")
    window.workspace.select_columns(np.arange(0))
    view.choose_tool(Tool.RULER)
    view.lay_ruler(Ruler((270.0, 80.0), (150.0, 270.0), 5))
    take(steps, folder, "window_ruler")
    view.lay_ruler(None)
    view.choose_tool(Tool.PAN)
    window.right.measure.tabs.setCurrentWidget(window.right.measure.lattice)
    window.editing.lattice.measure()
    steps.settle()
    window.editing.lattice.map("strain_x")
    take(steps, folder, "window_lattice")
    window.right.measure.tabs.setCurrentWidget(window.right.measure.quality)
    take(steps, folder, "window_quality")
    window.models.retrain()
    dialog = window.models.dialog
    dialog.crystal.material.setCurrentText("Si")
    dialog.crystal.zones.setText("1 1 0")
    dialog.minutes.setValue(10)
    take(steps, folder, "retrain", dialog)
    dialog.reject()
    sheet = ShortcutSheet(window.menus.entries(), window)
    sheet.show()
    take(steps, folder, "keys", sheet)
    sheet.close()
    window.close()


def in_the_dark(folder: Path, home: str) -> None:
    """Show the dark theme, and a batch that has come to its end."""
    steps = located("simulated_Si_110", folder, home, Theme.DARK)
    show_raw(steps)
    take(steps, folder, "window_dark")
    start_batch(steps)
    take(steps, folder, "window_jobs")
    steps.window.close()


def of_oxide(folder: Path, home: str) -> None:
    """Show a first result, and colors by a quantity."""
    steps = located("simulated_SrTiO3_001", folder, home)
    window = steps.window
    show_raw(steps)
    take(steps, folder, "window")
    window.editing.view.color_columns("amplitude", "viridis")
    take(steps, folder, "window_colored")
    window.close()


def main(folder: Path) -> None:
    """Take all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    _application = make_application()
    for part in (of_silicon, in_the_dark, of_oxide):
        with tempfile.TemporaryDirectory() as home:
            part(folder, home)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
