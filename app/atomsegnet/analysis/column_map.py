"""Spread a number of each column over the image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atomsegnet.core.micrograph import FloatImage

FloatArray = npt.NDArray[np.float64]

# Between columns the map is a plane; this many samples from one column to the next show it well,
# and a large image need not be triangulated pixel by pixel.
_SAMPLES_PER_SPACING = 4.0


def map_of_columns(
    positions: FloatArray, values: FloatArray, shape: tuple[int, int], spacing_px: float
) -> FloatImage:
    """Interpolate values of columns linearly on the triangles between them.

    Parameters
    ----------
    positions : ndarray of float64, shape (N, 2)
        The columns [px].
    values : ndarray of float64, shape (N,)
        What is spread; columns where it is NaN are left out.
    shape : tuple of int
        Rows and columns of the image [px].
    spacing_px : float
        Median distance of nearest neighbors [px].

    Returns
    -------
    ndarray of float32, shape (H, W)
        0 outside of the outermost columns, and everywhere for fewer than three of them.
    """
    from scipy.interpolate import LinearNDInterpolator
    from scipy.ndimage import map_coordinates

    known = np.isfinite(values)
    if known.sum() < 3:
        return np.zeros(shape, dtype=np.float32)
    step = max(1.0, spacing_px / _SAMPLES_PER_SPACING)
    counts = [max(2, int(np.ceil((side - 1) / step)) + 1) for side in shape]
    rows, columns = (
        np.linspace(0, side - 1, count) for side, count in zip(shape, counts, strict=True)
    )
    planes = LinearNDInterpolator(positions[known], values[known], fill_value=0.0)
    coarse = planes(*np.meshgrid(rows, columns, indexing="ij")).astype(np.float32)
    places = [np.linspace(0, count - 1, side) for side, count in zip(shape, counts, strict=True)]
    fine = map_coordinates(coarse, np.meshgrid(*places, indexing="ij"), order=1)
    return np.asarray(fine, dtype=np.float32)
