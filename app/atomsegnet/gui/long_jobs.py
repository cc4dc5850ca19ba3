"""How the window shows its long jobs: the side panel, a word in the status bar, results."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QToolButton

from atomsegnet.core.errors import AtomSegNetError
from atomsegnet.core.recipe import recipe_text
from atomsegnet.gui.batch_dialog import BatchDialog
from atomsegnet.gui.child_job import ChildJob
from atomsegnet.gui.copy_button import copy_command
from atomsegnet.gui.job_details import show_folder
from atomsegnet.gui.job_records import ChildState, JobRecord
from atomsegnet.gui.job_row import time_text
from atomsegnet.gui.messages import Mood
from atomsegnet.io.safe_write import safely_written
from atomsegnet.paths import user_data_folder

if TYPE_CHECKING:
    from atomsegnet.gui.main_window import MainWindow


class LongJobs(QObject):
    """Starts long jobs, keeps the status bar up to date and brings results to the user."""

    finished = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._jobs = window.child_jobs
        self._known: dict[ChildJob, ChildState] = {}
        self.panel_action = QAction("&Jobs", self)
        self.panel_action.setCheckable(True)
        self.panel_action.setShortcut(QKeySequence("Ctrl+J"))
        self.button = QToolButton()
        self.button.setAutoRaise(True)
        self.button.setToolTip("Show or hide the jobs (Ctrl+J)")
        window.statusBar().addPermanentWidget(self.button)
        self.panel_action.toggled.connect(window.job_panel.setVisible)
        self.button.clicked.connect(self.panel_action.toggle)
        window.job_panel.close_wanted.connect(self.panel_action.toggle)
        window.job_panel.result_wanted.connect(self.open_result)
        self._jobs.changed.connect(self._on_changed)
        window.job_panel.setVisible(False)
        self._on_changed()
        self._tell_of_interrupted()

    def start(self, record: JobRecord) -> ChildJob:
        """Queue a job and show it."""
        job = self._jobs.add(record)
        self.panel_action.setChecked(True)
        self._window.job_panel.choose(job)
        return job

    @Slot(object)
    def open_result(self, job: ChildJob) -> None:
        """Show what a job made."""
        shown = self._window.simulations.show_result(job) or self._window.models.show_result(job)
        if not shown:
            show_folder(job.record.folder)

    @Slot()
    def ask_for_batch(self) -> None:
        """Ask for a folder and a recipe, and work on the folder."""
        window = self._window
        document = window.workspace.document
        folder = document.key.path.parent if document is not None else window.settings.last_folder
        self.batch = BatchDialog(folder, window.runs.method, window)
        self.batch.accepted.connect(self._on_batch_accepted)
        self.batch.copy.clicked.connect(self._on_batch_copied)
        self.batch.open()

    @Slot()
    def _on_batch_accepted(self) -> None:
        record = self._batch_record()
        if record is not None:
            self.start(record)

    @Slot()
    def _on_batch_copied(self) -> None:
        record = self._batch_record()
        if record is not None:
            copy_command(record, self.batch.problem)

    def _batch_record(self) -> JobRecord | None:
        """Return the job of the dialog; its recipe is written, the same one once."""
        text = recipe_text(self.batch.recipe())
        name = hashlib.sha256(text.encode()).hexdigest()[:16]
        path = user_data_folder() / "recipes" / f"{name}.toml"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with safely_written(path, overwrite=True) as temporary:
                temporary.write_text(text, encoding="utf-8")
        except (AtomSegNetError, OSError) as error:
            self._window.workspace.post(str(error), Mood.PROBLEM)
            return None
        return self.batch.record(path)

    def _tell_of_interrupted(self) -> None:
        paused = [job for job in self._jobs.jobs if job.state is ChildState.PAUSED]
        if paused:
            self.panel_action.setChecked(True)
            jobs = "A job was" if len(paused) == 1 else f"{len(paused)} jobs were"
            self._window.workspace.post(f"{jobs} interrupted; Resume goes on with it.")

    @Slot()
    def _on_changed(self) -> None:
        active = [job for job in self._jobs.jobs if job.state.is_active]
        for job in active:
            if job not in self._known:
                job.progressed.connect(self._show_text)
        self._show_text()
        for job in self._jobs.jobs:
            before = self._known.get(job)
            self._known[job] = job.state
            if before is not None and before.is_active and not job.state.is_active:
                self._on_ended(job)
        self._known = {job: self._known[job] for job in self._jobs.jobs}

    def _on_ended(self, job: ChildJob) -> None:
        if job.state is ChildState.DONE:
            text = " ".join(filter(None, (f"{job.record.title}: done.", job.record.message)))
            self._window.workspace.post(text)
            self.finished.emit(job)
        elif job.state is ChildState.FAILED:
            text = f"{job.record.title}: {job.record.message}"
            self._window.workspace.post(text, Mood.PROBLEM, "\n".join(job.log))

    @Slot()
    def _show_text(self) -> None:
        active = [job for job in self._jobs.jobs if job.state.is_active]
        text = "1 job" if len(active) == 1 else f"{len(active)} jobs"
        running = next((job for job in active if job.state is ChildState.RUNNING), None)
        if running is not None and running.progress is not None and running.progress.total:
            progress = running.progress
            text += f", {100 * progress.done // progress.total} %"
            left_s = running.seconds_left()
            if left_s is not None:
                text += f", {time_text(left_s)} left"
        self.button.setText(text)
        self.button.setVisible(bool(active))
