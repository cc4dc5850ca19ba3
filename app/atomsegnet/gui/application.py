"""The Qt application and what holds for all of it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from atomsegnet import __version__
from atomsegnet.gui.theme import program_icon

logger = logging.getLogger(__name__)


def make_application() -> QApplication:
    """Return the application of this process, made if there is none yet."""
    existing = QCoreApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    pg.setConfigOptions(imageAxisOrder="row-major", antialias=True)
    application.setApplicationName("AtomSegNet")
    application.setApplicationDisplayName("AtomSegNet")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("atomsegnet")
    application.setWindowIcon(program_icon())
    return application


@contextmanager
def errors_shown_by(show: Callable[[BaseException], None]) -> Iterator[None]:
    """Show errors that no slot caught, in place of ending without a word."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            before(kind, error, where)
            return
        logger.error("An error was not caught.", exc_info=(kind, error, where))
        show(error)

    sys.excepthook = hook
    try:
        yield
    finally:
        sys.excepthook = before
