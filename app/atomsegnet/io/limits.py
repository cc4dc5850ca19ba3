"""What a header may promise: checked against the file before any memory is asked for."""

from __future__ import annotations

from pathlib import Path

from atomsegnet.core.errors import NotAnImageError, ReadError

# 32768 x 32768; as float32 that is 4 GiB, sixteen times the largest image the program processes.
LARGEST_IMAGE_PX = 2**30

# One row or one column of numbers is a line scan or a spectrum.
SMALLEST_SIDE_PX = 2

# Deflate (PNG, HDF5, most TIFF) reaches at most 1032:1, and JPEG less; the rest is headers.
LARGEST_DEFLATION = 1100

# LZW, LZMA and Zstandard pack a constant image tighter.
LARGEST_COMPRESSION = 100_000


def check_shape(path: Path, rows: int, columns: int) -> None:
    """Raise if an image of this shape [px] cannot be a micrograph.

    Raises
    ------
    NotAnImageError
        Where a side is shorter than 2 px.
    ReadError
        Where the image has more than 2**30 pixels.
    """
    if rows == 1 and columns == 1:
        raise NotAnImageError(path, "holds a single pixel, which is no image")
    if min(rows, columns) < SMALLEST_SIDE_PX:
        raise NotAnImageError(
            path, f"holds {rows} x {columns} values, a line or a spectrum and no image"
        )
    if rows * columns > LARGEST_IMAGE_PX:
        raise ReadError(
            path,
            f"claims an image of {rows} x {columns} pixels, more than the {LARGEST_IMAGE_PX}"
            " this program can hold",
        )


def check_present(path: Path, needed_bytes: int, present_bytes: int) -> None:
    """Raise ReadError if uncompressed data reach past the end of the file."""
    if needed_bytes > present_bytes:
        raise ReadError(
            path,
            f"is cut or damaged, its header promises {needed_bytes} bytes and"
            f" {present_bytes} are there",
        )


def check_compressed(
    path: Path, unpacked_bytes: int, stored_bytes: int, ratio: int = LARGEST_DEFLATION
) -> None:
    """Raise ReadError if a compression of that ratio cannot hold so much in so few bytes."""
    if unpacked_bytes > stored_bytes * ratio:
        raise ReadError(
            path,
            f"is cut or damaged, its header promises {unpacked_bytes} bytes and only"
            f" {stored_bytes} are stored",
        )
