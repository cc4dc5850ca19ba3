"""Read back a library that is one HDF5 file, as `atomsegnet.io.library_hdf5` describes it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atomsegnet.core.errors import ReadError
from atomsegnet.core.library import (
    HDF5_FILE,
    IMAGE,
    INDEX_FIELDS,
    POSITION,
    POSITION_FIELDS,
    PRODUCTS,
)
from atomsegnet.core.micrograph import FloatImage, PixelSize
from atomsegnet.io.library_folders import positions_table
from atomsegnet.io.write_tiff import write_tiff

if TYPE_CHECKING:
    import h5py


@dataclass(frozen=True)
class Hdf5Library:
    """A library in one file; its attributes are those of `StoredLibrary`."""

    folder: Path
    fields: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    labels: dict[str, str]
    is_in_folders: bool = False

    def image(self, label: str, name: str) -> FloatImage:
        """Return an image as it is stored."""
        with _opened(self.folder / HDF5_FILE) as file:
            return np.asarray(file[label][self._number(name)], dtype=np.float32)

    def positions_px(self, name: str) -> npt.NDArray[np.float64]:
        """Return the true (row, column) of the columns of a sample [px], shape (N, 2)."""
        columns = self._columns(name)
        return np.stack([columns["y_px"], columns["x_px"]], axis=1)

    def content(self, label: str, name: str) -> bytes:
        """Return a product of a sample as a library in folders would hold it."""
        if label == POSITION:
            columns = self._columns(name)
            return positions_table(*(columns[field] for field in POSITION_FIELDS)).encode()
        image = self.image(label, name)
        row = self.rows[self._number(name)]
        side = 1e-3 * float(row["pixel_size_pm"])
        side *= self.image(IMAGE, name).shape[0] / image.shape[0]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}.tif"
            write_tiff(path, image, PixelSize(side, side))
            return path.read_bytes()

    def _number(self, name: str) -> int:
        return next(number for number, row in enumerate(self.rows) if row["name"] == name)

    def _columns(self, name: str) -> dict[str, Any]:
        with _opened(self.folder / HDF5_FILE) as file:
            group = file[POSITION]
            first, last = group["first"][self._number(name) :][:2]
            columns = {field: group[field][first:last] for field in POSITION_FIELDS}
            columns["elements"] = [text.decode() for text in columns["elements"]]
            return columns


def open_hdf5_library(folder: Path) -> Hdf5Library:
    """Open a library that `simulate` wrote as HDF5.

    Raises
    ------
    ReadError
        The file is damaged or holds something else.
    """
    path = folder / HDF5_FILE
    with _opened(path) as file:
        index = [file["index"][field].asstr()[:] for field in INDEX_FIELDS]
        rows = tuple(
            dict(zip(INDEX_FIELDS, map(str, row), strict=True)) for row in zip(*index, strict=True)
        )
        present = {
            name: ".csv" if name == POSITION else ".tif" for name in PRODUCTS if name in file
        }
        if not rows or any(len(file[name]) != len(rows) for name in present if name != POSITION):
            raise ReadError(path, "names no sample, or others than it holds")
    return Hdf5Library(folder, INDEX_FIELDS, rows, present)


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    import h5py

    try:
        with h5py.File(path) as file:
            yield file
    except (OSError, KeyError, ValueError, AttributeError) as error:
        raise ReadError(path, f"cannot be read as a library ({error})") from error
