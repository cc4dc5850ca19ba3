"""Write results to files the user names, away from the main thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal, Slot

from atomsegnet.core.errors import AtomSegNetError
from atomsegnet.core.micrograph import FloatImage, Micrograph
from atomsegnet.core.progress import Progress, Report
from atomsegnet.core.provenance import provenance_text
from atomsegnet.gui.document import RAW, Document, Layer
from atomsegnet.gui.figure_files import write_figure_file
from atomsegnet.gui.figure_seen import Seen, layers_now, make_figure, seen_now
from atomsegnet.gui.jobs import Jobs
from atomsegnet.gui.messages import Mood
from atomsegnet.gui.view_state import Region, ViewState
from atomsegnet.gui.workspace import Workspace
from atomsegnet.tasks.export import columns_provenance, export_columns, provenance_of
from atomsegnet.tasks.locate import Located
from atomsegnet.tasks.process import Processed


class Origin(NamedTuple):
    """Where what is written comes from; hashed in the worker, since a file may be large."""

    micrograph: Micrograph
    processed: Processed | None
    located: Located | None
    edits: tuple[str, ...]
    is_pixel_size_typed: bool
    layer: str

    def text(self) -> str:
        """Tell it in lines."""
        if self.located is not None:
            found = columns_provenance(
                self.located, edits=self.edits, is_pixel_size_typed=self.is_pixel_size_typed
            )
        else:
            found = provenance_of(
                self.micrograph,
                self.processed,
                is_pixel_size_typed=self.is_pixel_size_typed,
                parameters={"layer": self.layer},
            )
        return provenance_text(found)


def write_columns(path: Path, origin: Origin, report: Report) -> Path:
    """Write the table of columns; the user has agreed to replace an older file."""
    report(Progress(0, 1, f"Writing {path.name}"))
    if origin.located is not None:
        export_columns(
            path,
            origin.located,
            edits=origin.edits,
            is_pixel_size_typed=origin.is_pixel_size_typed,
            overwrite=True,
        )
    return path


def write_image(path: Path, image: FloatImage, origin: Origin, report: Report) -> Path:
    """Write an image as float32 TIFF; the user has agreed to replace an older file."""
    from atomsegnet.io.write_tiff import write_tiff

    report(Progress(0, 1, f"Writing {path.name}"))
    size = origin.micrograph.pixel_size_nm
    write_tiff(path, image, size, origin=origin.text(), overwrite=True)
    return path


def write_seen(path: Path, seen: Seen, origin: Origin, report: Report) -> Path:
    """Write a figure of what was seen; the user has agreed to replace an older file."""
    report(Progress(0, 2, f"Drawing {path.name}"))
    figure = make_figure(seen, origin.text())
    report(Progress(1, 2, f"Writing {path.name}"))
    write_figure_file(path, figure, overwrite=True)
    return path


class Exports(QObject):
    """Starts the writing of what is shown."""

    unexpected = Signal(object)

    def __init__(self, workspace: Workspace, state: ViewState, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._state = state
        self._jobs = jobs

    def export_columns(self, path: Path) -> None:
        """Write the columns of the document that is shown: CSV, HDF5 or XYZ by the suffix."""
        document = self._workspace.document
        if document is not None and document.located is not None:
            self._start(write_columns, path, _origin(document, None, document.located))

    def export_image(self, path: Path) -> None:
        """Write the image layer that is worked on as float32 TIFF."""
        document = self._workspace.document
        if document is not None:
            origin = _origin(document, document.contrast_layer, None)
            self._start(write_image, path, document.contrast_picture.image, origin)

    def export_figure(self, path: Path, region: Region) -> None:
        """Write the region of the image as seen: PNG, SVG or PDF by the suffix."""
        document = self._workspace.document
        if document is not None:
            seen = layers_now(document, region)
            self._write_figure(path, document, seen)

    def export_panels(self, path: Path, region: Region) -> None:
        """Write the classic four panels, or two where there are no columns."""
        document = self._workspace.document
        if document is not None:
            first, second = self._state.compared(document)
            panels = [(first, False), (second, False)]
            if document.located is not None:
                panels += [(first, True), (second, True)]
            self._write_figure(path, document, seen_now(document, panels, region))

    def _write_figure(self, path: Path, document: Document, seen: Seen) -> None:
        has_columns = any(panel.has_columns for panel in seen.panels)
        located = document.located if has_columns else None
        self._start(write_seen, path, seen, _origin(document, document.contrast_layer, located))

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


def _origin(document: Document, layer: Layer | None, located: Located | None) -> Origin:
    name = layer.name if layer is not None else RAW
    return Origin(
        document.micrograph,
        document.processed.get(name),
        located,
        document.edits,
        document.is_pixel_size_typed,
        layer.title if layer is not None else "",
    )
