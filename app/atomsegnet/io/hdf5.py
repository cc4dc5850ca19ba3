"""HDF5 files: Velox EMD, Berkeley and Prismatic EMD, and others by the shape of what they hold."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atomsegnet.core.errors import NotAnImageError, ReadError
from atomsegnet.io.contents import DetectorContents, OpenedFile, StoredImage, with_unique_names
from atomsegnet.io.limits import check_compressed, check_shape
from atomsegnet.io.values import is_countable

if TYPE_CHECKING:
    import h5py

# Tables of coordinates are 2-D as well, but narrow.
_SMALLEST_UNNAMED_SIDE_PX = 16


def open_hdf5(path: Path) -> OpenedFile:
    """List the images of an HDF5 file of whatever dialect.

    Raises
    ------
    NotAnImageError
        Where no dataset looks like an image.
    ReadError
        Where the file is cut or promises more than it stores.
    """
    from atomsegnet.io.berkeley import berkeley_images
    from atomsegnet.io.velox import velox_images

    with opened(path) as file:
        metadata = {key: plain(value) for key, value in file.attrs.items()}
        for name, find in (
            ("Velox EMD", velox_images),
            ("EMD", berkeley_images),
            ("HDF5", _other_images),
        ):
            images = find(path, file)
            if images:
                return OpenedFile(name, with_unique_names(images), metadata)
    raise NotAnImageError(path, "is an HDF5 file without an image")


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


def _other_images(path: Path, file: h5py.File) -> list[StoredImage]:
    import h5py

    found: list[StoredImage] = []

    def visit(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if not isinstance(item, h5py.Dataset) or item.ndim not in (2, 3):
            return
        if not is_countable(item.dtype) or min(item.shape[-2:]) < _SMALLEST_UNNAMED_SIDE_PX:
            return
        frames = item.shape[0] if item.ndim == 3 else 1
        rows, columns = item.shape[-2:]
        check_dataset(path, item, rows, columns)
        contents = DetectorContents(name, frames, rows, columns, item.dtype.name)
        found.append(StoredImage(contents, partial(_load, path, name)))

    file.visititems(visit)
    return found


def _load(path: Path, name: str, frame: int) -> npt.NDArray[Any]:
    with opened(path) as file:
        dataset = file[name]
        image: npt.NDArray[Any] = dataset[frame] if dataset.ndim == 3 else dataset[...]
        return image
