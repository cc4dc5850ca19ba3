"""The side panel of long jobs: simulation, training, batches."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from atomsegnet.gui.calm_list import CalmList
from atomsegnet.gui.child_job import ChildJob
from atomsegnet.gui.child_jobs import ChildJobs
from atomsegnet.gui.icon_button import IconButton
from atomsegnet.gui.job_details import JobDetails
from atomsegnet.gui.job_row import JobRow

_LIST_HEIGHT = 220
_EMPTY = "No jobs. Training, simulations and batches run here, beside your work."


class JobPanel(QWidget):
    """A list of jobs, the newest first, and below it the one that is chosen."""

    result_wanted = Signal(object)
    close_wanted = Signal()

    def __init__(self, jobs: ChildJobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.close_button = IconButton("close", "Hide the jobs; they go on")
        self.list = CalmList()
        self.list.setAccessibleName("Jobs")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFixedHeight(_LIST_HEIGHT)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.empty = QLabel(_EMPTY)
        self.empty.setWordWrap(True)
        self.empty.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.empty.setContentsMargins(12, 4, 12, 4)
        self.details = JobDetails(jobs)
        self._lay_out()
        self.close_button.clicked.connect(self.close_wanted)
        self.list.currentItemChanged.connect(self._on_current_changed)
        self.details.result_wanted.connect(self.result_wanted)
        jobs.changed.connect(self._on_changed)
        self._on_changed()

    def _lay_out(self) -> None:
        title = QLabel("Jobs")
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 8, 6)
        head.addWidget(title, 1)
        head.addWidget(self.close_button)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.details)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.empty)
        layout.addWidget(self.list)
        layout.addWidget(scroll, 1)

    def choose(self, job: ChildJob) -> None:
        """Show a job."""
        for place in range(self.list.count()):
            if self._job_at(place) is job:
                self.list.setCurrentRow(place)

    def _job_at(self, place: int) -> ChildJob | None:
        row = self.list.itemWidget(self.list.item(place))
        return row.job if isinstance(row, JobRow) else None

    @Slot()
    def _on_changed(self) -> None:
        wanted = list(reversed(self._jobs.jobs))
        if wanted == [self._job_at(place) for place in range(self.list.count())]:
            return
        shown = self.details.job
        newest = wanted[0] if wanted else None
        is_new = newest is not None and all(
            self._job_at(place) is not newest for place in range(self.list.count())
        )
        with QSignalBlocker(self.list):
            self.list.clear()
            for job in wanted:
                row = JobRow(job)
                item = QListWidgetItem()
                item.setSizeHint(QSize(0, row.sizeHint().height()))
                self.list.addItem(item)
                self.list.setItemWidget(item, row)
        self.empty.setVisible(not wanted)
        self.list.setVisible(bool(wanted))
        chosen = newest if is_new or shown not in wanted else shown
        self.details.show_job(chosen)
        with QSignalBlocker(self.list):
            if chosen is not None:
                self.choose(chosen)

    @Slot(QListWidgetItem, QListWidgetItem)
    def _on_current_changed(self, current: QListWidgetItem | None, _before: object) -> None:
        if current is not None:
            self.details.show_job(self._job_at(self.list.row(current)))
