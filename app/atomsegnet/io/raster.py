"""PNG, JPEG, BMP and GIF through Pillow. Their resolution is a printing hint, no pixel size."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atomsegnet.core.errors import ReadError
from atomsegnet.io.contents import DetectorContents, OpenedFile, StoredImage
from atomsegnet.io.limits import (
    LARGEST_COMPRESSION,
    LARGEST_DEFLATION,
    LARGEST_IMAGE_PX,
    check_compressed,
    check_shape,
)
from atomsegnet.io.quiet import quiet
from atomsegnet.io.values import gray_from_color

if TYPE_CHECKING:
    from PIL.Image import Image

# Modes that hold intensities already; every other one (palette, CMYK, YCbCr) becomes RGB first.
_GRAY_MODES = {"L": "uint8", "I;16": "uint16", "I;16B": "uint16", "I": "int32", "F": "float32"}
_COLOR_MODES = ("LA", "RGB", "RGBA")

# What a PNG file ends with; Pillow does not miss it, though a cut file does.
_PNG_END = b"IEND\xaeB`\x82"
_JPEG_END = b"\xff\xd9"


def open_raster(path: Path) -> OpenedFile:
    """Describe the image of a PNG, JPEG, BMP or GIF file.

    Raises
    ------
    ReadError
        Where the file is cut or damaged.
    """
    with quiet("PIL"), _opened(path) as picture:
        columns, rows = picture.size
        check_shape(path, rows, columns)
        # A palette or black and white may take a single bit for each pixel.
        bits = 1 if picture.mode in ("1", "P") else 8
        ratio = LARGEST_COMPRESSION if picture.format == "GIF" else LARGEST_DEFLATION
        check_compressed(path, rows * columns * bits // 8, path.stat().st_size, ratio)
        dtype = _GRAY_MODES.get(picture.mode, "uint8")
        if picture.mode not in _GRAY_MODES:
            dtype = f"{picture.mode} {dtype}"
        name = str(picture.format)
        frames = int(getattr(picture, "n_frames", 1)) if name == "GIF" else 1
        metadata = {
            key: value
            for key, value in picture.info.items()
            if isinstance(key, str) and isinstance(value, str | int | float | tuple)
        }
    _check_end(path, name)
    contents = DetectorContents("", frames, rows, columns, dtype)
    return OpenedFile(name, (StoredImage(contents, partial(_load, path), metadata),))


def _opened(path: Path) -> Image:
    from PIL import Image, UnidentifiedImageError

    # Pillow's own limit of 89 million pixels is below what a microscope writes.
    Image.MAX_IMAGE_PIXELS = LARGEST_IMAGE_PX
    try:
        return Image.open(path, formats=("PNG", "JPEG", "BMP", "GIF"))
    except UnidentifiedImageError as error:
        raise ReadError(path, "is a cut or damaged picture") from error


def _check_end(path: Path, name: str) -> None:
    """Raise if the end of a PNG or JPEG file is missing, which Pillow may pass over."""
    end = {"PNG": _PNG_END, "JPEG": _JPEG_END}.get(name)
    if end is not None and end not in path.read_bytes():
        raise ReadError(path, f"is cut, the end of its {name} data is missing")


def _load(path: Path, frame: int) -> npt.NDArray[Any]:
    with quiet("PIL"), _opened(path) as picture:
        if frame:
            picture.seek(frame)
        if picture.mode not in _GRAY_MODES and picture.mode not in _COLOR_MODES:
            stored = np.asarray(picture.convert("L" if picture.mode == "1" else "RGBA"))
        else:
            stored = np.asarray(picture)
    return gray_from_color(stored) if stored.ndim == 3 else stored
