"""From the numbers of a file to the float32 image of a micrograph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from atomsegnet.core.errors import NotAnImageError
from atomsegnet.core.micrograph import FloatImage

# float32 holds every whole number up to here.
LARGEST_EXACT_INTEGER = 2**24

# Weights of red, green and blue in the brightness of a pixel: ITU-R Recommendation BT.601-7
# (2011), section 2.5.1.
_LUMA_WEIGHTS = (0.299, 0.587, 0.114)


def is_countable(dtype: npt.DTypeLike) -> bool:
    """Whether numbers of this type are intensities: integer or real, not complex or boolean."""
    return np.dtype(dtype).kind in "iuf"


def gray_from_color(image: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Turn an (H, W, C) image of 2, 3, 4 or more channels into (H, W).

    An alpha channel (the 2nd of two, the 4th of four) is left out. Equal channels give their own
    values in their own type, others their brightness as float32.
    """
    color = image[..., :1] if image.shape[-1] == 2 else image[..., :3]
    first: npt.NDArray[Any] = color[..., 0]
    if all(np.array_equal(first, color[..., channel]) for channel in range(1, color.shape[-1])):
        return first
    brightness: npt.NDArray[Any] = (color.astype(np.float64) @ np.asarray(_LUMA_WEIGHTS)).astype(
        np.float32
    )
    return brightness


def as_image(path: Path, values: npt.NDArray[Any]) -> tuple[FloatImage, dict[str, str]]:
    """Make the float32 image of a micrograph.

    Parameters
    ----------
    path : Path
        The file, for the message.
    values : ndarray, shape (H, W)
        Numbers as stored, of any type and byte order.

    Returns
    -------
    image : ndarray of float32, shape (H, W)
        The same values, finite: isolated NaN and infinities become the median of the others.
    notes : dict of str to str
        What was changed, for the metadata; empty as a rule.

    Raises
    ------
    NotAnImageError
        Where the values are complex or where none of them is finite.
    """
    if values.dtype.kind == "c":
        raise NotAnImageError(
            path,
            "holds complex numbers, such as a Fourier transform; export the image itself"
            " or its modulus",
        )
    if not (is_countable(values.dtype) or values.dtype.kind == "b"):
        raise NotAnImageError(path, f"holds {values.dtype} values, which are no intensities")
    notes: dict[str, str] = {}
    largest = _largest_integer(values)
    if largest > LARGEST_EXACT_INTEGER:
        notes["rounded"] = f"whole numbers up to {largest} are rounded to 24 binary digits"
    with np.errstate(over="ignore", invalid="ignore"):
        image = np.array(values, dtype=np.float32, order="C")
    finite = np.isfinite(image)
    missing = int(image.size - np.count_nonzero(finite))
    if missing == image.size:
        raise NotAnImageError(path, "holds no finite number, every pixel is NaN or infinite")
    if missing:
        image[~finite] = np.median(image[finite])
        notes["replaced"] = f"{missing} pixels without a finite value hold the median of the others"
    return image, notes


def _largest_integer(values: npt.NDArray[Any]) -> int:
    """Return the largest magnitude of integer values, 0 for other types and for short ones."""
    if values.dtype.kind not in "iu" or values.dtype.itemsize <= 2:
        return 0
    return max(abs(int(values.min())), abs(int(values.max())))
