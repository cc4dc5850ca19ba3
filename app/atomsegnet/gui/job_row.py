"""One line of the list of long jobs: what it is, how it stands, how far it got."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from atomsegnet.gui.child_job import ChildJob
from atomsegnet.gui.elided_label import ElidedLabel
from atomsegnet.gui.job_records import ChildState

_STATES = {
    ChildState.QUEUED: "Waiting",
    ChildState.RUNNING: "Running",
    ChildState.STOPPING: "Cancelling\N{HORIZONTAL ELLIPSIS}",
    ChildState.PAUSED: "Paused",
    ChildState.DONE: "Done",
    ChildState.FAILED: "Failed",
    ChildState.CANCELLED: "Cancelled",
}
_THOUSAND = 1000


def time_text(seconds: float) -> str:
    """Say a duration as one does: "40 s", "3 min", "2 h 5 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def state_text(job: ChildJob) -> str:
    """Say how a job stands."""
    if job.state is not ChildState.RUNNING:
        return " \N{MIDDLE DOT} ".join(filter(None, (_STATES[job.state], job.record.message)))
    progress = job.progress
    if progress is None:
        return "Starting\N{HORIZONTAL ELLIPSIS}"
    parts = [progress.message[:1].upper() + progress.message[1:] or _STATES[job.state]]
    if progress.total:
        parts.append(f"{100 * progress.done // progress.total} %")
    left_s = job.seconds_left()
    if left_s is not None:
        parts.append(f"{time_text(left_s)} left")
    return " \N{MIDDLE DOT} ".join(parts)


class JobRow(QWidget):
    """Title, state, and a thin bar."""

    def __init__(self, job: ChildJob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job = job
        self.title = ElidedLabel()
        self.title.show_text(job.record.title)
        self.title.setToolTip(job.record.title)
        self.state = ElidedLabel()
        self.state.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(5)
        self.bar.setAccessibleName(f"Progress of {job.record.title}")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 5, 12, 6)
        layout.setSpacing(2)
        layout.addWidget(self.title)
        layout.addWidget(self.state)
        layout.addWidget(self.bar)
        job.changed.connect(self.show_state)
        job.progressed.connect(self.show_state)
        self.show_state()

    @Slot()
    def show_state(self) -> None:
        """Show how the job stands now."""
        text = state_text(self.job)
        self.state.show_text(text)
        self.state.setToolTip(text)
        progress = self.job.progress
        if self.job.state is ChildState.DONE:
            self.bar.setRange(0, 1)
            self.bar.setValue(1)
        elif progress is not None and progress.total:
            self.bar.setRange(0, _THOUSAND)
            self.bar.setValue(_THOUSAND * progress.done // progress.total)
        else:
            self.bar.setRange(0, 0 if self.job.state is ChildState.RUNNING else 1)
            self.bar.setValue(0)
        self.bar.setEnabled(self.job.state is ChildState.RUNNING)
