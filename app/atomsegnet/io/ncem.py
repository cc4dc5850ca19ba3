"""DM3, DM4 and SER through ncempy, which parses; what is an image is decided here."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atomsegnet.core.errors import NotAnImageError, ReadError
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.units import length_in_nm, pixel_size_from_nm
from atomsegnet.io.contents import DetectorContents, OpenedFile, StoredImage, with_unique_names
from atomsegnet.io.limits import check_present, check_shape
from atomsegnet.io.quiet import quiet
from atomsegnet.io.values import gray_from_color

if TYPE_CHECKING:
    from ncempy.io.ser import fileSER

# DigitalMicrograph's numbers for the types of image data that are intensities.
_DM_TYPES: dict[int, str] = {
    1: "<i2",
    2: "<f4",
    6: "u1",
    7: "<i4",
    9: "i1",
    10: "<u2",
    11: "<u4",
    12: "<f8",
    14: "u1",
    39: "<i8",
    40: "<u8",
}
_DM_COMPLEX = (3, 5, 13, 27, 28)
_DM_COLOR = 23  # blue, green, red, unused: 4 bytes; thumbnails are stored like this

_ENERGY_UNITS = ("ev", "kev")

_SER_IMAGE = 0x4122
_SER_SPECTRUM = 0x4120
_SER_TYPES: dict[int, str] = {
    1: "u1",
    2: "<u2",
    3: "<u4",
    4: "i1",
    5: "<i2",
    6: "<i4",
    7: "<f4",
    8: "<f8",
    9: "<c8",
    10: "<c16",
}
# Two calibrations (offset, step, element), the type, columns, rows.
_SER_ELEMENT = struct.Struct("<ddiddihii")
_SER_HEADER = struct.Struct("<hhhiiii")


def open_dm(path: Path) -> OpenedFile:
    """List the images of a DM3 or DM4 file; thumbnails are left out.

    Raises
    ------
    NotAnImageError
        Where the file holds spectra or Fourier transforms only.
    ReadError
        Where the file is shorter than its header says.
    """
    tags = _dm_tags(path)
    thumbnails = {
        int(value) + 1
        for key, value in tags.items()
        if key.startswith(".Thumbnails.") and key.endswith(".ImageIndex")
    }
    numbers = sorted(
        int(key.split(".")[2])
        for key in tags
        if key.startswith(".ImageList.") and key.endswith(".ImageData.Data.arrayOffset")
    )
    candidates = [number for number in numbers if number not in thumbnails]
    plain = [number for number in candidates if _dm_type(tags, number) != _DM_COLOR]
    if not candidates:
        raise NotAnImageError(path, "holds no image, only tags or a thumbnail")
    images, refusals = [], []
    for number in plain or candidates:
        try:
            images.append(_dm_image(path, tags, number))
        except NotAnImageError as refusal:
            refusals.append(refusal)
    if not images:
        raise refusals[0]
    kind = "DigitalMicrograph 4" if _dm_version(path) == 4 else "DigitalMicrograph 3"
    return OpenedFile(kind, with_unique_names(images))


def _dm_version(path: Path) -> int:
    with path.open("rb") as file:
        return int.from_bytes(file.read(4), "big")


def _dm_tags(path: Path) -> dict[str, Any]:
    """Return every tag of the file, named like ".ImageList.2.ImageData.Dimensions.1"."""
    with path.open("rb") as file:
        head = file.read(12)
    promised = int.from_bytes(head[4:8] if _dm_version(path) == 3 else head[4:12], "big")
    check_present(path, promised, path.stat().st_size)
    with quiet():
        from ncempy.io.dm import fileDM

        with fileDM(path, on_memory=True) as file:
            return dict(file.allTags)


def _dm_type(tags: Mapping[str, Any], number: int) -> int:
    return int(tags[f".ImageList.{number}.ImageData.DataType"])


def _dm_image(path: Path, tags: Mapping[str, Any], number: int) -> StoredImage:
    data = f".ImageList.{number}.ImageData"
    sides: list[int] = []
    while (side := tags.get(f"{data}.Dimensions.{len(sides) + 1}")) is not None:
        sides.append(int(side))
    units = [
        str(tags.get(f"{data}.Calibrations.Dimension.{axis + 1}.Units", ""))
        for axis in range(len(sides))
    ]
    if len(sides) < 2 or any(unit.strip().lower() in _ENERGY_UNITS for unit in units):
        raise NotAnImageError(path, "holds a spectrum and no image")
    if len(sides) > 3:
        raise NotAnImageError(path, f"holds data of {len(sides)} dimensions, such as 4D-STEM")
    dtype, channels = _dm_dtype(path, _dm_type(tags, number))
    columns, rows, frames = (*sides, 1)[:3]
    check_shape(path, rows, columns)
    offset = int(tags[f"{data}.Data.arrayOffset"])
    frame_bytes = rows * columns * channels * dtype.itemsize
    check_present(path, offset + frames * frame_bytes, path.stat().st_size)
    if frames * frame_bytes > int(tags[f"{data}.Data.arraySize"]):
        raise ReadError(path, "is damaged, the size of its data does not fit the size of its image")
    contents = DetectorContents(
        name=str(tags.get(f".ImageList.{number}.Name", "")),
        frame_count=frames,
        rows=rows,
        columns=columns,
        dtype="RGB" if channels > 1 else dtype.name,
        pixel_size_nm=_dm_pixel_size(tags, data, units),
    )
    shape = (rows, columns, channels)
    load = partial(_load_dm, path, offset, frame_bytes, dtype, shape)
    return StoredImage(contents, load, _dm_metadata(tags, number))


def _dm_dtype(path: Path, number: int) -> tuple[np.dtype[Any], int]:
    """Return the type of one channel and the number of channels."""
    if number in _DM_COMPLEX:
        raise NotAnImageError(
            path,
            "holds complex numbers, such as a Fourier transform; export the image itself"
            " or its modulus",
        )
    if number == _DM_COLOR:
        return np.dtype(np.uint8), 4
    if number not in _DM_TYPES:
        raise NotAnImageError(path, f"holds DigitalMicrograph data of the unknown type {number}")
    return np.dtype(_DM_TYPES[number]), 1


def _dm_pixel_size(tags: Mapping[str, Any], data: str, units: list[str]) -> PixelSize | None:
    width, height = (
        length_in_nm(float(tags.get(f"{data}.Calibrations.Dimension.{axis}.Scale", 0)), unit)
        for axis, unit in ((1, units[0]), (2, units[1]))
    )
    return pixel_size_from_nm(height, width)


def _dm_metadata(tags: Mapping[str, Any], number: int) -> dict[str, Any]:
    start = f".ImageList.{number}.ImageTags."
    return {
        key.removeprefix(start): value.item() if isinstance(value, np.generic) else value
        for key, value in tags.items()
        if key.startswith(start) and isinstance(value, str | np.generic)
    }


def _load_dm(
    path: Path,
    offset: int,
    frame_bytes: int,
    dtype: np.dtype[Any],
    shape: tuple[int, int, int],
    frame: int,
) -> npt.NDArray[Any]:
    stored = np.fromfile(
        path, dtype=dtype, count=int(np.prod(shape)), offset=offset + frame * frame_bytes
    ).reshape(shape)
    return gray_from_color(stored[..., 2::-1]) if shape[2] == 4 else stored[..., 0]


def open_ser(path: Path) -> OpenedFile:
    """List the frames of a TIA series file; the image of row 0 comes out at the top.

    Raises
    ------
    NotAnImageError
        Where the file holds spectra.
    ReadError
        Where the file is shorter than its header says.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_SER_HEADER.size)
    if len(head) < _SER_HEADER.size:
        raise ReadError(path, "is cut, it ends within its header")
    kind, valid = _SER_HEADER.unpack(head)[3::3]
    if kind == _SER_SPECTRUM:
        raise NotAnImageError(path, "holds a spectrum and no image")
    if kind != _SER_IMAGE or valid < 1:
        raise NotAnImageError(path, "holds no finished image")
    # Each element has an offset of its data and one of its tag, 4 or 8 bytes each.
    check_present(path, 8 * valid, size)
    with quiet():
        offsets, tag_offsets, metadata = _ser_offsets(path)
    check_present(path, max(tag_offsets, default=0), size)
    elements = [_ser_element(path, offset, size) for offset in offsets]
    dtype, rows, columns, pixel_size = elements[0]
    if not len(offsets) == len(tag_offsets) == valid or any(
        element[:3] != elements[0][:3] for element in elements
    ):
        raise ReadError(path, "is cut or holds frames of different shapes")
    check_shape(path, rows, columns)
    contents = DetectorContents("", len(offsets), rows, columns, dtype.name, pixel_size)
    return OpenedFile("TIA series", (StoredImage(contents, partial(_load_ser, path), metadata),))


