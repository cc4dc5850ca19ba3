"""16-bit PNG of an image whose numbers are no integers, and the scale that gives them back."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from atomsegnet.core.micrograph import FloatImage
from atomsegnet.io.quiet import quiet
from atomsegnet.io.safe_write import safely_written

_LARGEST = 65535
# Noise hardly gets smaller, however long one tries: level 6 takes several times as long as level 1
# and saves a few percent.
_COMPRESSION = 1


class Stretch(NamedTuple):
    """How stored integers become intensities: intensity = offset + step * stored."""

    offset: float
    step: float


def write_png(path: Path, image: FloatImage) -> Stretch:
    """Write an image as 16-bit gray PNG, its lowest value as 0 and its highest as 65535.

    Parameters
    ----------
    path : Path
        The file, ".png" by custom; it must not exist yet.
    image : ndarray of float32, shape (H, W)
        Intensities, all finite.

    Returns
    -------
    Stretch
        Gives the intensities back, to half a step.

    Raises
    ------
    WriteError
        Where the file exists or cannot be written.
    """
    from PIL import Image

    lowest, highest = float(image.min()), float(image.max())
    step = (highest - lowest) / _LARGEST or 1.0
    stored = np.rint((image.astype(np.float64) - lowest) / step).astype(np.uint16)
    with safely_written(path) as temporary, quiet("PIL"):
        Image.fromarray(stored).save(temporary, format="PNG", compress_level=_COMPRESSION)
    return Stretch(lowest, step)
