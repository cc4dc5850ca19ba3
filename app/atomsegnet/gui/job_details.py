"""The chosen long job: what can be done with it, its curve, its preview, its log."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QFontDatabase, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from atomsegnet.core.training_log import PREVIEW_NAME
from atomsegnet.gui.batch_table import BatchTable
from atomsegnet.gui.child_job import ChildJob
from atomsegnet.gui.child_jobs import ChildJobs
from atomsegnet.gui.job_records import ChildState
from atomsegnet.gui.loss_plot import LossCurves, LossPlot

TRAIN, BATCH = "train", "batch"
# Curve and preview are drawn anew at most so often.
_REDRAW_MS = 500
_PREVIEW_SIDE = 200
_LOG_HEIGHT = 110


class JobDetails(QWidget):
    """Acts on one job at a time."""

    result_wanted = Signal(object)

    def __init__(self, jobs: ChildJobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self.job: ChildJob | None = None
        self._curves = LossCurves()
        self._preview_time_ns = 0
        self.pause = QPushButton("Pause")
        self.cancel = QPushButton("Cancel")
        self.open = QPushButton("Open result")
        self.remove = QPushButton("Remove")
        self.plot = LossPlot()
        self.files = BatchTable()
        self.preview = QLabel()
        self.caption = QLabel("The model now, on the open micrograph")
        self.log = QPlainTextEdit()
        self._lay_out()
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self._on_redraw)
        self.pause.clicked.connect(self._on_pause_clicked)
        self.cancel.clicked.connect(self._on_cancel_clicked)
        self.open.clicked.connect(self._on_open_clicked)
        self.remove.clicked.connect(self._on_remove_clicked)
        self.show_job(None)

    def _lay_out(self) -> None:
        self.pause.setToolTip("Let the job rest; Resume goes on from its last checkpoint.")
        self.cancel.setToolTip("Give the job up; what it wrote so far stays.")
        self.remove.setToolTip("Take the job off the list; its files stay.")
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setAccessibleName("Preview of the model")
        self.caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.log.setReadOnly(True)
        self.log.setFixedHeight(_LOG_HEIGHT)
        self.log.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.log.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.log.setPlaceholderText("The log of the job")
        self.log.setAccessibleName("Log")
        buttons = QHBoxLayout()
        for button in (self.open, self.pause, self.cancel, self.remove):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.setSpacing(7)
        layout.addLayout(buttons)
        layout.addWidget(self.plot)
        layout.addWidget(self.files)
        layout.addWidget(self.preview)
        layout.addWidget(self.caption)
        layout.addWidget(self.log)
        layout.addStretch(1)

    def show_job(self, job: ChildJob | None) -> None:
        """Show another job, or none."""
        if self.job is not None:
            self.job.changed.disconnect(self._on_changed)
            self.job.progressed.disconnect(self._on_progressed)
            self.job.logged.disconnect(self.log.appendPlainText)
        self.job = job
        self.setVisible(job is not None)
        if job is None:
            self.files.show_job(None)
            return
        job.changed.connect(self._on_changed)
        job.progressed.connect(self._on_progressed)
        job.logged.connect(self.log.appendPlainText)
        self.log.setPlainText("\n".join(job.log))
        is_training = job.record.verb == TRAIN
        self.plot.setVisible(is_training)
        is_batch = job.record.verb == BATCH
        self.files.setVisible(is_batch)
        self.files.show_job(job if is_batch else None)
        self._curves = LossCurves.of_run(job.record.folder) if is_training else LossCurves()
        self._preview_time_ns = 0
        self._on_redraw()
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        job = self.job
        if job is None:
            return
        can_stop = job.state in (ChildState.QUEUED, ChildState.RUNNING)
        can_go_on = job.state in (ChildState.PAUSED, ChildState.FAILED, ChildState.CANCELLED)
        self.pause.setText("Resume" if can_go_on else "Pause")
        self.pause.setVisible(job.state is not ChildState.DONE)
        self.pause.setEnabled(can_go_on or (can_stop and bool(job.record.resume_arguments)))
        self.cancel.setVisible(not can_go_on and job.state is not ChildState.DONE)
        self.cancel.setEnabled(can_stop)
        self.open.setVisible(job.state is ChildState.DONE)
        self.remove.setVisible(not job.state.is_active)
        self._redraw.start()

    @Slot(object)
    def _on_progressed(self) -> None:
        values = self.job.progress.values if self.job and self.job.progress else {}
        if "step" in values:
            nothing = float("nan")
            loss, validation = values.get("loss", nothing), values.get("validation loss", nothing)
            self._curves.add(values["step"], loss, validation)
        if not self._redraw.isActive():
            self._redraw.start()

    @Slot()
    def _on_redraw(self) -> None:
        if self.job is None:
            return
        if self.plot.isVisibleTo(self):
            self.plot.show_curves(self._curves)
        self._show_preview(self.job.record.folder / PREVIEW_NAME)

    def _show_preview(self, path: Path) -> None:
        try:
            time_ns = path.stat().st_mtime_ns
        except OSError:
            time_ns = 0
        if time_ns == self._preview_time_ns and self.preview.isVisibleTo(self) == bool(time_ns):
            return
        self._preview_time_ns = time_ns
        picture = QPixmap(str(path)) if time_ns else QPixmap()
        for part in (self.preview, self.caption):
            part.setVisible(not picture.isNull())
        if not picture.isNull():
            keep = Qt.AspectRatioMode.KeepAspectRatio
            smooth = Qt.TransformationMode.SmoothTransformation
            self.preview.setPixmap(picture.scaled(_PREVIEW_SIDE, _PREVIEW_SIDE, keep, smooth))

    @Slot()
    def _on_pause_clicked(self) -> None:
        if self.job is None:
            return
        if self.job.state.is_active:
            self._jobs.pause(self.job)
        else:
            self._jobs.resume(self.job)

    @Slot()
    def _on_cancel_clicked(self) -> None:
        if self.job is not None:
            self._jobs.cancel(self.job)

    @Slot()
    def _on_open_clicked(self) -> None:
        if self.job is not None:
            self.result_wanted.emit(self.job)

    @Slot()
    def _on_remove_clicked(self) -> None:
        if self.job is not None:
            self._jobs.remove(self.job)


def show_folder(folder: Path) -> None:
    """Show a folder in the file manager of the desktop."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
