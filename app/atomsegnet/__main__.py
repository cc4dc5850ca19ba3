"""Start the program: the window, or with a verb the command line."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from pathlib import Path


def main() -> int:
    """Run the program with the arguments of the process and return its exit code."""
    # A frozen program is started again for each worker process; this call takes over there.
    multiprocessing.freeze_support()
    # Being told to end is cleaned up after like Ctrl-C: no temporary file stays.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            # A terminal that has no micro sign shows "?" for it.
            stream.reconfigure(errors="replace")
    from atomsegnet.cli.main import main as run

    return run(sys.argv[1:], _open_window)


def _open_window(paths: list[Path], *, fresh: bool, sample: bool, grab: Path | None) -> int:
    """Open the window; Qt is loaded here and not before."""
    from atomsegnet.gui.main_window import run_window

    # Within Qt's event loop Python never comes to answer a signal.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    return run_window(paths, fresh=fresh, sample=sample, grab=grab)


if __name__ == "__main__":
    sys.exit(main())
