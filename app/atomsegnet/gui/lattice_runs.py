"""Measure the lattice of the columns that are shown, and make maps of it."""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from atomsegnet.core.color_maps import TWO_SIDED
from atomsegnet.core.column_quantities import Quantity
from atomsegnet.core.columns import Columns
from atomsegnet.core.errors import AtomSegNetError
from atomsegnet.core.lattice import Lattice
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.picture import Picture, make_picture
from atomsegnet.core.progress import Progress, Report
from atomsegnet.gui.document import Document, Layer, LayerKind
from atomsegnet.gui.jobs import Job, Jobs
from atomsegnet.gui.messages import Mood
from atomsegnet.gui.view_state import ViewState
from atomsegnet.gui.workspace import Workspace
from atomsegnet.tasks.lattice import lattice_of

_PM_PER_NM = 1000.0
_PERCENT = 100.0


class _Request(NamedTuple):
    """The document that a job works for, and its columns when the job began."""

    document: Document
    columns: Columns
    quantity: Quantity | None = None


def measure_lattice(
    columns: Columns, size: PixelSize | None, shape: tuple[int, int], report: Report
) -> Lattice:
    """Find the lattice of columns."""
    report(Progress(0, 1, "Measuring the lattice"))
    return lattice_of(columns, size, shape)


def map_picture(
    columns: Columns,
    quantity: Quantity,
    shape: tuple[int, int],
    spacing_px: float,
    report: Report,
) -> Picture:
    """Spread a quantity over the image."""
    from atomsegnet.analysis.column_map import map_of_columns

    report(Progress(0, 1, f"Mapping {quantity.title}"))
    return make_picture(map_of_columns(columns.positions, quantity.values, shape, spacing_px))


class LatticeRuns(QObject):
    """Starts the measurement and delivers it to the document it came from."""

    measured = Signal()
    unexpected = Signal(object)

    def __init__(self, workspace: Workspace, state: ViewState, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._state = state
        self._jobs = jobs
        self._requests: dict[Job, _Request] = {}

    @Slot()
    def measure(self) -> None:
        """Measure the lattice of the columns that are shown."""
        document = self._workspace.document
        if document is not None and document.located is not None and not document.is_preview:
            columns, micrograph = document.located.columns, document.micrograph
            job = self._jobs.start(
                measure_lattice,
                columns,
                micrograph.pixel_size_nm,
                micrograph.shape,
                title="Measure the lattice",
            )
            self._wait(job, _Request(document, columns))
            job.done.connect(self._on_measured)

    def map(self, name: str) -> None:
        """Make a layer of a quantity of the columns that are shown."""
        document = self._workspace.document
        if document is None or document.located is None:
            return
        quantity = next((item for item in document.quantities() if item.name == name), None)
        if quantity is not None:
            columns = document.located.columns
            spacing_px = document.spacing_px or 1.0
            job = self._jobs.start(
                map_picture,
                columns,
                quantity,
                document.micrograph.shape,
                spacing_px,
                title=f"Map {quantity.title}",
            )
            self._wait(job, _Request(document, columns, quantity))
            job.done.connect(self._on_mapped)

    def _wait(self, job: Job, request: _Request) -> None:
        self._requests[job] = request
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)

    def _request(self) -> _Request:
        return self._requests[cast("Job", self.sender())]

    @Slot(object)
    def _on_measured(self, lattice: Lattice) -> None:
        document, columns, _ = self._request()
        # Columns that were edited or measured anew meanwhile have another lattice.
        if document.located is None or document.located.columns is not columns:
            return
        document.lattice = lattice
        self._state.add_quantities(document, lattice_quantities(lattice))
        self.measured.emit()

    @Slot(object)
    def _on_mapped(self, picture: Picture) -> None:
        document, _, quantity = self._request()
        if quantity is None:
            return
        is_signed = bool(np.nanmin(quantity.values) < 0)
        kind = LayerKind.SIGNED if is_signed else LayerKind.RESTORED
        layer = Layer(f"map_{quantity.name}", f"Map of {quantity.title}", kind, picture)
        layer.color_map = TWO_SIDED if is_signed else "viridis"
        self._workspace.put_layer(document, layer)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, AtomSegNetError):
            self._workspace.post(str(error), Mood.PROBLEM)
        else:
            self.unexpected.emit(error)

    @Slot()
    def _on_finished(self) -> None:
        self._requests.pop(cast("Job", self.sender()), None)


def lattice_quantities(lattice: Lattice) -> list[Quantity]:
    """Return what a lattice tells of each of its columns."""
    is_nm = lattice.unit == "nm"
    unit, factor = ("pm", _PM_PER_NM) if is_nm else ("px", 1.0)
    down, right = (lattice.displacements * factor).T
    along_x, along_y, shear = (lattice.strain * _PERCENT).T
    away = "Position minus that of the mean lattice"
    against = "Strain against the mean lattice"
    group = np.where(lattice.is_indexed, lattice.sublattice + 1.0, np.nan)
    return [
        Quantity("displacement_x", f"Displacement x ({unit})", f"{away}, along x", right, ".2f"),
        Quantity("displacement_y", f"Displacement y ({unit})", f"{away}, along y", down, ".2f"),
        Quantity("strain_x", "Strain x (%)", f"{against}, along x", along_x, ".3f"),
        Quantity("strain_y", "Strain y (%)", f"{against}, along y", along_y, ".3f"),
        Quantity("strain_xy", "Strain xy (%)", f"{against}, half of the shear", shear, ".3f"),
        Quantity(
            "rotation",
            "Rotation (\N{DEGREE SIGN})",
            "Rotation against the mean lattice, from x to y",
            np.degrees(lattice.rotation),
            ".3f",
        ),
        Quantity("sublattice", "Sublattice", "1 for that of the brightest columns", group, ".0f"),
    ]
