"""Simulate from the window, and show a simulated image with its labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QObject, Slot

from atomsegnet.analysis.neighbors import median_spacing
from atomsegnet.core.columns import Columns
from atomsegnet.core.library import IMAGE, POSITION, PRODUCTS
from atomsegnet.core.micrograph import FloatImage, Micrograph
from atomsegnet.core.picture import Picture, make_picture
from atomsegnet.core.progress import Progress, Report
from atomsegnet.gui.child_job import ChildJob
from atomsegnet.gui.document import Finding, Layer, LayerKind, new_document
from atomsegnet.gui.failures import tell_failure
from atomsegnet.gui.job_records import ChildState
from atomsegnet.gui.simulate_dialog import SimulateDialog
from atomsegnet.nn.registry import Output
from atomsegnet.tasks.locate import Located
from atomsegnet.tasks.process import Processed

if TYPE_CHECKING:
    from atomsegnet.gui.main_window import MainWindow

SIMULATE = "simulate"
MAP = "gaussianMask"
_MASKS = (MAP, "circularMask", "smallcircularMask")
TRUTH = "simulated truth"


class SimulatedImage(NamedTuple):
    """A simulated image as the window shows it."""

    micrograph: Micrograph
    picture: Picture
    labels: list[tuple[str, Picture]]
    finding: Finding


def read_simulated(folder: Path, report: Report) -> SimulatedImage:
    """Read the first image of a library with its labels and true columns.

    A label on the grid of half the pixel is shown as the mean of each four of its pixels.
    """
    from atomsegnet.io.library_reader import open_library
    from atomsegnet.io.read import read

    library = open_library(folder)
    row = library.rows[0]
    micrograph = read(folder / IMAGE / f"{row['name']}{library.labels[IMAGE]}")
    labels: list[tuple[str, Picture]] = []
    names = [name for name in PRODUCTS if name in library.labels and name not in (IMAGE, POSITION)]
    for done, name in enumerate(names):
        report(Progress(done, len(names), f"Reading {name}"))
        labels.append((name, make_picture(_on_grid(library.image(name, row["name"]), micrograph))))
    shown = dict(labels)
    mask = shown[MAP].image if MAP in shown else np.zeros(micrograph.shape, np.float32)
    columns = _columns(library.positions_px(row["name"]), float(row["column_width_px"]))
    located = _located(micrograph, mask, columns, float(row["column_width_px"]))
    spacing = median_spacing(columns.positions)
    return SimulatedImage(
        micrograph, make_picture(micrograph.image), labels, Finding(located, spacing)
    )


def _on_grid(image: FloatImage, micrograph: Micrograph) -> FloatImage:
    rows, columns = micrograph.shape
    if image.shape == (rows, columns):
        return image
    blocks = image.reshape(rows, image.shape[0] // rows, columns, image.shape[1] // columns)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32)


def _columns(positions: np.typing.NDArray[np.float64], width_px: float) -> Columns:
    count = len(positions)
    unknown = np.full(count, np.nan)
    return Columns(
        positions=positions,
        sigmas=np.zeros((count, 2)),
        amplitude=unknown,
        width=np.full(count, width_px),
        background=unknown,
        integrated_intensity=unknown,
        confidence=np.ones(count),
        is_edge=np.zeros(count, dtype=bool),
        method=TRUTH,
    )


def _located(
    micrograph: Micrograph, mask: FloatImage, columns: Columns, width_px: float
) -> Located:
    processed = Processed(micrograph, mask, mask, 1.0, width_px, Output.MAP, MAP, "", "")
    return Located(micrograph, columns, processed, 0.5, TRUTH)


class Simulations(QObject):
    """Asks what to simulate, starts it, and shows what came of it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.long_jobs.finished.connect(self._on_finished)

    @Slot()
    def ask(self) -> None:
        """Ask what to simulate."""
        window = self._window
        document = window.workspace.document
        self.dialog = SimulateDialog(document, window.settings.last_folder, window)
        self.dialog.accepted.connect(self._on_accepted)
        window.models.measure_for(self.dialog, self.dialog.image)
        self.dialog.open()

    @Slot()
    def _on_accepted(self) -> None:
        self._window.long_jobs.start(self.dialog.record())

    @Slot(object)
    def _on_finished(self, job: ChildJob) -> None:
        if job.record.result.get("count") == 1:
            self.show_result(job)

    def show_result(self, job: ChildJob) -> bool:
        """Open a simulated image with its labels; return whether the job made one."""
        record = job.record
        if record.verb != SIMULATE or job.state is not ChildState.DONE:
            return False
        if record.result.get("count") != 1:
            return False
        reading = self._window.jobs.start(read_simulated, record.folder, title=record.title)
        reading.done.connect(self._on_read)
        reading.failed.connect(self._on_failed)
        return True

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        tell_failure(self._window, error)

    @Slot(object)
    def _on_read(self, made: SimulatedImage) -> None:
        workspace = self._window.workspace
        document = new_document(made.micrograph, made.picture)
        # Kept when another one is shown: the labels are results.
        document.processed[MAP] = made.finding.located.processed
        workspace.add_paths([document.key.path])
        workspace.show_document(document)
        for name, picture in made.labels:
            kind = LayerKind.MAP if name in _MASKS else LayerKind.RESTORED
            layer = Layer(name, name, kind, picture, is_visible=False)
            workspace.put_layer(document, layer)
        workspace.add_located(document, made.finding)
