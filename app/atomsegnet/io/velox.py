"""Velox EMD: images under Data/Image, frames last, metadata as JSON.

Read through h5py, so that one frame of a long series is loaded and not the series.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.units import length_in_nm, pixel_size_from_nm
from atomsegnet.io.contents import DetectorContents, StoredImage
from atomsegnet.io.hdf5_dataset import check_dataset, opened
from atomsegnet.io.values import is_countable

if TYPE_CHECKING:
    import h5py

_IMAGES = "Data/Image"


def velox_images(path: Path, file: h5py.File) -> list[StoredImage]:
    """Return the images of a Velox file, one per detector; none for another dialect."""
    found = []
    for key, group in file.get(_IMAGES, {}).items():
        dataset = group.get("Data")
        if dataset is None or dataset.ndim != 3 or not is_countable(dataset.dtype):
            continue
        rows, columns, frames = dataset.shape
        check_dataset(path, dataset, rows, columns)
        metadata = _metadata(group)
        result = metadata.get("BinaryResult", {})
        contents = DetectorContents(
            name=str(result.get("Detector", "")),
            frame_count=frames,
            rows=rows,
            columns=columns,
            dtype=dataset.dtype.name,
            pixel_size_nm=_pixel_size(result),
        )
        found.append(StoredImage(contents, partial(_load, path, f"{_IMAGES}/{key}/Data"), metadata))
    return found


def _metadata(group: h5py.Group) -> dict[str, Any]:
    """Return the JSON of the first frame, padded with zeros in the file; {} if it is damaged."""
    if "Metadata" not in group:
        return {}
    text = bytes(group["Metadata"][:, 0]).split(b"\0", 1)[0]
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _pixel_size(result: Mapping[str, Any]) -> PixelSize | None:
    size = result.get("PixelSize", {})
    try:
        width, height = float(size["width"]), float(size["height"])
    except (KeyError, TypeError, ValueError):
        return None
    return pixel_size_from_nm(
        length_in_nm(height, str(result.get("PixelUnitY", ""))),
        length_in_nm(width, str(result.get("PixelUnitX", ""))),
    )


def _load(path: Path, name: str, frame: int) -> npt.NDArray[Any]:
    with opened(path) as file:
        image: npt.NDArray[Any] = file[name][:, :, frame]
        return image
