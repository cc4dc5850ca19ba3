"""Distances between equivalent columns along the basis vectors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atomsegnet.core.lattice import Spacing

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def spacing_along(
    axis: str, vector: IntArray, points: FloatArray, steps: IntArray, site: IntArray
) -> Spacing:
    """Return the distances of all pairs of columns that are one vector apart.

    Parameters
    ----------
    axis : str
        "a" or "b".
    vector : ndarray of int64, shape (2,)
        The vector in multiples of the basis that the steps count.
    points : ndarray of float64, shape (N, 2)
        Positions.
    steps, site : ndarray of int64, shapes (N, 2) and (N,)
        Cell and sublattice of each column; no two columns share both. -1 for a column that
        takes no part.
    """
    own = np.flatnonzero(site >= 0)
    first = steps[own].min(axis=0) if len(own) else np.zeros(2, np.int64)
    span = np.ptp(steps[own], axis=0) + 1 if len(own) else np.ones(2, np.int64)
    place = steps[own] - first
    next_place = place + vector
    inside = np.all((next_place >= 0) & (next_place < span), axis=1)
    keys = (site[own] * span[0] + place[:, 0]) * span[1] + place[:, 1]
    wanted = (site[own] * span[0] + next_place[:, 0]) * span[1] + next_place[:, 1]
    order = np.argsort(keys)
    found = np.minimum(np.searchsorted(keys[order], wanted), max(len(own) - 1, 0))
    hit = inside & (keys[order][found] == wanted) if len(own) else inside
    pairs = np.column_stack([own[hit], own[order[found[hit]]]]).astype(np.int64)
    lengths = np.linalg.norm(points[pairs[:, 1]] - points[pairs[:, 0]], axis=1)
    return Spacing(axis, pairs, lengths)
