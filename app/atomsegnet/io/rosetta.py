"""What only RosettaSciIO reads: HyperSpy, NeXus, Semper and others; and EMI through its SER."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from atomsegnet.core.errors import NotAnImageError, ReadError
from atomsegnet.core.units import length_in_nm, pixel_size_from_nm
from atomsegnet.io.contents import DetectorContents, OpenedFile, StoredImage, with_unique_names
from atomsegnet.io.hdf5_dataset import check_storage, opened
from atomsegnet.io.limits import check_shape
from atomsegnet.io.ncem import open_ser
from atomsegnet.io.quiet import quiet
from atomsegnet.io.values import is_countable

# Suffix -> title and module of RosettaSciIO. Formats of spectra and diffraction alone are left out.
ROSETTA_FORMATS: Mapping[str, tuple[str, str]] = {
    ".hspy": ("HyperSpy", "hspy"),
    ".nxs": ("NeXus", "nexus"),
    ".unf": ("Semper", "semper"),
    ".rpl": ("Ripple", "ripple"),
    ".elid": ("Phenom", "phenom"),
    ".sur": ("DigitalSurf", "digitalsurf"),
}
_HDF5_SUFFIXES = (".hspy", ".nxs")


def open_emi(path: Path) -> OpenedFile:
    """Read an EMI file through the SER files that hold its images.

    Raises
    ------
    ReadError
        Where no such file lies beside it.
    """
    beside = sorted(path.parent.glob("*.ser"))
    numbered = [
        (file.stem.removeprefix(f"{path.stem}_"), file)
        for file in beside
        if file.stem.startswith(f"{path.stem}_")
    ]
    parts = [(int(number), file) for number, file in numbered if number.isdigit()]
    if not parts:
        raise ReadError(
            path,
            f'holds the description only, and its images, "{path.stem}_1.ser" and so on, are not'
            " beside it",
        )
    images = []
    for number, file in sorted(parts):
        stored = open_ser(file).images[0]
        images.append(replace(stored, contents=replace(stored.contents, name=f"Image {number}")))
    return OpenedFile("TIA", tuple(images))


def open_by_rosetta(path: Path) -> OpenedFile:
    """List the images that RosettaSciIO finds in a file; the suffix says which format it has.

    Raises
    ------
    NotAnImageError
        Where there is none.
    """
    title, _ = ROSETTA_FORMATS[path.suffix.lower()]
    images, refusals = [], []
    for number, signal in enumerate(_signals(path)):
        try:
            images.append(_image(path, signal, number))
        except NotAnImageError as refusal:
            refusals.append(refusal)
    if not images:
        raise refusals[0] if refusals else NotAnImageError(path, "holds no image")
    return OpenedFile(title, with_unique_names(images))


def _check_hdf5(path: Path) -> None:
    """Raise if a dataset promises more than the file stores; RosettaSciIO reads all at once."""
    import h5py

    def visit(_name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset) and item.ndim >= 2:
            check_storage(path, item)

    with opened(path) as file:
        file.visititems(visit)


def _signals(path: Path) -> list[dict[str, Any]]:
    if path.suffix.lower() in _HDF5_SUFFIXES:
        _check_hdf5(path)
    _, module = ROSETTA_FORMATS[path.suffix.lower()]
    import dask

    # RosettaSciIO loads through dask, whose pool of threads would outlive the call.
    with (
        quiet("rsciio", f"rsciio.{module}", f"rsciio.{module}._api"),
        dask.config.set(scheduler="synchronous"),
    ):
        found: list[dict[str, Any]] = import_module(f"rsciio.{module}").file_reader(
            str(path), lazy=False
        )
        return found


def _image(path: Path, signal: Mapping[str, Any], number: int) -> StoredImage:
    data, axes = signal["data"], signal["axes"]
    order = _image_axes(path, axes)
    rows, columns = (data.shape[axis] for axis in order)
    check_shape(path, rows, columns)
    if data.dtype.kind == "c":
        raise NotAnImageError(
            path,
            "holds complex numbers, such as a Fourier transform; export the image itself"
            " or its modulus",
        )
    if not is_countable(data.dtype):
        raise NotAnImageError(path, f"holds {data.dtype} values, which are no intensities")
    height, width = (_step_nm(axes[axis]) for axis in order)
    contents = DetectorContents(
        name=str(signal.get("metadata", {}).get("General", {}).get("title", "")),
        frame_count=math.prod(data.shape) // (rows * columns),
        rows=rows,
        columns=columns,
        dtype=data.dtype.name,
        pixel_size_nm=pixel_size_from_nm(height, width),
    )
    metadata = dict(signal.get("metadata", {}))
    return StoredImage(contents, partial(_load, path, number, order), metadata)


def _image_axes(path: Path, axes: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Return which axes are rows and columns: the signal axes, or the only two there are."""
    signal = [number for number, axis in enumerate(axes) if not axis.get("navigate", False)]
    chosen = signal if len(signal) == 2 else list(range(len(axes)))
    if len(chosen) != 2 or any("eV" in str(axes[axis].get("units", "")) for axis in chosen):
        raise NotAnImageError(path, "holds spectra or data of many dimensions and no image")
    return chosen[0], chosen[1]


def _step_nm(axis: Mapping[str, Any]) -> float | None:
    return length_in_nm(float(axis.get("scale", 0)), str(axis.get("units", "")))


def _load(path: Path, number: int, order: tuple[int, int], frame: int) -> npt.NDArray[Any]:
    data = np.asarray(_signals(path)[number]["data"])
    stack = np.moveaxis(data, order, (-2, -1))
    image: npt.NDArray[Any] = stack.reshape(-1, *stack.shape[-2:])[frame]
    return image
