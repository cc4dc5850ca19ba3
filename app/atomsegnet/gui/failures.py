"""Tell of a job that failed: foreseen errors in the bar, others in a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atomsegnet.core.errors import AtomSegNetError
from atomsegnet.gui.messages import Mood

if TYPE_CHECKING:
    from atomsegnet.gui.main_window import MainWindow


def tell_failure(window: MainWindow, error: Exception) -> None:
    """Say in one sentence why something failed, or show what nobody foresaw."""
    if isinstance(error, AtomSegNetError):
        window.workspace.post(str(error), Mood.PROBLEM)
    else:
        window.show_error(error)
