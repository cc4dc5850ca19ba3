"""Progress of the running job with Cancel at its side; its room is always kept free."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from atomsegnet.core.progress import Progress
from atomsegnet.gui.elided_label import ElidedLabel
from atomsegnet.gui.jobs import Job, Jobs, JobState

# Shorter work is over before anyone could read about it.
_APPEARS_AFTER_MS = 1000
_CANCELLING = "Cancelling\N{HORIZONTAL ELLIPSIS}"
# An estimate from the very first steps would jump about.
_EARLIEST_ESTIMATE = 0.05


class JobBar(QWidget):
    """Shows the oldest unfinished job of some queues."""

    def __init__(self, queues: list[Jobs], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue: list[Job] = []
        self._started_s = 0.0
        self.label = ElidedLabel()
        self.figures = QLabel()
        self.figures.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Stop; what was there before stays (Esc).")
        text = QVBoxLayout()
        text.setSpacing(3)
        text.addWidget(self.label)
        text.addWidget(self.bar)
        text.addWidget(self.figures)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 8)
        layout.addLayout(text, 1)
        layout.addWidget(self.cancel)
        self.setFixedHeight(self.sizeHint().height())
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_APPEARS_AFTER_MS)
        self._delay.timeout.connect(self._on_delay_over)
        self.cancel.clicked.connect(self.cancel_current)
        for jobs in queues:
            jobs.started.connect(self._on_started)
        self._show_parts(False)

    @property
    def current(self) -> Job | None:
        """The job that is shown or would be after a moment."""
        return self._queue[0] if self._queue else None

    @Slot()
    def cancel_current(self) -> None:
        """Ask the job that is shown to stop."""
        if self.current is not None:
            self.current.cancel()

    @Slot(object)
    def _on_started(self, job: Job) -> None:
        self._queue.append(job)
        job.progressed.connect(self._on_progressed)
        job.cancel_requested.connect(self._on_cancel_requested)
        job.finished.connect(self._on_finished)
        if len(self._queue) == 1:
            self._begin()

    def _begin(self) -> None:
        self._started_s = time.monotonic()
        self.bar.setRange(0, 0)
        self.label.show_text(self._queue[0].title)
        self.figures.clear()
        self.cancel.setEnabled(True)
        if not self._delay.isActive() and not self.bar.isVisibleTo(self):
            self._delay.start()

    @Slot()
    def _on_delay_over(self) -> None:
        self._show_parts(bool(self._queue))

    @Slot(object)
    def _on_progressed(self, progress: Progress) -> None:
        job = self.sender()
        if job is not self.current or self.current.state is not JobState.RUNNING:
            return
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        self.figures.setText(self._figures(progress))

    def _figures(self, progress: Progress) -> str:
        elapsed_s = time.monotonic() - self._started_s
        count = f"{progress.done} of {progress.total}, " if progress.total else ""
        text = f"{count}{elapsed_s:.0f} s"
        if progress.total and progress.done / progress.total >= _EARLIEST_ESTIMATE:
            left_s = elapsed_s * (progress.total - progress.done) / progress.done
            text += f", {left_s:.0f} s left"
        return text

    @Slot()
    def _on_cancel_requested(self) -> None:
        if self.sender() is self.current:
            self.label.show_text(_CANCELLING)
            self.figures.clear()
            self.bar.setRange(0, 0)
            self.cancel.setEnabled(False)

    @Slot()
    def _on_finished(self) -> None:
        job = self.sender()
        was_current = job is self.current
        self._queue = [waiting for waiting in self._queue if waiting is not job]
        if not self._queue:
            self._delay.stop()
            self._show_parts(False)
        elif was_current:
            self._begin()

    def _show_parts(self, is_shown: bool) -> None:
        for part in (self.label, self.bar, self.figures, self.cancel):
            part.setVisible(is_shown)
