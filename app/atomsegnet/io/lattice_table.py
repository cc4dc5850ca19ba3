"""The columns of a lattice as CSV, and the whole lattice as HDF5."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from atomsegnet.core.lattice import Lattice
from atomsegnet.core.provenance import Provenance
from atomsegnet.io.safe_write import safely_written

FIELDS = (
    "id", "kind", "sublattice", "a_index", "b_index", "x_px", "y_px", "x_nm", "y_nm",
    "displacement_x", "displacement_y", "strain_xx", "strain_yy", "strain_xy", "rotation_rad",
)  # fmt: skip
"""Columns of the table; displacements are in nm, or in px where the pixel size is unknown."""

KINDS = ("column", "edge", "duplicate", "outside", "vacancy", "gap")
"""What a row can be: "outside" belongs to no site, "vacancy" and "gap" are sites without column."""


def write_lattice_csv(
    path: Path,
    lattice: Lattice,
    summary: Sequence[str],
    provenance: Provenance,
    *,
    overwrite: bool = False,
) -> None:
    """Write one row for each column, in their order, then one for each site without a column.

    Parameters
    ----------
    path : Path
        The file, ".csv" by custom.
    lattice : Lattice
        What was found.
    summary : sequence of str
        Lines that stand above the table, commented out by "#".
    provenance : Provenance
        Where the columns come from.
    overwrite : bool
        Whether a file of that name may be replaced.

    Raises
    ------
    WriteError
        The file exists or cannot be written.
    """
    text = io.StringIO()
    for line in ("file: AtomSegNet lattice", *_origin(provenance), *summary):
        text.write(f"# {line}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows(_column_rows(lattice))
    writer.writerows(_missing_rows(lattice))
    with safely_written(path, overwrite=overwrite) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8", newline="")


def write_lattice_hdf5(
    path: Path, lattice: Lattice, provenance: Provenance, *, overwrite: bool = False
) -> None:
    """Write a lattice as HDF5: arrays named as the attributes of `Lattice`, (row, column) order.

    Raises
    ------
    WriteError
        The file exists or cannot be written.
    """
    import h5py

    with safely_written(path, overwrite=overwrite) as temporary, h5py.File(temporary, "w") as file:
        file.attrs["file"] = "AtomSegNet lattice"
        file.attrs["unit"] = lattice.unit
        for line in _origin(provenance):
            key, _, value = line.partition(": ")
            file.attrs[key] = value
        for name in ("pixel_size", "a", "b", "origin", "positions", "indices", "sublattice",
                     "displacements", "strain", "rotation", "is_edge", "is_duplicate"):  # fmt: skip
            file[name] = np.asarray(getattr(lattice, name))
        file["sublattices/name"] = [item.name for item in lattice.sublattices]
        file["sublattices/fraction"] = [item.fraction for item in lattice.sublattices]
        file["sublattices/amplitude"] = [item.amplitude for item in lattice.sublattices]
        for name in ("positions", "indices", "sublattice", "is_vacancy"):
            file[f"missing/{name}"] = getattr(lattice.missing, name)
        for spacing in lattice.spacings:
            file[f"spacing_{spacing.axis}/pairs"] = spacing.pairs
            file[f"spacing_{spacing.axis}/lengths"] = spacing.lengths


def kinds_of(lattice: Lattice) -> list[str]:
    """Return what each column is, out of `KINDS`."""
    return [
        "outside" if not indexed else "duplicate" if twice else "edge" if edge else "column"
        for indexed, twice, edge in zip(
            lattice.is_indexed, lattice.is_duplicate, lattice.is_edge, strict=True
        )
    ]


def _origin(provenance: Provenance) -> list[str]:
    size = provenance.pixel_size_nm
    return [
        f"program version: {provenance.program_version}",
        f"created: {provenance.created}",
        f"input file: {json.dumps(provenance.input_name, ensure_ascii=False)}",
        f"input sha256: {provenance.input_sha256}",
        f"model: {provenance.model}",
        f"weights sha256: {provenance.weights_sha256}",
        f"pixel size x nm: {'' if size is None else repr(float(size.x))}",
        f"pixel size y nm: {'' if size is None else repr(float(size.y))}",
        f"pixel size from: {provenance.pixel_size_origin.value}",
        *(
            f"parameter {key}: {json.dumps(value, ensure_ascii=False)}"
            for key, value in provenance.parameters.items()
        ),
    ]


def _column_rows(lattice: Lattice) -> list[list[str]]:
    names = [*(item.name for item in lattice.sublattices), ""]
    return [
        [
            str(number + 1),
            kind,
            names[lattice.sublattice[number]],
            *(_number(value) for value in lattice.indices[number]),
            *_places(lattice, lattice.positions[number]),
            *(_number(value) for value in lattice.displacements[number, ::-1]),
            *(_number(value) for value in lattice.strain[number]),
            _number(lattice.rotation[number]),
        ]
        for number, kind in enumerate(kinds_of(lattice))
    ]


def _missing_rows(lattice: Lattice) -> list[list[str]]:
    missing = lattice.missing
    empty = [""] * 6
    return [
        [
            "",
            "vacancy" if missing.is_vacancy[number] else "gap",
            lattice.sublattices[missing.sublattice[number]].name,
            *(_number(value) for value in missing.indices[number]),
            *_places(lattice, missing.positions[number]),
            *empty,
        ]
        for number in range(len(missing))
    ]


def _places(lattice: Lattice, position: np.typing.NDArray[np.float64]) -> list[str]:
    """Return x and y in pixels and, where the pixel size is known, in nanometers."""
    in_px = [_number(value) for value in lattice.in_pixels(position)[::-1]]
    in_nm = [_number(value) for value in position[::-1]] if lattice.unit == "nm" else ["", ""]
    return in_px + in_nm


def _number(value: float) -> str:
    """Print nine digits; NaN as nothing."""
    return "" if math.isnan(value) else f"{value:.9g}"
