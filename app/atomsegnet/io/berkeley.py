"""EMD of Berkeley (NCEM) and of the simulator Prismatic: groups with "emd_group_type" 1.

Read through h5py: ncempy does not open Prismatic's files (their data are not called "data") and
RosettaSciIO turns every image.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atomsegnet.core.errors import NotAnImageError
from atomsegnet.core.units import length_in_nm, pixel_size_from_nm
from atomsegnet.io.contents import DetectorContents, StoredImage
from atomsegnet.io.hdf5_dataset import check_dataset, opened, plain
from atomsegnet.io.values import is_countable

if TYPE_CHECKING:
    import h5py


def berkeley_images(path: Path, file: h5py.File) -> list[StoredImage]:
    """Return the images of a Berkeley EMD file; none for another dialect."""
    import h5py

    groups: list[h5py.Group] = []

    def visit(_name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Group) and item.attrs.get("emd_group_type") == 1:
            groups.append(item)

    file.visititems(visit)
    images, refusals = [], []
    for group in groups:
        try:
            images.append(_image(path, group))
        except NotAnImageError as refusal:
            refusals.append(refusal)
    if refusals and not images:
        raise refusals[0]
    return images


def _image(path: Path, group: h5py.Group) -> StoredImage:
    dataset = _data_of(path, group)
    names = [_dimension_text(group, axis, "name") for axis in range(dataset.ndim)]
    order = _order_of_axes(names)
    rows, columns = (dataset.shape[axis] for axis in order[-2:])
    check_dataset(path, dataset, rows, columns)
    row_nm, column_nm = (_step_nm(group, axis) for axis in order[-2:])
    contents = DetectorContents(
        name=(group.name or "").rsplit("/", 1)[-1].strip("_"),
        frame_count=dataset.shape[order[0]] if len(order) == 3 else 1,
        rows=rows,
        columns=columns,
        dtype=dataset.dtype.name,
        pixel_size_nm=pixel_size_from_nm(row_nm, column_nm),
    )
    metadata = {key: plain(value) for key, value in group.attrs.items()}
    return StoredImage(contents, partial(_load, path, str(dataset.name), order), metadata)


def _data_of(path: Path, group: h5py.Group) -> h5py.Dataset:
    """Return the one dataset of the group that is no axis."""
    import h5py

    data = [
        item
        for name, item in group.items()
        if isinstance(item, h5py.Dataset) and not name.startswith("dim")
    ]
    chosen = next((item for item in data if item.name.endswith("/data")), data[0] if data else None)
    if chosen is None or chosen.ndim < 2:
        raise NotAnImageError(path, "holds a spectrum or a list of numbers and no image")
    if chosen.ndim > 3:
        raise NotAnImageError(path, f"holds data of {chosen.ndim} dimensions, such as 4D-STEM")
    if chosen.dtype.kind == "c":
        raise NotAnImageError(
            path,
            "holds complex numbers, such as a Fourier transform; export the image itself"
            " or its modulus",
        )
    if not is_countable(chosen.dtype):
        raise NotAnImageError(path, f"holds {chosen.dtype} values, which are no intensities")
    return chosen


def _dimension_text(group: h5py.Group, axis: int, attribute: str) -> str:
    """Return the name or the units of an axis, "" where the file gives none."""
    dimension = group.get(f"dim{axis + 1}")
    return "" if dimension is None else str(plain(dimension.attrs.get(attribute, "")))


def _order_of_axes(names: Sequence[str]) -> tuple[int, ...]:
    """Put frames first, then rows, then columns.

    Prismatic writes x first ("R_x", "R_y", then detector bins); files that do not name their axes
    are in this order already, as ncempy reads them.
    """
    letters = [name.lower().rsplit("_", 1)[-1] for name in names]
    if letters.count("x") == 1 and letters.count("y") == 1:
        row, column = letters.index("y"), letters.index("x")
        others = [axis for axis in range(len(names)) if axis not in (row, column)]
        return (*others, row, column)
    return tuple(range(len(names)))


def _step_nm(group: h5py.Group, axis: int) -> float | None:
    """Return the step of an axis [nm]; its positions are stored, two of them at least."""
    dimension = group.get(f"dim{axis + 1}")
    if dimension is None or dimension.ndim != 1 or len(dimension) < 2:
        return None
    first, second = (float(value) for value in dimension[:2])
    return length_in_nm(second - first, _dimension_text(group, axis, "units"))


def _load(path: Path, name: str, order: tuple[int, ...], frame: int) -> npt.NDArray[Any]:
    with opened(path) as file:
        dataset = file[name]
        if len(order) == 2:
            return np.transpose(dataset[...], order)
        where: list[Any] = [slice(None)] * 3
        where[order[0]] = frame
        image: npt.NDArray[Any] = dataset[tuple(where)]
        return image if order[1] < order[2] else image.T
