"""MRC and its kin; mrcfile says what the header means, and one section is read at a time."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from atomsegnet.core.errors import NotAnImageError, ReadError
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.units import pixel_size_from_nm
from atomsegnet.io.contents import DetectorContents, OpenedFile, StoredImage
from atomsegnet.io.limits import check_present, check_shape

_HEADER_BYTES = 1024
_NM_PER_ANGSTROM = 0.1
_LARGEST_UNSTAMPED_SIDE = 2**16

# Modes of MRC2014: Cheng et al., J. Struct. Biol. 192, 146 (2015), doi 10.1016/j.jsb.2015.04.002,
# with 12 as added since.
_TYPES = {0: "i1", 1: "i2", 2: "f4", 6: "u2", 12: "f2"}
_COMPLEX_MODES = (3, 4)


def open_mrc(path: Path) -> OpenedFile:
    """Describe the image or the stack of an MRC file; sections are frames.

    Raises
    ------
    NotAnImageError
        Where the file holds a transform.
    ReadError
        Where the file is shorter than its header says.
    """
    size = path.stat().st_size
    check_present(path, _HEADER_BYTES, size)
    header, order = _header(path)
    mode = int(header.mode)
    if mode in _COMPLEX_MODES:
        raise NotAnImageError(
            path,
            "holds complex numbers, such as a Fourier transform; export the image itself"
            " or its modulus",
        )
    columns, rows, frames, extension = (int(header[name]) for name in ("nx", "ny", "nz", "nsymbt"))
    if mode not in _TYPES or min(columns, rows, frames) < 1 or extension < 0:
        raise ReadError(path, "is damaged or no MRC file, its header makes no sense")
    if (int(header.mapc), int(header.mapr)) == (2, 1):
        raise ReadError(path, "stores its image turned by 90 degrees, which is not supported")
    check_shape(path, rows, columns)
    dtype = np.dtype(_TYPES[mode]).newbyteorder(order)
    start = _HEADER_BYTES + extension
    check_present(path, start + columns * rows * frames * dtype.itemsize, size)
    contents = DetectorContents("", frames, rows, columns, dtype.name, _pixel_size(header))
    load = partial(_load, path, start, dtype, (rows, columns))
    return OpenedFile("MRC", (StoredImage(contents, load),), _labels(header))


def _header(path: Path) -> tuple[np.recarray[Any, Any], Literal["<", ">"]]:
    """Read the fixed header and find its byte order.

    mrcfile itself would load the extended header as well, however long that claims to be.
    """
    from mrcfile.dtypes import HEADER_DTYPE
    from mrcfile.utils import byte_order_from_machine_stamp

    with path.open("rb") as file:
        stored = file.read(_HEADER_BYTES)
    header = np.rec.array(np.frombuffer(stored, dtype=HEADER_DTYPE))[0]
    try:
        order: Literal["<", ">"] = byte_order_from_machine_stamp(header.machst)
    except ValueError:
        # Without a stamp: read in the wrong order, a width below 65536 is above it.
        order = "<" if int(header.nx) < _LARGEST_UNSTAMPED_SIDE else ">"
    found: np.recarray[Any, Any] = np.rec.array(
        np.frombuffer(stored, dtype=HEADER_DTYPE.newbyteorder(order))
    )[0]
    return found, order


def _labels(header: np.recarray[Any, Any]) -> dict[str, tuple[str, ...]]:
    count = min(max(int(header.nlabl), 0), len(header.label))
    labels = (bytes(label).decode("latin-1").strip("\0 ") for label in header.label[:count])
    found = tuple(label for label in labels if label)
    return {"labels": found} if found else {}


def _pixel_size(header: np.recarray[Any, Any]) -> PixelSize | None:
    """Divide the cell [Å] by the number of its samples; 0 where the writer knew neither."""
    sides = []
    for axis, samples in (("y", "my"), ("x", "mx")):
        count = int(header[samples])
        sides.append(float(header.cella[axis]) * _NM_PER_ANGSTROM / count if count > 0 else None)
    return pixel_size_from_nm(*sides)


def _load(
    path: Path, start: int, dtype: np.dtype[Any], shape: tuple[int, int], frame: int
) -> npt.NDArray[Any]:
    count = shape[0] * shape[1]
    offset = start + frame * count * dtype.itemsize
    return np.fromfile(path, dtype=dtype, count=count, offset=offset).reshape(shape)
