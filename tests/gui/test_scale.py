"""The window is right on a screen of twice the density."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

# Opens an image, locates its columns, saves what the view shows and tells what is cut off.
SHOW = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton
from simulated_lattice import fake_process
from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.application import make_application
from atomsegnet.gui.elided_label import ElidedLabel
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.tasks import locate
locate.process = fake_process
application = make_application()
window = MainWindow(WindowSettings())
window.show()
# Of one size on both screens, whatever fits.
window.resize(1100, 900)
def wait():
    while window.jobs.is_busy or window.reading.is_busy:
        application.processEvents()
window.opening.open_paths([Path(sys.argv[1])])
wait()
window.runs.locate()
wait()
for _ in range(20):
    application.processEvents()
def is_cut(widget):
    text = widget.text().replace("&", "")
    if not text or not widget.isVisible() or isinstance(widget, ElidedLabel):
        return False
    if isinstance(widget, QLabel) and (widget.wordWrap() or widget.textFormat().name == "RichText"):
        return widget.heightForWidth(widget.width()) > widget.height()
    metrics = widget.fontMetrics()
    width = max(metrics.horizontalAdvance(line) for line in text.splitlines())
    return width > widget.width() or metrics.height() > widget.height()
def texts(parent):
    return parent.findChildren(QAbstractButton) + parent.findChildren(QLabel)
widgets, cut = texts(window), []
cut += [widget.text() for widget in widgets if is_cut(widget)]
# Every entry of the menus that asks something, but those that open the system's file dialog.
asking = ("Batch", "Simulate", "Retrain", "Preferences", "Cards", "Keyboard", "About")
actions = [
    action for menu in window.menuBar().actions() for action in menu.menu().actions()
    if action.isEnabled() and action.text().replace("&", "").startswith(asking)
]
for action in actions:
    action.trigger()
    wait()
    (dialog,) = [one for one in application.topLevelWidgets() if one.isVisible() and one != window]
    for _ in range(20):
        application.processEvents()
    cut += [f"{action.text()}: {widget.text()}" for widget in texts(dialog) if is_cut(widget)]
    dialog.close()
seen = window.middle.view.graphics.grab()
seen.save(sys.argv[2])
print(json.dumps({
    "ratio": seen.devicePixelRatio(),
    "bar": [window.middle.view.scale_bar.width(), window.middle.view.scale_bar.height()],
    "checked": len(widgets),
    "asked": len(actions),
    "cut": cut,
}))
window.close()
"""


def shown(path: Path, picture: Path, factor: int) -> dict:
    run = [sys.executable, "-c", SHOW, str(path), str(picture), str(Path(__file__).parent)]
    environment = {**os.environ, "QT_SCALE_FACTOR": str(factor)}
    done = subprocess.run(run, capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout)


def test_that_twice_the_density_shows_the_same_in_more_pixels_and_cuts_no_text(
    write_image, tmp_path: Path
) -> None:
    path, pictures = write_image(), [tmp_path / "one.png", tmp_path / "two.png"]
    one, two = (shown(path, picture, factor + 1) for factor, picture in enumerate(pictures))
    assert (one["ratio"], two["ratio"]) == (1, 2)
    assert one["bar"] == two["bar"]
    assert min(one["checked"], two["checked"]) > 20
    assert one["asked"] == two["asked"] == 7
    assert one["cut"] == two["cut"] == []
    small, large = (np.asarray(Image.open(picture).convert("L")) for picture in pictures)
    assert large.shape == (2 * small.shape[0], 2 * small.shape[1])
    blocks = large.reshape(small.shape[0], 2, small.shape[1], 2).mean(axis=(1, 3))
    assert np.corrcoef(small.ravel(), blocks.ravel())[0, 1] > 0.95
