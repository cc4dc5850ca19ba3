"""Open files and folders without making the window wait."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from atomsegnet.core.errors import AtomSegNetError
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.picture import Picture, make_picture
from atomsegnet.core.progress import Progress, Report
from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.document import DocumentKey, new_document
from atomsegnet.gui.jobs import Job, Jobs
from atomsegnet.gui.kept_work import Kept, KeptWork
from atomsegnet.gui.messages import Mood
from atomsegnet.gui.workspace import Workspace
from atomsegnet.io import read as reading


def read_picture(
    path: Path, frame: int, detector: str | None, kept: KeptWork, report: Report
) -> tuple[Micrograph, Picture, Kept | None]:
    """Read one image of a file, and what was made of it; make both ready for the screen."""
    report(Progress(0, 3, f"Reading {path.name}"))
    micrograph = reading.read(path, frame, detector)
    report(Progress(1, 3, f"Reading {path.name}"))
    picture = make_picture(micrograph.image)
    report(Progress(2, 3, f"Reading {path.name}"))
    return micrograph, picture, kept.read(micrograph)


def readable_files(folder: Path) -> list[Path]:
    """Return the files of a folder that can be images by their names, sorted."""
    return sorted(
        (
            path
            for path in folder.iterdir()
            if path.suffix.lower() in reading.SUFFIXES and path.is_file()
        ),
        key=lambda path: path.name.lower(),
    )


class Opening(QObject):
    """Brings files into the workspace; of several requests the last one wins."""

    recent_files_changed = Signal()
    unexpected = Signal(object)

    def __init__(
        self,
        workspace: Workspace,
        jobs: Jobs,
        settings: WindowSettings,
        kept: KeptWork,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._kept = kept
        self._workspace = workspace
        self._jobs = jobs
        self._settings = settings
        self._job: Job | None = None
        self._wanted: Path | None = None

    @property
    def is_reading(self) -> bool:
        """Whether a file is on its way."""
        return self._job is not None

    def open_paths(self, paths: list[Path]) -> None:
        """Add files, and the files of folders, to the list and show the first of them."""
        found: list[Path] = []
        for path in (Path(path).absolute() for path in paths):
            inside = self._expanded(path)
            if inside:
                self._settings.remember_file(path)
            found += inside
        self.recent_files_changed.emit()
        if found:
            self._workspace.add_paths(found)
            self.show_file(found[0])

    def _expanded(self, path: Path) -> list[Path]:
        try:
            if not path.is_dir():
                if path.exists():
                    return [path]
                self._settings.forget_file(path)
                self._workspace.post(f"{path}: does not exist any more.", Mood.PROBLEM)
                return []
            inside = readable_files(path)
        except OSError as error:
            self._workspace.post(f"{path}: cannot be opened.", Mood.PROBLEM, str(error))
            return []
        if not inside:
            self._workspace.post(f"{path}: holds no image this program knows.", Mood.PROBLEM)
        return inside

    def show_file(self, path: Path) -> None:
        """Show a file of the list: as it was left, or else its first frame."""
        kept = self._workspace.documents_of(path)
        if kept:
            self._forget_job()
            self._workspace.show_document(kept[0])
        else:
            self._start(path, 0, None)

    def show_frame(self, frame: int, detector: str) -> None:
        """Show another frame or detector of the file that is shown."""
        document = self._workspace.document
        if document is None:
            return
        self.show_image(DocumentKey(document.key.path, frame, detector))

    def show_image(self, key: DocumentKey) -> None:
        """Show one image of a file of the list."""
        kept = self._workspace.kept_document(key)
        if kept is not None:
            self._forget_job()
            self._workspace.show_document(kept)
        else:
            self._start(key.path, key.frame, key.detector or None)

    def step(self, by: int) -> None:
        """Show the file that lies this many places further down the list."""
        workspace = self._workspace
        shown = workspace.document.key.path if workspace.document else None
        current = self._wanted or shown
        if current in workspace.paths:
            place = workspace.paths.index(current) + by
            if 0 <= place < len(workspace.paths):
                self.show_file(workspace.paths[place])

    def _start(self, path: Path, frame: int, detector: str | None) -> None:
        self._forget_job()
        self._wanted = path
        title = f"Reading {path.name}"
        job = self._jobs.start(read_picture, path, frame, detector, self._kept, title=title)
        self._job = job
        job.done.connect(self._on_read)
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)

    def _forget_job(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = None
        self._wanted = None

    @Slot(object)
    def _on_read(self, result: tuple[Micrograph, Picture, Kept | None]) -> None:
        micrograph, picture, kept = result
        document = new_document(micrograph, picture)
        if self.sender() is self._job and document.key.path in self._workspace.paths:
            if kept is not None:
                self._kept.give(document, kept)
            self._workspace.show_document(document)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if self._wanted is not None and self.sender() is self._job:
            self._give_up(self._wanted)
        if isinstance(error, AtomSegNetError):
            self._workspace.post(str(error), Mood.PROBLEM)
        else:
            self.unexpected.emit(error)

    def _give_up(self, path: Path) -> None:
        """Take a file that cannot be read off the lists, unless another frame of it is open."""
        if not self._workspace.documents_of(path):
            self._settings.forget_file(path)
            self.recent_files_changed.emit()
            self._workspace.close_path(path)

    @Slot()
    def _on_finished(self) -> None:
        if self.sender() is self._job:
            self._job = None
            self._wanted = None