def _ser_offsets(path: Path) -> tuple[list[int], list[int], dict[str, Any]]:
    """Return where frames and their tags start, and what the file's head tells about the series."""
    with _series(path) as series:
        head = series.head
        tags = {
            key: int(head[key]) for key in ("SeriesVersion", "TotalNumberElements", "TagTypeID")
        }
        return head["DataOffsetArray"], head["TagOffsetArray"], tags


def _ser_element(
    path: Path, offset: int, size: int
) -> tuple[np.dtype[Any], int, int, PixelSize | None]:
    """Read the head of one frame: type, rows, columns, pixel size (stored in meters)."""
    with path.open("rb") as file:
        file.seek(max(0, offset))
        head = file.read(_SER_ELEMENT.size)
    if offset < 0 or len(head) < _SER_ELEMENT.size:
        raise ReadError(path, "is cut, a frame starts past its end")
    _, step_x, _, _, step_y, _, kind, columns, rows = _SER_ELEMENT.unpack(head)
    if kind not in _SER_TYPES or min(columns, rows) < 1:
        raise ReadError(path, "is damaged, a frame has no known type or shape")
    dtype = np.dtype(_SER_TYPES[kind])
    check_present(path, offset + _SER_ELEMENT.size + rows * columns * dtype.itemsize, size)
    return dtype, rows, columns, pixel_size_from_nm(step_y * 1e9, step_x * 1e9)


def _load_ser(path: Path, frame: int) -> npt.NDArray[Any]:
    with quiet(), _series(path) as series:
        image: npt.NDArray[Any] = series.getDataset(frame)[0]
        return image


def _series(path: Path) -> fileSER:
    """Open a SER file without the EMI file beside it, whose damage is no concern of the images."""
    from ncempy.io.ser import fileSER

    class SeriesAlone(fileSER):  # type: ignore[misc]  # ncempy has no types
        def _read_emi(self) -> None:
            self._emi = None

    return SeriesAlone(path)
