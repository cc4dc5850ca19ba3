"""float32 TIFF with a pixel size that ImageJ and DigitalMicrograph understand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from atomsegnet.core.errors import WriteError
from atomsegnet.core.micrograph import FloatImage, PixelSize
from atomsegnet.io.quiet import quiet
from atomsegnet.io.safe_write import safely_written
from atomsegnet.io.tiff_pixel_size import DM_SCALE_X, DM_SCALE_Y, DM_UNIT_X, DM_UNIT_Y

# ImageJ's own writer stays with classic TIFF, whose offsets have 32 bits.
_LARGEST_TIFF_BYTES = 2**32 - 2**16


def write_tiff(
    path: Path,
    image: FloatImage,
    pixel_size_nm: PixelSize | None = None,
    *,
    origin: str = "",
    overwrite: bool = False,
) -> None:
    """Write an image as 32-bit TIFF; `read` gives back the very same values and pixel size.

    Parameters
    ----------
    path : Path
        The file, ".tif" by custom.
    image : ndarray of float32, shape (H, W)
        Intensities.
    pixel_size_nm : PixelSize or None
        Size of one pixel [nm]; None writes no scale at all.
    origin : str
        Where it comes from, in lines; ImageJ shows it under Image > Show Info.
    overwrite : bool
        Whether a file of that name may be replaced.

    Raises
    ------
    WriteError
        Where the file exists or cannot be written.
    """
    import tifffile

    if image.ndim != 2 or image.dtype != np.float32:
        raise ValueError(f"a 2-D float32 array is written, not {image.ndim}-D {image.dtype}")
    if image.nbytes > _LARGEST_TIFF_BYTES:
        raise WriteError(path, "would be larger than the 4 GB a TIFF file can have")
    options = {"metadata": {}} if pixel_size_nm is None else _scale(pixel_size_nm)
    if origin:
        options["metadata"]["Info"] = origin
    with safely_written(path, overwrite=overwrite) as temporary, quiet("tifffile"):
        tifffile.imwrite(temporary, np.ascontiguousarray(image), imagej=True, **options)


def _scale(pixel_size_nm: PixelSize) -> dict[str, Any]:
    """Return the tags that tell ImageJ and DigitalMicrograph the pixel size."""
    height, width = (float(side) for side in pixel_size_nm)
    return {
        "resolution": (1 / width, 1 / height),
        "metadata": {"unit": "nm"},
        # ImageJ's resolution is a fraction of two 32-bit numbers; these keep all digits.
        "extratags": [
            (DM_UNIT_X, "s", 0, "nm", True),
            (DM_UNIT_Y, "s", 0, "nm", True),
            (DM_SCALE_X, "d", 1, width, True),
            (DM_SCALE_Y, "d", 1, height, True),
        ],
    }
