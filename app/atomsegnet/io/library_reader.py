"""Read back a library."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from atomsegnet.core.errors import ReadError
from atomsegnet.core.library import (
    HDF5_FILE,
    IMAGE,
    INDEX_FIELDS,
    INDEX_FILE,
    POSITION,
    POSITION_FIELDS,
    PRODUCTS,
    StoredLibrary,
)
from atomsegnet.core.micrograph import FloatImage
from atomsegnet.io.library_hdf5_reader import open_hdf5_library
from atomsegnet.io.read import read

_SUFFIXES = (".tif", ".png", ".csv")


@dataclass(frozen=True)
class FolderLibrary:
    """A library in folders; its attributes are those of `StoredLibrary`."""

    folder: Path
    fields: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    labels: dict[str, str]
    is_in_folders: bool = True

    def path(self, label: str, name: str) -> Path:
        """Return the file of a product of a sample."""
        return self.folder / label / f"{name}{self.labels[label]}"

    def content(self, label: str, name: str) -> bytes:
        """Return the file of a product of a sample."""
        return self.path(label, name).read_bytes()

    def image(self, label: str, name: str) -> FloatImage:
        """Return an image as it is stored: intensities, or what a PNG makes of them."""
        return read(self.path(label, name)).image

    def positions_px(self, name: str) -> npt.NDArray[np.float64]:
        """Return the true (row, column) of the columns of a sample [px], shape (N, 2).

        Raises
        ------
        ReadError
            The file is missing or no table of positions.
        """
        path = self.path(POSITION, name)
        rows = _table(path, POSITION_FIELDS)[1]
        try:
            return np.array(
                [(float(row["y_px"]), float(row["x_px"])) for row in rows], dtype=np.float64
            ).reshape(-1, 2)
        except ValueError as error:
            raise ReadError(path, "holds positions that are no numbers") from error


def open_library(folder: Path) -> StoredLibrary:
    """Open a library that `simulate` wrote.

    Raises
    ------
    ReadError
        There is no such library, or its index is damaged.
    """
    path = folder / INDEX_FILE
    if not path.is_file() and (folder / HDF5_FILE).is_file():
        return open_hdf5_library(folder)
    fields, rows = _table(path, INDEX_FIELDS)
    for row in rows:
        # The names become names of files, which must stay within the folder.
        if not row["name"].replace("-", "").replace("_", "").isalnum():
            raise ReadError(path, f"names a sample {row['name']!r}, which is no name")
    if not rows:
        raise ReadError(path, "names no sample")
    first = rows[0]["name"]
    labels = {
        name: suffix
        for name in PRODUCTS
        for suffix in _SUFFIXES
        if (folder / name / f"{first}{suffix}").is_file()
    }
    if IMAGE not in labels:
        raise ReadError(folder / IMAGE, f"does not hold the micrograph {first}")
    return FolderLibrary(folder, fields, rows, labels)


def _table(
    path: Path, needed: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[dict[str, str], ...]]:
    """Read a CSV with a header; raise ReadError if it is none or lacks a column."""
    try:
        with path.open(newline="", encoding="utf-8") as opened:
            reader = csv.DictReader(opened, strict=True)
            rows = tuple(reader)
            fields = tuple(reader.fieldnames or ())
    except FileNotFoundError:
        raise ReadError(path, "does not exist") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReadError(path, f"cannot be read as a table ({error})") from error
    missing = [field for field in needed if field not in fields]
    if missing:
        raise ReadError(path, f"lacks the column {missing[0]}")
    if any(None in row or None in row.values() for row in rows):
        raise ReadError(path, "has a line that is cut or too long")
    return fields, rows
