"""Use the window without a user: locate the columns of what was opened, save a picture, close."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from atomsegnet.core.errors import ReadError, WriteError
from atomsegnet.gui.jobs import Job
from atomsegnet.io.safe_write import safely_written

if TYPE_CHECKING:
    from atomsegnet.gui.main_window import MainWindow

# After the last result the layouts still settle.
_SETTLING_MS = 300


class PictureTaker(QObject):
    """Waits for the first document, presses *Locate columns*, takes the picture of the result.

    Parameters
    ----------
    window : MainWindow
        Shown; it is closed afterwards.
    target : Path
        The PNG file.
    """

    def __init__(self, window: MainWindow, target: Path) -> None:
        super().__init__(window)
        self._window = window
        self._target = target
        self.error: Exception | None = None
        window.reading.became_idle.connect(self._on_read)
        window.jobs.started.connect(self._on_started)
        # Where nothing is being read, no file was found.
        if not window.reading.is_busy:
            self._on_read()

    @Slot()
    def _on_read(self) -> None:
        if self._window.workspace.document is None:
            self._leave(ReadError(self._target, "no image was opened to take a picture of"))
        else:
            self._window.right.locate.locate.click()

    @Slot(object)
    def _on_started(self, job: Job) -> None:
        job.failed.connect(self._leave)
        job.done.connect(self._on_located)

    @Slot(object)
    def _on_located(self, result: object) -> None:
        del result
        QTimer.singleShot(_SETTLING_MS, self._take)

    @Slot()
    def _take(self) -> None:
        try:
            with safely_written(self._target, overwrite=False) as temporary:
                self._window.grab().save(str(temporary), "PNG")
        except WriteError as error:
            self._leave(error)
        else:
            self._window.close()

    @Slot(object)
    def _leave(self, error: Exception) -> None:
        self.error = error
        # Not at once: the job that failed is still telling others.
        QTimer.singleShot(0, self._window.close)
