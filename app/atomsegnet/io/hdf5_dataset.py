"""Open HDF5 files and their datasets without trusting what they promise."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from atomsegnet.core.errors import ReadError
from atomsegnet.io.limits import check_compressed, check_shape

if TYPE_CHECKING:
    import h5py


@contextlib.contextmanager
def opened(path: Path) -> Iterator[h5py.File]:
    """Open an HDF5 file for reading."""
    import h5py

    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ReadError(path, "is a cut or damaged HDF5 file") from error
    with file:
        yield file


def check_dataset(path: Path, dataset: h5py.Dataset, rows: int, columns: int) -> None:
    """Raise if a dataset is no image by its shape, or promises more than the file stores."""
    check_shape(path, rows, columns)
    check_storage(path, dataset)


def check_storage(path: Path, dataset: h5py.Dataset) -> None:
    """Raise ReadError if a dataset promises more than the file can have stored."""
    unpacked = int(np.prod(dataset.shape, dtype=object)) * dataset.dtype.itemsize
    check_compressed(path, unpacked, dataset.id.get_storage_size())


def plain(value: Any) -> Any:
    """Turn an HDF5 attribute into a Python number or text where it is one."""
    if isinstance(value, np.generic):
        value = value.item()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
