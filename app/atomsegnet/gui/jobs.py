"""Short work off the main thread: one long-lived thread that serves a queue of runs."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from atomsegnet.core.progress import Cancelled, Progress

logger = logging.getLogger(__name__)

# About 20 reports a second are as many as an eye can follow.
_SHORTEST_REPORT_INTERVAL_S = 0.05


class JobState(Enum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(QObject):
    """One run of a task; its signals are sent in the main thread, ``finished`` always last."""

    progressed = Signal(object)
    done = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()
    cancel_requested = Signal()

    def __init__(self, title: str, work: Callable[..., Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.state = JobState.QUEUED
        self.work = work
        self.stop_asked = threading.Event()

    def cancel(self) -> None:
        """Ask the job to stop; it answers at the next report of its task."""
        if self.state in (JobState.QUEUED, JobState.RUNNING):
            self.state = JobState.CANCELLING
            self.stop_asked.set()
            self.cancel_requested.emit()


@dataclass(frozen=True)
class _Outcome:
    """How a run ended: with a result, an error, or neither if it was cancelled."""

    state: JobState
    result: Any = None
    error: Exception | None = None


class _Worker(QObject):
    """Runs one job after the other in the thread it lives in."""

    reported = Signal(object, object)
    ended = Signal(object, object)

    @Slot(object)
    def run(self, job: Job) -> None:
        """Run the task of a job and tell how it ended."""
        self.ended.emit(job, self._outcome(job))

    def _outcome(self, job: Job) -> _Outcome:
        try:
            result = job.work(report=self._report_of(job))
        except Cancelled:
            return _Outcome(JobState.CANCELLED)
        except Exception as error:
            logger.debug("The job %s failed.", job.title, exc_info=True)
            return _Outcome(JobState.FAILED, error=error)
        if job.stop_asked.is_set():
            return _Outcome(JobState.CANCELLED)
        return _Outcome(JobState.DONE, result=result)

    def _report_of(self, job: Job) -> Callable[[Progress], None]:
        last_s = 0.0

        def report(progress: Progress) -> None:
            nonlocal last_s
            if job.stop_asked.is_set():
                raise Cancelled
            now_s = time.monotonic()
            if now_s - last_s >= _SHORTEST_REPORT_INTERVAL_S:
                last_s = now_s
                self.reported.emit(job, progress)

        return report


class Jobs(QObject):
    """A queue of jobs and the one thread that runs them in turn.

    Two jobs of one queue never run at once, so two networks never share the graphics card.
    """

    started = Signal(object)
    became_idle = Signal()
    _run_requested = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._thread = QThread(self)
        self._thread.setObjectName(name)
        self._worker = _Worker()
        self._worker.moveToThread(self._thread)
        queued = Qt.ConnectionType.QueuedConnection
        self._run_requested.connect(self._worker.run, queued)
        self._worker.reported.connect(self._on_reported, queued)
        self._worker.ended.connect(self._on_ended, queued)
        self._thread.start()

    @property
    def is_busy(self) -> bool:
        """Whether a job runs or waits."""
        return self._running is not None or bool(self._waiting)

    def start(self, task: Callable[..., Any], *args: Any, title: str = "", **options: Any) -> Job:
        """Run ``task(*args, **options, report=...)`` as soon as those before it are finished.

        Parameters
        ----------
        task : callable
            A plain function that calls ``report`` between steps.
        title : str
            What is being done, for the user.

        Returns
        -------
        Job
            Kept alive here until it is finished.
        """

        def work(report: Callable[[Progress], None]) -> Any:
            return task(*args, **options, report=report)

        job = Job(title, work, self)
        job.cancel_requested.connect(self._on_cancel_requested)
        self._waiting.append(job)
        self.started.emit(job)
        self._run_next()
        return job

    def cancel_all(self) -> None:
        """Cancel the running job and every waiting one."""
        for job in [*self._waiting, *([self._running] if self._running else [])]:
            job.cancel()

    def close(self) -> None:
        """Cancel everything, wait for the thread and end it."""
        self.cancel_all()
        self._thread.quit()
        self._thread.wait()

    def _run_next(self) -> None:
        if self._running is None and self._waiting:
            self._running = self._waiting.popleft()
            self._running.state = JobState.RUNNING
            self._run_requested.emit(self._running)

    @Slot()
    def _on_cancel_requested(self) -> None:
        for job in [job for job in self._waiting if job.stop_asked.is_set()]:
            self._waiting.remove(job)
            self._finish(job, _Outcome(JobState.CANCELLED))

    @Slot(object, object)
    def _on_reported(self, job: Job, progress: Progress) -> None:
        if job.state is JobState.RUNNING:
            job.progressed.emit(progress)

    @Slot(object, object)
    def _on_ended(self, job: Job, outcome: _Outcome) -> None:
        self._running = None
        if job.stop_asked.is_set() and outcome.state is JobState.DONE:
            outcome = _Outcome(JobState.CANCELLED)
        self._finish(job, outcome)
        self._run_next()

    def _finish(self, job: Job, outcome: _Outcome) -> None:
        job.state = outcome.state
        if outcome.state is JobState.DONE:
            job.done.emit(outcome.result)
        elif outcome.state is JobState.FAILED:
            job.failed.emit(outcome.error)
        else:
            job.cancelled.emit()
        job.finished.emit()
        job.deleteLater()
        if not self.is_busy:
            self.became_idle.emit()
