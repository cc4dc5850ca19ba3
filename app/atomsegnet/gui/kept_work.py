"""Keep what was made of the open images, and give it back when they are opened again."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import NamedTuple, cast

from PySide6.QtCore import QObject, QTimer, Slot

from atomsegnet.analysis.neighbors import median_spacing
from atomsegnet.core.errors import AtomSegNetError, ReadError
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.picture import Picture, make_picture
from atomsegnet.core.progress import Report
from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.document import RAW, Document, DocumentKey, Layer, LayerKind
from atomsegnet.gui.jobs import Job, Jobs
from atomsegnet.gui.messages import Mood
from atomsegnet.gui.workspace import Workspace
from atomsegnet.tasks.kept_folders import drop_oldest, folder_of_file, work_folder
from atomsegnet.tasks.kept_work import KeptLayer, Look, Work, WorkFolder

logger = logging.getLogger(__name__)

# Written this long after a change, so that a crash costs no more.
_SAVE_AFTER_MS = 1000


class Kept(NamedTuple):
    """What comes back with an image, and what is to be said about it.

    Attributes
    ----------
    work : Work or None
        None where it cannot be brought back.
    pictures : tuple of Picture or None
        Of its layers.
    spacing_px : float or None
        Median distance of its columns [px].
    problem : str
        Why it does not come back, in a sentence.
    """

    work: Work | None
    pictures: tuple[Picture | None, ...] = ()
    spacing_px: float | None = None
    problem: str = ""


def save_work(
    folder: WorkFolder, work: Work, root: Path, open_files: list[Path], report: Report
) -> None:
    """Keep the work on one image; what is oldest gives way if there is too much."""
    folder.save(work, report)
    drop_oldest(root, open_files)


def forget_file(folder: Path, report: Report) -> None:
    """Delete what was kept of a file."""
    del report
    shutil.rmtree(folder, ignore_errors=True)


class KeptWork(QObject):
    """Writes layers and columns to the user's folder a moment after they changed.

    Parameters
    ----------
    jobs : Jobs
        Where the writing runs.
    root : Path or None
        The folder; None for a window that is not to be remembered.
    """

    def __init__(
        self,
        workspace: Workspace,
        jobs: Jobs,
        settings: WindowSettings,
        root: Path | None,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._jobs = jobs
        self._settings = settings
        self._root = root
        self._folders: dict[DocumentKey, WorkFolder] = {}
        self._kept: dict[Document, Work] = {}
        self._writing: dict[Job, tuple[Document, Work]] = {}
        self._opened: set[Path] = set()
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_SAVE_AFTER_MS)
        self._delay.timeout.connect(self._on_due)
        for changed in (
            workspace.files_changed, workspace.layers_changed, workspace.layer_changed,
            workspace.columns_changed, workspace.pixel_size_changed,
        ):  # fmt: skip
            changed.connect(self.note_change)
        workspace.document_changed.connect(self._on_document_changed)
        workspace.files_changed.connect(self._on_files_changed)

    # Bringing back

    def read(self, micrograph: Micrograph) -> Kept | None:
        """Read what was kept of an image; not for the main thread."""
        source = micrograph.source
        if self._root is None or source is None or not self._settings.restores_session:
            return None
        try:
            work = self._folder(_key(micrograph)).load(micrograph)
        except ReadError as error:
            return Kept(None, problem=str(error))
        if work is None:
            return None
        pictures = tuple(make_picture(image) if image is not None else None
                         for _, image in work.layers)  # fmt: skip
        located = work.located
        spacing_px = median_spacing(located.columns.positions) if located is not None else None
        return Kept(work, pictures, spacing_px)

    def give(self, document: Document, kept: Kept) -> None:
        """Give a document that was just opened what was made of it before."""
        if kept.work is None:
            self._workspace.post(kept.problem, Mood.PROBLEM)
            return
        work = kept.work
        raw = document.layers[0].picture
        looks = (layer.look for layer in work.layers)
        document.layers = [
            _layer(look, raw if look.name == RAW else picture)
            for look, picture in zip(looks, kept.pictures, strict=True)
        ]
        document.micrograph = work.micrograph
        document.is_pixel_size_typed = work.is_pixel_size_typed
        size = work.micrograph.pixel_size_nm
        if work.is_pixel_size_typed and size is not None:
            self._workspace.typed_pixel_sizes.setdefault(document.key.path, size)
        document.processed = {run.model: run for run in work.processed}
        document.located = document.measured = work.located
        document.spacing_px = kept.spacing_px
        document.edits = work.edits
        document.chosen_threshold = work.detection.threshold
        document.minimum_area_px = work.detection.minimum_area_px
        document.splits_touching = work.detection.split_touching
        document.color_by, document.column_color_map = work.color_by, work.column_color_map
        document.active_layer = work.active_layer
        self._kept[document] = work

    def has_kept(self, path: Path) -> bool:
        """Whether something was kept of a file."""
        return self._root is not None and folder_of_file(self._root, path).is_dir()

    # Keeping

    @Slot()
    def note_change(self) -> None:
        """Write what changed in a moment."""
        if self._root is not None and not self._delay.isActive():
            self._delay.start()

    def finish(self) -> None:
        """Write at once what is not written yet; the threads have ended."""
        self._delay.stop()
        if self._root is None:
            return
        self._writing.clear()
        for document, work in self._unwritten():
            try:
                self._folder(document.key).save(work)
            except (AtomSegNetError, OSError) as error:
                logger.info("What was made of %s is not kept: %s", document.key.path, error)
            else:
                self._kept[document] = work

    def _unwritten(self) -> list[tuple[Document, Work]]:
        known = {**self._kept, **dict(self._writing.values())}
        workspace = self._workspace
        documents = [item for path in workspace.paths for item in workspace.documents_of(path)]
        made = [item for item in documents if item.processed or item.located is not None]
        works = [(document, _work_of(document)) for document in made]
        return [(item, work) for item, work in works if not work.is_same_as(known.get(item))]

    def _folder(self, key: DocumentKey) -> WorkFolder:
        if self._root is None:
            raise ValueError("nothing is kept")
        return self._folders.setdefault(key, WorkFolder(work_folder(self._root, *key)))

    @Slot()
    def _on_due(self) -> None:
        if self._root is None:
            return
        for document, work in self._unwritten():
            folder = self._folder(document.key)
            job = self._jobs.start(save_work, folder, work, self._root, self._workspace.paths)
            self._writing[job] = (document, work)
            job.done.connect(self._on_written)
            job.failed.connect(self._on_failed)
            job.finished.connect(self._on_finished)

    @Slot()
    def _on_written(self) -> None:
        document, work = self._writing[cast("Job", self.sender())]
        if self._workspace.is_open(document):
            self._kept[document] = work

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        document, work = self._writing[cast("Job", self.sender())]
        # Not tried again before it changes.
        self._kept[document] = work
        text = f"{document.key.path}: what was made of it cannot be kept for the next start."
        self._workspace.post(text, Mood.PROBLEM, str(error))

    @Slot()
    def _on_finished(self) -> None:
        self._writing.pop(cast("Job", self.sender()), None)

    @Slot()
    def _on_document_changed(self) -> None:
        if self._workspace.document is not None:
            self._opened.add(self._workspace.document.key.path)

    @Slot()
    def _on_files_changed(self) -> None:
        """Forget the work on a file that was closed."""
        for path in [path for path in self._opened if path not in self._workspace.paths]:
            self._opened.remove(path)
            self._kept = {item: work for item, work in self._kept.items() if item.key.path != path}
            for key in [key for key in self._folders if key.path == path]:
                del self._folders[key]
            if self._root is not None:
                self._jobs.start(forget_file, folder_of_file(self._root, path))


def _work_of(document: Document) -> Work:
    layers = tuple(
        KeptLayer(
            _look(layer),
            layer.picture.image if layer.picture is not None and layer.name != RAW else None,
        )
        for layer in document.layers
    )
    return Work(
        document.micrograph,
        document.is_pixel_size_typed,
        layers,
        tuple(document.processed.values()),
        document.measured,
        document.edits,
        document.detection(),
        document.color_by,
        document.column_color_map,
        document.active_layer,
    )


def _look(layer: Layer) -> Look:
    return Look(
        name=layer.name,
        title=layer.title,
        kind=layer.kind.value,
        limits=layer.limits,
        gamma=layer.gamma,
        is_visible=layer.is_visible,
        opacity=layer.opacity,
        color_map=layer.color_map,
        unit=layer.unit,
    )


def _layer(look: Look, picture: Picture | None) -> Layer:
    return Layer(
        look.name,
        look.title,
        LayerKind(look.kind),
        picture,
        look.limits,
        look.is_visible,
        look.opacity,
        look.color_map,
        look.unit,
        look.gamma,
    )


def _key(micrograph: Micrograph) -> DocumentKey:
    return DocumentKey(micrograph.source or Path(), micrograph.frame, micrograph.detector)
