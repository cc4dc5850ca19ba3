"""What a recipe makes of one file."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from atomsegnet.core.errors import SettingError
from atomsegnet.core.micrograph import Micrograph, PixelSize
from atomsegnet.core.progress import Report
from atomsegnet.core.recipe import Frames, Recipe
from atomsegnet.core.units import positions_in_nm

if TYPE_CHECKING:
    from atomsegnet.tasks.locate import Located

_PM_PER_NM = 1000.0


@dataclass(frozen=True)
class FileResult:
    """One line of the summary of a batch.

    Attributes
    ----------
    name : str
        Name of the file.
    frames : int
        Frames that were worked on.
    columns : int
        Columns that were found in them.
    spacing_px : float or None
        Median distance of nearest neighbors [px].
    pixel_size_nm : float or None
        Width of a pixel [nm].
    seconds : float
        Time it took [s].
    error : str
        Why it failed, in one sentence; empty if it did not.
    """

    name: str
    frames: int = 0
    columns: int = 0
    spacing_px: float | None = None
    pixel_size_nm: float | None = None
    seconds: float = 0.0
    error: str = ""

    @classmethod
    def from_row(cls, row: Mapping[str, str]) -> FileResult:
        """Return the result that a line of the summary tells."""
        return cls(
            name=row["name"],
            frames=int(row["frames"]),
            columns=int(row["columns"]),
            spacing_px=float(row["spacing_px"]) if row["spacing_px"] else None,
            pixel_size_nm=float(row["pixel_size_nm"]) if row["pixel_size_nm"] else None,
            seconds=float(row["seconds"]),
            error=row["error"],
        )


def work_on_file(path: Path, recipe: Recipe, output: Path, report: Report) -> FileResult:
    """Do with a file what a recipe says and write the results into a folder.

    Raises
    ------
    AtomSegNetError
        The file cannot be read or worked on.
    Cancelled
        The report callback asked to stop.
    """
    from atomsegnet.analysis.neighbors import median_spacing

    started = time.monotonic()
    frames = _frames(path, recipe, output, report)
    found = []
    for number, micrograph in frames:
        stem = path.stem if len(frames) == 1 else f"{path.stem}_frame{number:04d}"
        located = _work_on_image(micrograph, recipe, output / stem, report)
        if located is not None:
            found.append((number, located))
    if len(frames) > 1 and recipe.locate:
        _write_all_frames(output / f"{path.stem}_columns_of_all_frames.csv", found)
    spacings = [median_spacing(located.columns.positions) for _, located in found]
    known = [spacing for spacing in spacings if spacing is not None]
    size = frames[0][1].pixel_size_nm
    return FileResult(
        path.name,
        frames=len(frames),
        columns=sum(len(located.columns) for _, located in found),
        spacing_px=float(np.median(known)) if known else None,
        pixel_size_nm=None if size is None else size.x,
        seconds=round(time.monotonic() - started, 1),
    )


def _frames(
    path: Path, recipe: Recipe, output: Path, report: Report
) -> list[tuple[int, Micrograph]]:
    """Return the images to work on, with their frame numbers."""
    from atomsegnet.io.read import read
    from atomsegnet.tasks.stack import align

    def sized(number: int) -> Micrograph:
        micrograph = read(path, number)
        if recipe.pixel_size_pm is None:
            return micrograph
        side = recipe.pixel_size_pm / _PM_PER_NM
        return micrograph.with_pixel_size(PixelSize(side, side))

    first = sized(0)
    if recipe.frames is Frames.FIRST or first.frame_count == 1:
        return [(0, first)]
    if recipe.frames is Frames.EACH:
        return [(0, first), *((number, sized(number)) for number in range(1, first.frame_count))]
    aligned = align(sized, first.frame_count, report)
    from atomsegnet.io.write_tiff import write_tiff

    image = aligned.micrograph.image
    write_tiff(
        output / f"{path.stem}_average.tif", image, aligned.micrograph.pixel_size_nm, overwrite=True
    )
    _write_drift(output / f"{path.stem}_drift.csv", aligned.drift_px)
    return [(0, aligned.micrograph)]


def _work_on_image(
    micrograph: Micrograph, recipe: Recipe, target: Path, report: Report
) -> Located | None:
    from atomsegnet.tasks.export import export_columns, export_image, export_overlay
    from atomsegnet.tasks.locate import Detection, locate
    from atomsegnet.tasks.process import process

    for model in recipe.restore:
        processed = process(micrograph, model, device=recipe.device, report=report)
        export_image(_named(target, f"_{model}.tif"), processed, overwrite=True)
    if not recipe.locate:
        if not recipe.restore:
            raise SettingError("The recipe does nothing: it neither restores nor locates.")
        return None
    located = locate(
        micrograph,
        model=recipe.model,
        method=recipe.method,
        detection=Detection(threshold=recipe.threshold),
        device=recipe.device,
        report=report,
    )
    is_typed = recipe.pixel_size_pm is not None
    table = _named(target, "_columns.csv")
    export_columns(table, located, is_pixel_size_typed=is_typed, overwrite=True)
    if recipe.overlay:
        export_overlay(_named(target, "_columns.png"), located, overwrite=True)
    return located


def _named(target: Path, ending: str) -> Path:
    # Not with_suffix: a stem may hold a point.
    return target.with_name(target.name + ending)


def _write_all_frames(path: Path, found: list[tuple[int, Located]]) -> None:
    """Write the columns of every frame in one table, each line with the number of its frame."""
    rows: list[list[str]] = [["frame", "x_px", "y_px", "x_nm", "y_nm", "amplitude", "confidence"]]
    for number, located in found:
        columns, size = located.columns, located.micrograph.pixel_size_nm
        lengths = [columns.positions[:, ::-1]]
        if size is not None:
            lengths.append(positions_in_nm(columns.positions, size)[:, ::-1])
        for index in range(len(columns)):
            places = [repr(float(value)) for part in lengths for value in part[index]]
            places += [""] * (4 - len(places))
            values = (columns.amplitude[index], columns.confidence[index])
            rows.append([str(number), *places, *(repr(float(value)) for value in values)])
    _write_table(path, rows)


def _write_drift(path: Path, drift_px: np.typing.NDArray[np.float64]) -> None:
    rows = [["frame", "x_px", "y_px"]]
    rows += [[str(n), f"{x:.4f}", f"{y:.4f}"] for n, (y, x) in enumerate(drift_px)]
    _write_table(path, rows)


def _write_table(path: Path, rows: list[list[str]]) -> None:
    from atomsegnet.io.safe_write import safely_written

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    with safely_written(path, overwrite=True) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8", newline="")
