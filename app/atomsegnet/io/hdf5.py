"""HDF5 files: Velox EMD, Berkeley and Prismatic EMD, and others by the shape of what they hold."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from atomsegnet.core.errors import NotAnImageError
from atomsegnet.io.berkeley import berkeley_images
from atomsegnet.io.contents import DetectorContents, OpenedFile, StoredImage, with_unique_names
from atomsegnet.io.hdf5_dataset import check_dataset, opened, plain
from atomsegnet.io.values import is_countable
from atomsegnet.io.velox import velox_images

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
