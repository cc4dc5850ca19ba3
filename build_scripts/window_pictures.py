"""Walk through the window on a micrograph, and save a picture of every step.

    python build_scripts/window_pictures.py FOLDER [FILE...]

With no file the bundled samples are taken. Pictures of other people's micrographs belong into a
folder that git ignores, such as output/window.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.application import make_application
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.paths import sample_micrographs

LONGEST_WAIT_S = 120.0


def wait_until(is_reached: Callable[[], bool]) -> None:
    """Run the event loop until something holds.

    Raises
    ------
    TimeoutError
        It does not hold after two minutes.
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


def walk(application: QApplication, path: Path, folder: Path, theme: str) -> None:
    """Open, locate, restore; save a picture of each step."""
    with tempfile.TemporaryDirectory() as settings_folder:
        settings = WindowSettings(theme=theme)
        window = MainWindow(settings, Path(settings_folder) / "window.json")
        window.resize(1360, 860)
        window.show()
        step = 0

        def picture(name: str) -> None:
            nonlocal step
            step += 1
            settle = time.monotonic() + 0.4
            wait_until(lambda: is_idle(window) and time.monotonic() > settle)
            target = folder / f"{path.stem}_{theme}_{step}_{name}.png"
            window.grab().save(str(target))
            print(target)

        picture("empty")
        window.opening.open_paths([path])
        wait_until(lambda: window.workspace.document is not None)
        picture("opened")
        window.runs.locate()
        picture("located")
        window.runs.restore("denoise_background", "Denoise and remove background")
        picture("restored")
        window.close()
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def main(folder: Path, paths: list[Path]) -> None:
    """Walk through every file in light and dark."""
    folder.mkdir(parents=True, exist_ok=True)
    application = make_application()
    for path in paths or list(sample_micrographs()):
        for theme in ("light", "dark"):
            walk(application, path, folder, theme)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]])
