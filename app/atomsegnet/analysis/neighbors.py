"""How far columns are from each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def nearest_neighbor_distances(positions: FloatArray) -> FloatArray:
    """Return the distance of each column to the nearest other one.

    Parameters
    ----------
    positions : ndarray of float64, shape (N, 2)
        Positions, in any unit of length.

    Returns
    -------
    ndarray of float64, shape (N,)
        Distances in the same unit; NaN for a column that is alone.
    """
    from scipy.spatial import cKDTree

    if len(positions) < 2:
        return np.full(len(positions), np.nan)
    distances, _ = cKDTree(positions).query(positions, k=2)
    return np.asarray(distances[:, 1], dtype=np.float64)


def median_spacing(positions: FloatArray) -> float | None:
    """Return the median distance to the nearest neighbor; None for fewer than two columns."""
    if len(positions) < 2:
        return None
    return float(np.median(nearest_neighbor_distances(positions)))


def are_near(positions: FloatArray, others: FloatArray, distance_px: float) -> BoolArray:
    """Tell which positions (N, 2) are nearer than this to one of the others (M, 2), shape (N,)."""
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(others).query(positions)[0] < distance_px)
