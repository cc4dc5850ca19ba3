"""A library as one HDF5 file.

Each label, and "image", is a dataset of shape (samples, H, W). The group "index" has one dataset of
texts for each field of the index. The group "position" has x_px, y_px, intensity, elements and
visible of all columns one after the other; those of sample i are first[i] to first[i + 1].
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from atomsegnet.core.errors import WriteError
from atomsegnet.core.library import (
    HDF5_FILE,
    IMAGE,
    INDEX_FIELDS,
    POSITION,
    POSITION_FIELDS,
    LibrarySample,
)
from atomsegnet.io.safe_write import safely_written

if TYPE_CHECKING:
    import h5py


@contextmanager
def hdf5_library(folder: Path, labels: Sequence[str]) -> Iterator[Callable[[LibrarySample], None]]:
    """Offer a function that adds a sample to the file "library.h5" of a folder.

    The file takes its name at the end; if the block is left by an exception, there is none.

    Parameters
    ----------
    folder : Path
        A new or empty folder.
    labels : sequence of str
        Names of the labels.

    Raises
    ------
    WriteError
        Where something cannot be written.
    """
    import h5py

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(folder, f"cannot be written ({error.strerror})") from error
    names = (IMAGE, *labels)
    with safely_written(folder / HDF5_FILE) as temporary, h5py.File(temporary, "w") as file:
        text = h5py.string_dtype()
        for field in INDEX_FIELDS:
            file.create_dataset(f"index/{field}", (0,), text, maxshape=(None,))
        for field in POSITION_FIELDS:
            kind: Any = {"elements": text, "visible": np.uint8}.get(field, np.float64)
            file.create_dataset(f"{POSITION}/{field}", (0,), kind, maxshape=(None,))
        file.create_dataset(f"{POSITION}/first", (1,), np.int64, maxshape=(None,))

        def add(sample: LibrarySample) -> None:
            for name in names:
                _append_image(file, name, sample)
            for field in INDEX_FIELDS:
                _append(file["index"][field], [sample.row[field]])
            _append_positions(file[POSITION], sample)

        yield add


def _append_image(file: h5py.File, name: str, sample: LibrarySample) -> None:
    image = sample.images[name]
    if name not in file:
        file.create_dataset(
            name, (0, *image.shape), np.float32, maxshape=(None, *image.shape),
            chunks=(1, *image.shape),
        )  # fmt: skip
    _append(file[name], image[None])


def _append_positions(group: h5py.Group, sample: LibrarySample) -> None:
    _append(group["x_px"], sample.positions_px[:, 1])
    _append(group["y_px"], sample.positions_px[:, 0])
    _append(group["intensity"], sample.intensity)
    _append(group["elements"], list(sample.elements))
    _append(group["visible"], sample.is_visible.astype(np.uint8))
    _append(group["first"], [len(group["x_px"])])


def _append(dataset: h5py.Dataset, values: Any) -> None:
    count = len(dataset)
    dataset.resize(count + len(values), axis=0)
    if len(values):
        dataset[count:] = values
