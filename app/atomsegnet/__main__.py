"""Start the program: the window, or with a verb the command line."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

_LOG_BYTES = 500_000
_LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def main() -> int:
    """Run the program with the arguments of the process and return its exit code."""
    # A frozen program is started again for each worker process; this call takes over there.
    multiprocessing.freeze_support()
    # Being told to end is cleaned up after like Ctrl-C: no temporary file stays.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _keep_libraries_to_itself()
    _keep_matrices_to_one_core()
    _mend_streams()
    _prefer_gpu_build()
    _keep_caches_together()
    from atomsegnet.cli.main import main as run

    return run(sys.argv[1:], _open_window)


def _keep_libraries_to_itself() -> None:
    """Let programs of the system that a frozen program starts load the system's own libraries.

    On Linux, the start code of PyInstaller puts the bundled libraries first in LD_LIBRARY_PATH: a
    file manager or a dialog of a newer desktop would break on them. The loader has read the
    variable by now; this program, started anew, is told to set it again for itself.
    """
    if not getattr(sys, "frozen", False) or sys.platform != "linux":
        return
    original = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    os.environ.pop("LD_LIBRARY_PATH", None)
    if original is not None:
        os.environ["LD_LIBRARY_PATH"] = original
    os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"


def _keep_matrices_to_one_core() -> None:
    """Let NumPy multiply its many small matrices on the core that asks for it.

    Two threads that fit columns would wait for each other's helpers: 3 s of 17. Read when NumPy is
    loaded; the networks do not go by it.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _mend_streams() -> None:
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # Windows gives a program without a console none; libraries write to them all the same.
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
            setattr(sys, name, nowhere)
        elif hasattr(stream, "reconfigure"):
            # A terminal that has no micro sign shows "?" for it.
            stream.reconfigure(errors="replace")


def _prefer_gpu_build() -> None:
    """Let a build of PyTorch that the user added stand in for the one that is bundled."""
    from atomsegnet.paths import user_gpu_folder

    folder = user_gpu_folder()
    if (folder / "torch").is_dir():
        sys.path.insert(0, str(folder))


def _keep_caches_together() -> None:
    """Let Matplotlib note the fonts it found where the program is removed from."""
    from atomsegnet.paths import user_cache_folder

    os.environ.setdefault("MPLCONFIGDIR", str(user_cache_folder() / "matplotlib"))


def _open_window(paths: list[Path], *, fresh: bool, sample: bool, grab: Path | None) -> int:
    """Open the window; Qt is loaded here and not before."""
    from atomsegnet.gui import native_message

    _keep_log()
    try:
        _check_display()
        from atomsegnet.gui.start import run_window
    except ImportError as error:
        logging.getLogger(__name__).exception("The window could not be loaded.")
        # Whoever asked for a picture has no eye on the screen, and nobody would close the dialog.
        if grab is None:
            native_message.show_native_message(native_message.explanation(str(error)))
        raise
    # Within Qt's event loop Python never comes to answer a signal.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    return run_window(paths, fresh=fresh, sample=sample, grab=grab)


def _check_display() -> None:
    """Raise ImportError where Qt would end the process, since a library for X11 is missing."""
    from atomsegnet.gui.native_message import missing_library

    if os.environ.get("DISPLAY") and os.environ.get("QT_QPA_PLATFORM", "xcb") == "xcb":
        reason = missing_library()
        if reason is not None and not os.environ.get("WAYLAND_DISPLAY"):
            raise ImportError(reason)


def _keep_log() -> None:
    """Write what the window logs to the user's log folder, at most a megabyte of it."""
    from atomsegnet import __version__
    from atomsegnet.paths import user_log_folder

    try:
        user_log_folder().mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            user_log_folder() / "window.log", maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8"
        )
    except OSError:  # a full or read-only disk is no reason not to open the window
        return
    handler.setFormatter(logging.Formatter(_LOG_FORMAT))
    package = logging.getLogger("atomsegnet")
    package.addHandler(handler)
    package.setLevel(logging.INFO)
    package.info("AtomSegNet %s starts: %s", __version__, sys.argv)


if __name__ == "__main__":
    sys.exit(main())
