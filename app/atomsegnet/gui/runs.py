"""Run models on open micrographs and deliver each result to the one it came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from atomsegnet.analysis.neighbors import median_spacing
from atomsegnet.core.errors import AtomSegNetError
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.picture import Picture, make_picture
from atomsegnet.core.progress import Report
from atomsegnet.gui.document import Document, Finding
from atomsegnet.gui.jobs import Job, Jobs
from atomsegnet.gui.messages import Mood
from atomsegnet.gui.seen_part import (
    PREVIEW_METHOD,
    HandOn,
    first_columns,
    first_image,
    part_worth_showing,
)
from atomsegnet.gui.view_state import Region, SeenPart, ViewState
from atomsegnet.gui.workspace import Workspace
from atomsegnet.tasks import locate as locating
from atomsegnet.tasks import process as processing
from atomsegnet.tasks.locate import Detection
from atomsegnet.tasks.process import Processed

MAP_MODEL = "gaussian_map"

# While the threshold is dragged, columns are taken again by the quick method this long after a
# move; once it rests this long, they are measured by the chosen one.
_PREVIEW_MS = 60
_SETTLING_MS = 600


def restore_picture(
    micrograph: Micrograph, model: str, seen: Region | None, hand_on: HandOn, report: Report
) -> tuple[Processed, Picture]:
    """Run a model, first on what is seen, and make its output ready for the screen."""
    first = first_image(seen, hand_on)
    processed = processing.process(micrograph, model, first=first, report=report)
    return processed, make_picture(processed.image)


def locate_picture(
    micrograph: Micrograph,
    model: str,
    method: str,
    detection: Detection,
    seen: Region | None,
    hand_on: HandOn,
    report: Report,
) -> Finding:
    """Locate columns, first those seen, and make the map they come from ready for the screen."""
    first = first_columns(seen, hand_on, detection, report)
    located = locating.locate(
        micrograph, model=model, method=method, detection=detection, first=first, report=report
    )
    picture = make_picture(located.processed.image)
    return Finding(located, median_spacing(located.columns.positions), picture)


def locate_again(
    processed: Processed, method: str, detection: Detection, report: Report
) -> Finding:
    """Take the columns from a map that is there already."""
    located = locating.locate_on_map(processed, method=method, detection=detection, report=report)
    return Finding(located, median_spacing(located.columns.positions))


class Runs(QObject):
    """Starts models and measurements on the document that is shown."""

    changed = Signal()
    unexpected = Signal(object)
    _part_made = Signal(object, object)

    def __init__(self, workspace: Workspace, state: ViewState, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._state = state
        self._jobs = jobs
        self._documents: dict[Job, Document] = {}
        self._again: Job | None = None
        self._again_is_preview = False
        self._adjusted: Document | None = None
        self.method = locating.DEFAULT_METHOD
        self.map_model = MAP_MODEL
        self._preview_delay = self._timer(_PREVIEW_MS, self._on_preview_due)
        self._settling = self._timer(_SETTLING_MS, self._on_settled)
        self._part_made.connect(self._on_part_made, Qt.ConnectionType.QueuedConnection)
        workspace.files_changed.connect(self._on_files_changed)
        workspace.document_changed.connect(self._on_document_changed)

    def is_running_on(self, document: Document | None) -> bool:
        """Whether a model runs, or waits to run, on this document."""
        return any(
            running is document
            for job, running in self._documents.items()
            if job is not self._again
        )

    def restore(self, model: str, title: str) -> Job | None:
        """Run a model on the document that is shown."""
        document = self._workspace.document
        if document is None:
            return None
        seen = self._seen(document)
        job = self._start(restore_picture, document, document.micrograph, model, *seen, title=title)
        job.done.connect(self._on_restored)
        return job

    def locate(self) -> Job | None:
        """Locate the columns of the document that is shown; a map it has already is used."""
        document = self._workspace.document
        if document is None:
            return None
        detection = document.detection()
        kept = self._kept_map(document)
        if kept is not None:
            job = self._start(
                locate_again, document, kept, self.method, detection, title="Locate columns"
            )
        else:
            job = self._start(
                locate_picture,
                document,
                document.micrograph,
                self.map_model,
                self.method,
                detection,
                *self._seen(document),
                title="Locate columns",
            )
        job.done.connect(self._on_located)
        return job

    def choose_threshold(self, threshold: float | None) -> None:
        """Take columns anew with this threshold (0 to 1; None for Otsu's) once it rests."""
        document = self._workspace.document
        if document is not None and document.located is not None:
            document.chosen_threshold = threshold
            self._adjust(document)

    def choose_regions(self, minimum_area_px: float, splits_touching: bool) -> None:
        """Take columns anew with this least area [px^2], touching ones split or not."""
        document = self._workspace.document
        if document is not None and document.located is not None:
            document.minimum_area_px = minimum_area_px
            document.splits_touching = splits_touching
            self._adjust(document)

    def _adjust(self, document: Document) -> None:
        self._adjusted = document
        self._settling.start()
        # Not started anew by each move, or a steady drag would show nothing.
        if not self._preview_delay.isActive():
            self._preview_delay.start()

    def choose_method(self, method: str) -> None:
        """Measure positions by this method from now on, those that are shown too."""
        if method != self.method:
            self.method = method
            document = self._workspace.document
            if document is not None and document.located is not None:
                self._adjusted = document
                self._settling.start()

    def _timer(self, interval_ms: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(slot)
        return timer

    def _kept_map(self, document: Document) -> Processed | None:
        """Return a map of the document unless its scale was changed since."""
        kept = document.processed.get(self.map_model)
        size = document.micrograph.pixel_size_nm
        return kept if kept is not None and kept.micrograph.pixel_size_nm == size else None

    def _start(self, task: Callable[..., Any], document: Document, *args: Any, title: str) -> Job:
        job = self._jobs.start(task, *args, title=title)
        self._documents[job] = document
        document.pending_jobs += 1
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)
        self.changed.emit()
        return job

    def _seen(self, document: Document) -> tuple[Region | None, HandOn]:
        """Return which part a job begins with, and how it shows that."""
        region = part_worth_showing(document, self._state.seen_region(document))
        return region, lambda part: self._part_made.emit(document, part)

    @Slot(object, object)
    def _on_part_made(self, document: Document, part: SeenPart) -> None:
        if document is self._workspace.document and self.is_running_on(document):
            self._state.show_part(part)

    @Slot()
    def _on_preview_due(self) -> None:
        if self._again is not None and self._again_is_preview:
            # A steady drag would cancel every preview before it is seen; the next one waits.
            self._preview_delay.start()
        else:
            self._locate_again(PREVIEW_METHOD)

    @Slot()
    def _on_settled(self) -> None:
        self._preview_delay.stop()
        self._locate_again(self.method)

    def _locate_again(self, method: str) -> None:
        document = self._adjusted
        if document is None or document.located is None:
            return
        if self._again is not None and self._documents.get(self._again) is document:
            self._again.cancel()
        self._again_is_preview = method == PREVIEW_METHOD
        self._again = self._start(
            locate_again,
            document,
            document.located.processed,
            method,
            document.detection(),
            title="Measure columns",
        )
        self._again.done.connect(self._on_located)

    @Slot(object)
    def _on_restored(self, result: tuple[Processed, Picture]) -> None:
        processed, picture = result
        document = self._documents[self._sending_job()]
        self._workspace.add_processed(document, processed, picture)
        self._tell(processed)

    @Slot(object)
    def _on_located(self, finding: Finding) -> None:
        document = self._documents[self._sending_job()]
        is_preview = finding.located.method != self.method
        self._workspace.add_located(document, finding, is_preview=is_preview)
        if finding.map_picture is not None:
            self._tell(finding.located.processed)

    def _sending_job(self) -> Job:
        return cast("Job", self.sender())

    def _tell(self, processed: Processed) -> None:
        if processed.notes:
            self._workspace.post(" ".join(processed.notes))

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, AtomSegNetError):
            self._workspace.post(str(error), Mood.PROBLEM)
        else:
            self.unexpected.emit(error)

    @Slot()
    def _on_finished(self) -> None:
        job = self._sending_job()
        self._documents.pop(job).pending_jobs -= 1
        if job is self._again:
            self._again = None
        if not self.is_running_on(self._workspace.document):
            self._state.show_part(None)
        self.changed.emit()

    @Slot()
    def _on_document_changed(self) -> None:
        # The document that was left shall not stay with the columns of a preview.
        if self._settling.isActive():
            self._settling.stop()
            self._on_settled()

    @Slot()
    def _on_files_changed(self) -> None:
        for job, document in list(self._documents.items()):
            if not self._workspace.is_open(document):
                job.cancel()
