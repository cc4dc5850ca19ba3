"""TIFF through tifffile; what that cannot unpack, through Pillow."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atomsegnet.core.errors import NotAnImageError, ReadError
from atomsegnet.io.contents import DetectorContents, OpenedFile, StoredImage, with_unique_names
from atomsegnet.io.limits import (
    LARGEST_COMPRESSION,
    LARGEST_DEFLATION,
    check_compressed,
    check_present,
    check_shape,
)
from atomsegnet.io.quiet import quiet
from atomsegnet.io.tiff_layout import check_tiff_layout
from atomsegnet.io.tiff_pixel_size import tiff_pixel_size
from atomsegnet.io.values import gray_from_color

if TYPE_CHECKING:
    import tifffile

_LOGGER = "tifffile"
_UNCOMPRESSED = 1
_DEFLATE = (8, 32946)
_PALETTE = 3  # photometric interpretation: numbers are places in a table of colors

# Tags that only say where the pixels are; DM_TAGS holds a whole tag tree.
_LAYOUT_TAGS = frozenset({"StripOffsets", "StripByteCounts", "TileOffsets", "TileByteCounts"})
_LONGEST_TAG = 2000


def open_tiff(path: Path) -> OpenedFile:
    """List the images of a TIFF file; every series is a "detector", its pages are frames.

    Raises
    ------
    NotAnImageError
        Where no page is an image by its shape.
    ReadError
        Where the file is cut or promises more than it stores.
    """
    import tifffile

    check_tiff_layout(path)
    with quiet(_LOGGER), tifffile.TiffFile(path) as file:
        size = path.stat().st_size
        # OME files name other files of the same series; those that are missing read as zeros.
        if any(page is None for series in file.series for page in series.pages):
            raise ReadError(path, "is one part of a series whose other files are missing")
        for page in file.pages:
            _check_page(path, page.aspage(), size)
        images, refusals = [], []
        for number, series in enumerate(file.series):
            try:
                images.append(_image(path, file, series, number, size))
            except NotAnImageError as refusal:
                refusals.append(refusal)
        if not images:
            raise refusals[0] if refusals else NotAnImageError(path, "holds no image")
        return OpenedFile("TIFF", with_unique_names(images))


def _check_page(path: Path, page: tifffile.TiffPage, size: int) -> None:
    """Raise if the strips or tiles of a page reach past the end of the file or are too few."""
    ends = zip(page.dataoffsets, page.databytecounts, strict=True)
    check_present(path, max((start + count for start, count in ends), default=0), size)
    stored = sum(page.databytecounts)
    if page.compression == _UNCOMPRESSED and not page.is_contiguous:
        check_present(path, min(page.nbytes, stored) if page.is_tiled else page.nbytes, stored)
    elif page.compression != _UNCOMPRESSED:
        deflated = page.compression in _DEFLATE
        ratio = LARGEST_DEFLATION if deflated else LARGEST_COMPRESSION
        check_compressed(path, page.nbytes, stored, ratio)


def _image(
    path: Path, file: tifffile.TiffFile, series: tifffile.TiffPageSeries, number: int, size: int
) -> StoredImage:
    axes, shape = series.get_axes(False), series.get_shape(False)
    if "Y" not in axes or "X" not in axes or series.dtype is None:
        raise NotAnImageError(path, "holds a list of numbers and no image")
    rows, columns = shape[axes.index("Y")], shape[axes.index("X")]
    check_shape(path, rows, columns)
    channels = shape[axes.index("S")] if "S" in axes else 1
    frames = math.prod(shape) // (rows * columns * channels)
    if series.dataoffset is not None:
        # ImageJ writes one directory for a whole stack.
        check_present(path, series.dataoffset + series.nbytes, size)
    page = series.keyframe
    contents = DetectorContents(
        name=series.name if len(file.series) > 1 else "",
        frame_count=frames,
        rows=rows,
        columns=columns,
        dtype=f"RGB {series.dtype}" if channels > 1 else series.dtype.name,
        pixel_size_nm=tiff_pixel_size(file, page),
    )
    return StoredImage(contents, partial(_load, path, number), _metadata(file, page))


def _metadata(file: tifffile.TiffFile, page: tifffile.TiffPage) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for tag in page.tags:
        text = tag.value
        if tag.name in _LAYOUT_TAGS or not isinstance(text, str | int | float | tuple):
            continue
        if not isinstance(text, str) or len(text) <= _LONGEST_TAG:
            found[tag.name] = text
    for name in ("imagej_metadata", "fei_metadata", "sis_metadata", "sem_metadata"):
        if getattr(file, name):
            found[name] = getattr(file, name)
    return found


def _load(path: Path, number: int, frame: int) -> npt.NDArray[Any]:
    import tifffile

    with quiet(_LOGGER), tifffile.TiffFile(path) as file:
        series = file.series[number]
        axes, shape = series.get_axes(False), series.get_shape(False)
        image_axes = [axes.index(letter) for letter in "YXS" if letter in axes]
        image_shape = [shape[axis] for axis in sorted(image_axes)]
        if series.dataoffset is not None:
            dtype = np.dtype(file.byteorder + series.dtype.char)
            stored = _load_contiguous(path, series.dataoffset, dtype, math.prod(image_shape), frame)
        elif series.pages and math.prod(shape) == len(series) * math.prod(image_shape):
            stored = _load_page(path, series, frame)
        else:
            stored = series.asarray().reshape(-1, math.prod(image_shape))[frame]
        stored = stored.reshape(image_shape)
        # Rows, columns, samples, in whatever order the file has them.
        order = np.argsort(np.argsort(image_axes))
        image: npt.NDArray[Any] = np.transpose(stored, order)
        palette = series.keyframe.colormap if series.keyframe.photometric == _PALETTE else None
    if palette is not None and image.ndim == 2:
        image = np.moveaxis(np.asarray(palette), 0, -1)[image]
    return gray_from_color(image) if image.ndim == 3 else image


def _load_contiguous(
    path: Path, start: int, dtype: np.dtype[Any], count: int, frame: int
) -> npt.NDArray[Any]:
    """Read one frame of pixels that lie in the file in one piece."""
    return np.fromfile(
        path, dtype=dtype, count=count, offset=start + frame * count * dtype.itemsize
    )


def _load_page(path: Path, series: tifffile.TiffPageSeries, frame: int) -> npt.NDArray[Any]:
    page = series.pages[frame]
    if page is None or page.dtype is None:
        raise ReadError(path, f"has lost its frame {frame}")
    try:
        stored: npt.NDArray[Any] = page.asarray()
    except ValueError as error:
        # tifffile leaves LZW, JPEG and others to the library imagecodecs.
        if "imagecodecs" not in str(error):
            raise
        return _load_page_by_pillow(path, page.index, page.shape, page.dtype)
    return stored


def _load_page_by_pillow(
    path: Path, index: int, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> npt.NDArray[Any]:
    from PIL import Image

    from atomsegnet.io.limits import LARGEST_IMAGE_PX

    Image.MAX_IMAGE_PIXELS = LARGEST_IMAGE_PX
    with quiet("PIL"), Image.open(path, formats=("TIFF",)) as picture:
        picture.seek(index)
        stored = np.asarray(picture)
    if stored.size != math.prod(shape) or stored.dtype.itemsize != dtype.itemsize:
        raise ReadError(path, "is compressed in a way this program cannot unpack")
    return stored.astype(dtype, copy=False)
