"""Columns whose center lies beyond the border of the image, but whose flank reaches into it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Where columns beyond the border are looked for [widths]: so far outside, one every so often. They
# may move by half of a width, so that no column that matters is missed.
_OUTSIDE_IN_WIDTHS = 0.45
_STEP_IN_WIDTHS = 0.8

# No nearer to a column in the image than this, and no farther from all of them [widths].
_NEAREST_IN_WIDTHS = 0.8
_FARTHEST_IN_WIDTHS = 4.0


def border_starts(starts: FloatArray, shape: tuple[int, int], width_px: float) -> FloatArray:
    """Return places beyond the border where a column may stand, (M, 2) [px].

    Most of them are empty, and found to be so by the fit.

    Parameters
    ----------
    starts : ndarray of float64, shape (N, 2)
        Approximate positions of the columns in the image [px].
    shape : tuple of int
        Rows and columns of the image [px].
    width_px : float
        Full width at half maximum of the columns [px].
    """
    from scipy.spatial import cKDTree

    outside = _OUTSIDE_IN_WIDTHS * width_px
    places = []
    for axis in (0, 1):
        low, high = -0.5 - outside, shape[1 - axis] - 0.5 + outside
        count = max(2, round((high - low) / (_STEP_IN_WIDTHS * width_px)))
        along = np.linspace(low, high, count + 1)
        for across in (-0.5 - outside, shape[axis] - 0.5 + outside):
            pair = [np.full_like(along, across), along]
            # The corners belong to the sides along which rows stay the same.
            chosen = slice(1, -1) if axis else slice(None)
            places.append(np.stack(pair[::-1] if axis else pair, axis=1)[chosen])
    found = np.concatenate(places)
    distance, _ = cKDTree(starts).query(found)
    is_useful = distance > _NEAREST_IN_WIDTHS * width_px
    is_useful &= distance < _FARTHEST_IN_WIDTHS * width_px
    return np.asarray(found[is_useful], dtype=np.float64)


def border_distances(positions: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Return how far positions (N, 2) are from the nearest border, negative beyond it [px]."""
    return np.asarray(np.minimum(positions + 0.5, np.array(shape) - 0.5 - positions).min(axis=1))


def is_near_border(positions: FloatArray, shape: tuple[int, ...], width_px: float) -> BoolArray:
    """Tell which columns have a border of the image within half of their width."""
    return np.asarray(border_distances(positions, shape) < width_px / 2)
