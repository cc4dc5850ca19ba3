"""Write results to files the user names, away from the main thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from atomsegnet.core.contrast import Limits
from atomsegnet.core.errors import AtomSegNetError
from atomsegnet.core.micrograph import FloatImage, PixelSize
from atomsegnet.core.progress import Progress, Report
from atomsegnet.gui.document import COLUMNS, Document, Layer
from atomsegnet.gui.jobs import Jobs
from atomsegnet.gui.messages import Mood
from atomsegnet.gui.workspace import Workspace
from atomsegnet.tasks.export import export_columns
from atomsegnet.tasks.locate import Located


def write_columns(path: Path, located: Located, is_pixel_size_typed: bool, report: Report) -> Path:
    """Write the table of columns as CSV; the user has agreed to replace an older file."""
    report(Progress(0, 1, f"Writing {path.name}"))
    export_columns(path, located, is_pixel_size_typed=is_pixel_size_typed, overwrite=True)
    return path


def write_image(
    path: Path, image: FloatImage, pixel_size_nm: PixelSize | None, report: Report
) -> Path:
    """Write an image as float32 TIFF; the user has agreed to replace an older file."""
    from atomsegnet.io.write_tiff import write_tiff

    report(Progress(0, 1, f"Writing {path.name}"))
    write_tiff(path, image, pixel_size_nm, overwrite=True)
    return path


def write_seen(
    path: Path,
    image: FloatImage,
    limits: Limits,
    located: Located | None,
    pixel_size_nm: PixelSize | None,
    report: Report,
) -> Path:
    """Write the image as seen, as PNG; the user has agreed to replace an older file."""
    from atomsegnet.io.figure import write_figure

    report(Progress(0, 1, f"Writing {path.name}"))
    columns = located.columns if located is not None else None
    write_figure(path, image, columns, pixel_size_nm, limits=limits, overwrite=True)
    return path


class Exports(QObject):
    """Starts the writing of what is shown."""

    unexpected = Signal(object)

    def __init__(self, workspace: Workspace, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._jobs = jobs

    def export_columns(self, path: Path) -> None:
        """Write the columns of the document that is shown as CSV."""
        document = self._workspace.document
        if document is not None and document.located is not None:
            self._start(write_columns, path, document.located, document.is_pixel_size_typed)

    def export_image(self, path: Path) -> None:
        """Write the image layer that is worked on as float32 TIFF."""
        document = self._workspace.document
        if document is not None:
            image = _image_of(document.contrast_layer)
            self._start(write_image, path, image, document.micrograph.pixel_size_nm)

    def export_figure(self, path: Path) -> None:
        """Write the topmost image that is seen, with columns if these are seen, as PNG."""
        document = self._workspace.document
        if document is not None:
            layer = _topmost_image(document)
            columns = document.layer(COLUMNS)
            located = document.located if columns is not None and columns.is_visible else None
            self._start(
                write_seen,
                path,
                _image_of(layer),
                layer.limits,
                located,
                document.micrograph.pixel_size_nm,
            )

    def _start(self, task: Any, path: Path, *args: Any) -> None:
        job = self._jobs.start(task, path, *args, title=f"Writing {path.name}")
        job.done.connect(self._on_written)
        job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_written(self, path: Path) -> None:
        self._workspace.post(f"{path} was written.")

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, AtomSegNetError):
            self._workspace.post(str(error), Mood.PROBLEM)
        else:
            self.unexpected.emit(error)


def _topmost_image(document: Document) -> Layer:
    images = [layer for layer in document.layers if layer.picture is not None]
    return next((layer for layer in reversed(images) if layer.is_visible), images[0])


def _image_of(layer: Layer) -> FloatImage:
    if layer.picture is None:
        raise ValueError(f"the layer {layer.name} has no image")
    return layer.picture.image
