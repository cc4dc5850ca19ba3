"""A picture for the eye: 8-bit gray PNG."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from atomsegnet.io.quiet import quiet
from atomsegnet.io.safe_write import safely_written


def write_gray_png(path: Path, levels: npt.NDArray[np.uint8]) -> None:
    """Write gray levels (H, W) as PNG; a picture of that name is replaced.

    Raises
    ------
    WriteError
        The file cannot be written.
    """
    from PIL import Image

    with safely_written(path, overwrite=True) as temporary, quiet("PIL"):
        Image.fromarray(levels).save(temporary, format="PNG")
