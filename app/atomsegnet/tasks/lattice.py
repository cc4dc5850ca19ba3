"""Measure the lattice of a micrograph or of a table of columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from atomsegnet.core.columns import Columns
from atomsegnet.core.errors import NoLatticeError
from atomsegnet.core.lattice import Lattice, Spacing
from atomsegnet.core.micrograph import FloatImage, Micrograph, PixelSize
from atomsegnet.core.progress import Report, silent
from atomsegnet.core.provenance import PixelSizeOrigin, Provenance, sha256_of
from atomsegnet.tasks.locate import DEFAULT_METHOD, Located, locate

# The error of one spacing for which the number of frames is told, as the paper does [nm].
WANTED_ERROR_NM = 1e-3
_PM_PER_NM = 1e3


@dataclass(frozen=True, eq=False)
class MeasuredLattice:
    """A lattice, and the columns that it was found from.

    Attributes
    ----------
    lattice : Lattice
        What was found; the arrays of its columns are in the order of ``columns``.
    columns : Columns
        The columns [px].
    provenance : Provenance
        Where they come from.
    image : ndarray of float32, shape (H, W), or None
        The micrograph; None where a table of columns was given.
    notes : tuple of str
        What the user should know, a sentence each.
    """

    lattice: Lattice
    columns: Columns
    provenance: Provenance
    image: FloatImage | None = None
    notes: tuple[str, ...] = ()


def lattice_of(
    columns: Columns,
    pixel_size_nm: PixelSize | None = None,
    shape: tuple[int, int] | None = None,
) -> Lattice:
    """Find the lattice of columns and measure spacings, displacements, strain and missing sites.

    Parameters
    ----------
    columns : Columns
        Located columns, in any order.
    pixel_size_nm : PixelSize, optional
        Size of a pixel [nm]; without it, all lengths of the result are in pixels.
    shape : tuple of int, optional
        Rows and columns of the image [px], so that sites at its border are not taken for missing.

    Raises
    ------
    NoLatticeError
        There are too few columns, or they do not repeat.
    """
    from atomsegnet.analysis.lattice import Points, find_lattice

    side = (1.0, 1.0) if pixel_size_nm is None else (pixel_size_nm.y, pixel_size_nm.x)
    points = Points(
        positions=columns.positions * np.array(side),
        amplitude=columns.amplitude,
        is_edge=columns.is_edge,
        pixel_size=side,
        unit="px" if pixel_size_nm is None else "nm",
        shape=shape,
    )
    return find_lattice(points)


def lattice(
    source: Path | str | Micrograph | Located,
    *,
    model: str = "gaussian_map",
    method: str = DEFAULT_METHOD,
    device: str = "auto",
    rescale: float | None = None,
    pixel_size_nm: PixelSize | None = None,
    report: Report = silent,
) -> MeasuredLattice:
    """Measure the lattice of a micrograph, of located columns or of a table of columns.

    Parameters
    ----------
    source : Path, str, Micrograph or Located
        A CSV that `locate` wrote, any other file as a micrograph, a micrograph, or its columns.
    model, method, device, rescale, report
        As for `locate`, where columns are still to be located.
    pixel_size_nm : PixelSize, optional
        Size of a pixel [nm], in place of the one that is known.

    Raises
    ------
    NoLatticeError
        The columns do not repeat.
    ReadError, ModelError, SettingError, NoContrastError, Cancelled
        As for `read` and `locate`.
    """
    if isinstance(source, str | Path) and Path(source).suffix.lower() == ".csv":
        return _of_table(Path(source), pixel_size_nm)
    if isinstance(source, str | Path):
        from atomsegnet.io.read import read

        source = read(Path(source))
    if isinstance(source, Micrograph):
        if pixel_size_nm is not None:
            source = source.with_pixel_size(pixel_size_nm)
        source = locate(
            source, model=model, method=method, device=device, rescale=rescale, report=report
        )
    return _of_located(source, pixel_size_nm)


def _of_table(path: Path, pixel_size_nm: PixelSize | None) -> MeasuredLattice:
    from atomsegnet.io.columns_csv import read_columns_csv

    columns, provenance = read_columns_csv(path)
    table = {"columns from": path.name, "columns sha256": sha256_of(path)}
    provenance = replace(provenance, parameters={**provenance.parameters, **table})
    if pixel_size_nm is not None:
        provenance = replace(
            provenance, pixel_size_nm=pixel_size_nm, pixel_size_origin=PixelSizeOrigin.TYPED
        )
    try:
        found = lattice_of(columns, provenance.pixel_size_nm)
    except NoLatticeError as error:
        raise NoLatticeError(f"{path}: {error}") from error
    return MeasuredLattice(found, columns, provenance)


def _of_located(located: Located, pixel_size_nm: PixelSize | None) -> MeasuredLattice:
    from atomsegnet.tasks.export import provenance_of

    micrograph = located.micrograph
    if pixel_size_nm is not None:
        micrograph = micrograph.with_pixel_size(pixel_size_nm)
    provenance = provenance_of(
        micrograph,
        located.processed,
        is_pixel_size_typed=pixel_size_nm is not None,
        parameters={"method": located.method, "threshold": f"{located.threshold:.6g}"},
    )
    try:
        found = lattice_of(located.columns, micrograph.pixel_size_nm, micrograph.shape)
    except NoLatticeError as error:
        raise NoLatticeError(f"{micrograph.source or 'The image'}: {error}") from error
    return MeasuredLattice(
        found, located.columns, provenance, micrograph.image, located.processed.notes
    )


def summary(found: Lattice) -> list[str]:
    """Return what was found, one line for each thing, for people to read.

    Lengths are in nanometers, their scatter in picometers; both in pixels without a pixel size.
    """
    sizes = [f"{name} = {_length(found, vector)}" for name, vector in _vectors(found)]
    of_lattice = f"{int(found.is_indexed.sum())} of {len(found.positions)} columns"
    lines = [f"cell: {', '.join(sizes)}, angle {found.angle_deg:.2f}\N{DEGREE SIGN}; {of_lattice}"]
    for item in found.sublattices:
        place = ", ".join(f"{part:.3f}" for part in item.fraction)
        height = f", median height {item.amplitude:.4g}" if np.isfinite(item.amplitude) else ""
        lines.append(f"sublattice {item.name}: {item.count} columns at ({place}){height}")
    lines += [_spacing_line(found, spacing) for spacing in found.spacings]
    vacancies = int(found.missing.is_vacancy.sum())
    lines.append(
        f"columns: {int(found.is_edge.sum())} at the edge, {int(found.is_duplicate.sum())} "
        f"duplicates, {int((~found.is_indexed).sum())} outside the lattice"
    )
    lines.append(
        f"sites without a column: {vacancies} vacancy candidates, "
        f"{len(found.missing) - vacancies} in gaps"
    )
    return lines


def _vectors(found: Lattice) -> tuple[tuple[str, np.ndarray], tuple[str, np.ndarray]]:
    return ("a", found.a), ("b", found.b)


def _length(found: Lattice, vector: np.ndarray) -> str:
    digits = 4 if found.unit == "nm" else 3
    return f"{np.linalg.norm(vector):.{digits}f} {found.unit}"


def _spacing_line(found: Lattice, spacing: Spacing) -> str:
    if spacing.count < 2:
        return f"spacing {spacing.axis}: too few pairs"
    if found.unit == "px":
        return (
            f"spacing {spacing.axis}: mean {spacing.mean:.3f} px, standard deviation "
            f"{spacing.sd:.3f} px (robust {spacing.robust_sd:.3f}), N = {spacing.count}"
        )
    frames = int(np.ceil(spacing.frames_for(WANTED_ERROR_NM)))
    return (
        f"spacing {spacing.axis}: mean {spacing.mean:.4f} nm, standard deviation "
        f"{spacing.sd * _PM_PER_NM:.2f} pm (robust {spacing.robust_sd * _PM_PER_NM:.2f}), "
        f"N = {spacing.count}; {frames} frames for 1 pm"
    )


def export_lattice(path: Path, measured: MeasuredLattice, *, overwrite: bool = False) -> None:
    """Write a lattice: as a table (.csv), whole (.h5) or as a figure (.png, .svg, .pdf).

    Raises
    ------
    WriteError
        The suffix is none of these, the file exists, or it cannot be written.
    """
    suffix = path.suffix.lower()
    found, provenance = measured.lattice, measured.provenance
    if suffix == ".csv":
        from atomsegnet.io.lattice_table import write_lattice_csv

        write_lattice_csv(path, found, summary(found), provenance, overwrite=overwrite)
    elif suffix in (".h5", ".hdf5"):
        from atomsegnet.io.lattice_table import write_lattice_hdf5

        write_lattice_hdf5(path, found, provenance, overwrite=overwrite)
    else:
        from atomsegnet.io.lattice_figure import write_lattice_figure

        write_lattice_figure(path, found, overwrite=overwrite)
