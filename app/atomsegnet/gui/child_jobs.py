"""Long work in child processes: their queue, and the file it is noted in."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal, Slot

from atomsegnet.gui.child_job import ChildJob
from atomsegnet.gui.job_records import ChildState, JobRecord, load_records, save_records

logger = logging.getLogger(__name__)


class ChildJobs(QObject):
    """Long jobs in the order in which they were asked for; one runs at a time.

    They are noted in a file. While another window holds that file, nothing is read or written.

    Parameters
    ----------
    path : Path or None
        The file; None for jobs that are forgotten with the window.
    """

    changed = Signal()
    became_idle = Signal()

    def __init__(self, path: Path | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs: list[ChildJob] = []
        self._path: Path | None = None
        self._lock: QLockFile | None = None
        if path is not None:
            self._claim(path)

    @property
    def is_busy(self) -> bool:
        """Whether a job runs or waits for its turn."""
        return any(job.state.is_active for job in self.jobs)

    def add(self, record: JobRecord) -> ChildJob:
        """Queue a new job."""
        job = self._make(record)
        self._on_changed()
        self._start_next()
        return job

    def pause(self, job: ChildJob) -> None:
        """Let a job rest; what it has done is kept where its verb can go on."""
        self._stop(job, ChildState.PAUSED)

    def cancel(self, job: ChildJob) -> None:
        """Give a job up."""
        self._stop(job, ChildState.CANCELLED)

    def resume(self, job: ChildJob) -> None:
        """Queue a job again that is paused, cancelled or failed."""
        if not job.state.is_active:
            job.set_state(ChildState.QUEUED, "")
            self._start_next()

    def remove(self, job: ChildJob) -> None:
        """Forget a job that does not run; its files stay."""
        if job in self.jobs and not job.state.is_active:
            self.jobs.remove(job)
            job.deleteLater()
            self._on_changed()

    def pause_all(self) -> None:
        """Let every job rest."""
        for job in reversed(self.jobs):
            if job.state.is_active:
                self.pause(job)

    def close(self) -> None:
        """Pause everything, wait for the processes and let go of the file."""
        self.pause_all()
        for job in self.jobs:
            job.wait()
        if self._lock is not None:
            self._lock.unlock()
            self._lock = self._path = None

    def _claim(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            logger.info("Jobs cannot be noted: %s", error)
            return
        lock = QLockFile(str(path.with_suffix(".lock")))
        # Locks of windows that died are taken over; one that lives keeps it for as long as it does.
        lock.setStaleLockTime(0)
        if lock.tryLock(0):
            self._lock, self._path = lock, path
            for record in load_records(path):
                self._make(record)

    def _make(self, record: JobRecord) -> ChildJob:
        job = ChildJob(record, self)
        self.jobs.append(job)
        job.changed.connect(self._on_changed)
        job.ended.connect(self._on_ended)
        return job

    def _stop(self, job: ChildJob, wanted: ChildState) -> None:
        if job.state in (ChildState.RUNNING, ChildState.STOPPING):
            job.stop(wanted)
        elif job.state in (ChildState.QUEUED, ChildState.PAUSED):
            job.set_state(wanted, "")

    def _start_next(self) -> None:
        if any(job.state in (ChildState.RUNNING, ChildState.STOPPING) for job in self.jobs):
            return
        waiting = [job for job in self.jobs if job.state is ChildState.QUEUED]
        if waiting:
            waiting[0].start()

    @Slot()
    def _on_changed(self) -> None:
        if self._path is not None:
            try:
                save_records([job.record for job in self.jobs], self._path)
            except OSError as error:
                logger.info("Jobs could not be noted: %s", error)
        self.changed.emit()

    @Slot()
    def _on_ended(self) -> None:
        self._start_next()
        if not self.is_busy:
            self.became_idle.emit()
