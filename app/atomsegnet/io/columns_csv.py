"""The table of atomic columns as CSV, with its origin in commented lines above it."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.core.columns import Columns
from atomsegnet.core.errors import ReadError
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.provenance import (
    PARAMETER,
    PixelSizeOrigin,
    Provenance,
    provenance_items,
)
from atomsegnet.core.units import positions_in_nm
from atomsegnet.io.safe_write import safely_written

FIELDS = (
    "id", "x_px", "y_px", "x_nm", "y_nm", "sigma_x_px", "sigma_y_px", "amplitude", "width_px",
    "background", "integrated_intensity", "confidence", "edge", "method",
)  # fmt: skip
"""The columns of the table; px are pixels from the center of the first one, y downwards."""

_TITLE = "AtomSegNet atomic columns"


class ColumnsFile(NamedTuple):
    """What a CSV file of this program holds."""

    columns: Columns
    provenance: Provenance


def write_columns_csv(
    path: Path, columns: Columns, provenance: Provenance, *, overwrite: bool = False
) -> None:
    """Write a table of columns; `read_columns_csv` gives back the very same numbers.

    The first lines start with "#" and hold the provenance. x_nm and y_nm are empty where the
    pixel size is unknown, and so is every value that was not measured.

    Parameters
    ----------
    path : Path
        The file, ".csv" by custom.
    columns : Columns
        What was found.
    provenance : Provenance
        How; its pixel size [nm] makes x_nm and y_nm.
    overwrite : bool
        Whether a file of that name may be replaced.

    Raises
    ------
    WriteError
        Where the file exists or cannot be written.
    """
    text = io.StringIO()
    for key, value in _header(provenance, columns):
        text.write(f"# {key}: {_one_line(value)}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows(_rows(columns, provenance.pixel_size_nm))
    with safely_written(path, overwrite=overwrite) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8", newline="")


def read_columns_csv(path: Path) -> ColumnsFile:
    """Read a table that `write_columns_csv` wrote.

    Raises
    ------
    ReadError
        Where the file cannot be read or is no such table.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ReadError(path, f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ReadError(path, "is no text file") from error
    # Only these end a line here; a file name may hold the rarer ones that splitlines knows.
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    comments = [line for line in lines if line.startswith("#")]
    reader = csv.DictReader(lines[len(comments) :])
    header = {key: value for key, _, value in (line[2:].partition(": ") for line in comments)}
    try:
        table = list(reader)
        # The last field of every row, so that a row cut anywhere is noticed.
        whole = sum(row["method"] == header["method"] for row in table)
        if reader.fieldnames != list(FIELDS) or whole != int(header["columns"]):
            raise ReadError(path, f"is cut, {whole} of {header['columns']} columns are there")
        return ColumnsFile(_columns(table, header["method"]), _provenance(header))
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise ReadError(path, "is no table of columns that this program wrote") from error


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")


def _header(provenance: Provenance, columns: Columns) -> list[tuple[str, str]]:
    return [
        ("file", _TITLE),
        *provenance_items(provenance),
        ("method", columns.method),
        ("columns", str(len(columns))),
    ]


def _rows(columns: Columns, pixel_size_nm: PixelSize | None) -> list[list[str]]:
    positions_nm = (
        np.full_like(columns.positions, np.nan)
        if pixel_size_nm is None
        else positions_in_nm(columns.positions, pixel_size_nm)
    )
    return [
        [
            str(number + 1),
            *(_number(value) for value in columns.positions[number, ::-1]),
            *(_number(value) for value in positions_nm[number, ::-1]),
            *(_number(value) for value in columns.sigmas[number, ::-1]),
            _number(columns.amplitude[number]),
            _number(columns.width[number]),
            _number(columns.background[number]),
            _number(columns.integrated_intensity[number]),
            _number(columns.confidence[number]),
            str(int(columns.is_edge[number])),
            columns.method,
        ]
        for number in range(len(columns))
    ]


def _number(value: float) -> str:
    """Print all digits that are needed to read the same float64 back; NaN as nothing."""
    return "" if math.isnan(value) else repr(float(value))


def _columns(table: list[dict[str, str]], method: str) -> Columns:
    def numbers(name: str) -> npt.NDArray[np.float64]:
        return np.array([float(row[name] or "nan") for row in table], dtype=np.float64)

    return Columns(
        positions=np.column_stack([numbers("y_px"), numbers("x_px")]),
        sigmas=np.column_stack([numbers("sigma_y_px"), numbers("sigma_x_px")]),
        amplitude=numbers("amplitude"),
        width=numbers("width_px"),
        background=numbers("background"),
        integrated_intensity=numbers("integrated_intensity"),
        confidence=numbers("confidence"),
        is_edge=numbers("edge") != 0,
        method=method,
    )


def _provenance(header: dict[str, str]) -> Provenance:
    width, height = header["pixel size x nm"], header["pixel size y nm"]
    return Provenance(
        program_version=header["program version"],
        model=header["model"],
        weights_sha256=header["weights sha256"],
        pixel_size_nm=PixelSize(float(height), float(width)) if width else None,
        pixel_size_origin=PixelSizeOrigin(header["pixel size from"]),
        parameters={
            key.removeprefix(PARAMETER): str(json.loads(value))
            for key, value in header.items()
            if key.startswith(PARAMETER)
        },
        input_name=str(json.loads(header["input file"])),
        input_sha256=header["input sha256"],
        created=header["created"],
    )
