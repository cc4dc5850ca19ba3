"""Open the window and stay until it is closed."""

from __future__ import annotations

from pathlib import Path

# First: where a library of the system is missing, pyqtgraph would hide its name.
import PySide6.QtWidgets  # noqa: F401

from atomsegnet.core.settings import WindowSettings, load_window_settings
from atomsegnet.gui.application import errors_shown_by, make_application
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.picture_taker import PictureTaker
from atomsegnet.paths import sample_micrographs, user_settings_folder

_SETTINGS_NAME = "window.json"


def run_window(
    paths: list[Path], *, fresh: bool = False, sample: bool = False, grab: Path | None = None
) -> int:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    paths : list of Path
        Files and folders to open.
    fresh : bool
        Whether to start with default settings; those of the user are neither read nor changed.
    sample : bool
        Whether to open the first bundled sample as well.
    grab : Path, optional
        Where to save a picture of the window with the columns located; it is closed then.

    Returns
    -------
    int
        Exit status of the application.

    Raises
    ------
    AtomSegNetError
        The picture could not be taken.
    """
    application = make_application()
    settings_path = user_settings_folder() / _SETTINGS_NAME
    settings = WindowSettings() if fresh else load_window_settings(settings_path)
    window = MainWindow(settings, None if fresh else settings_path)
    try:
        with errors_shown_by(window.show_error):
            window.show()
            wanted = [*paths, *(sample_micrographs()[:1] if sample else [])]
            if not wanted and settings.restores_session:
                window.session.restore()
            window.opening.open_paths(wanted)
            taker = PictureTaker(window, grab) if grab is not None else None
            status = application.exec()
            if taker is not None and taker.error is not None:
                raise taker.error
            return status
    finally:
        # However it ends: Qt aborts the process when a thread is still there.
        window.stop_threads()
