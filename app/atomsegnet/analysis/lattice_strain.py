"""Strain and rotation around each column, from the places of its neighbors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# A column and three neighbors determine an affine map with something to spare.
_FEWEST = 4
# Neighbors nearly in one line say nothing of the direction across.
_FLATTEST = 0.02


def local_strain(
    positions: FloatArray, ideal: FloatArray, chosen: BoolArray, reach: float
) -> tuple[FloatArray, FloatArray]:
    """Return strain (N, 3), as xx, yy, xy, and rotation (N,) [rad] around each column.

    The gradient of the displacement is fitted by least squares to a column and all chosen ones
    within a distance; its symmetric part is the strain, its antisymmetric part the rotation (for
    instance M. J. Hÿtch, E. Snoeck and R. Kilaas, Ultramicroscopy 74, 131 (1998), doi
    10.1016/S0304-3991(98)00035-7, equations 30 and 31).

    Parameters
    ----------
    positions, ideal : ndarray of float64, shape (N, 2)
        Columns and their sites in the mean lattice, (row, column).
    chosen : ndarray of bool, shape (N,)
        Columns that take part; the others get NaN.
    reach : float
        Distance within which neighbors take part, in the unit of the positions.
    """
    from scipy.spatial import cKDTree

    strain = np.full((len(positions), 3), np.nan)
    rotation = np.full(len(positions), np.nan)
    own = np.flatnonzero(chosen)
    if len(own) < _FEWEST:
        return strain, rotation
    place, moved = ideal[own], positions[own] - ideal[own]
    pairs = cKDTree(place).query_pairs(reach, output_type="ndarray")
    both = np.concatenate([pairs, pairs[:, ::-1]])
    one, other = both.T
    ahead, apart = place[other] - place[one], moved[other] - moved[one]
    count = np.bincount(one, minlength=len(own)) + 1.0

    def total(values: FloatArray) -> FloatArray:
        return np.bincount(one, values, minlength=len(own)).astype(np.float64)

    # Moments about the mean of column and neighbors, so that no single column is relied on.
    mean_ahead = np.stack([total(v) for v in ahead.T], axis=1) / count[:, None]
    mean_apart = np.stack([total(v) for v in apart.T], axis=1) / count[:, None]
    square, cross = np.empty((len(own), 2, 2)), np.empty((len(own), 2, 2))
    for i in range(2):
        for j in range(2):
            square[:, i, j] = total(ahead[:, i] * ahead[:, j])
            cross[:, i, j] = total(ahead[:, i] * apart[:, j])
    square -= count[:, None, None] * mean_ahead[:, :, None] * mean_ahead[:, None, :]
    cross -= count[:, None, None] * mean_ahead[:, :, None] * mean_apart[:, None, :]
    values = np.linalg.eigvalsh(square)
    good = (count >= _FEWEST) & (values[:, 0] > _FLATTEST * values[:, 1])
    # gradient[i, j] is the change of displacement j along direction i; 0 is y, 1 is x.
    gradient = np.linalg.solve(square[good], cross[good])
    shear = (gradient[:, 0, 1] + gradient[:, 1, 0]) / 2
    strain[own[good]] = np.stack([gradient[:, 1, 1], gradient[:, 0, 0], shear], axis=1)
    rotation[own[good]] = (gradient[:, 1, 0] - gradient[:, 0, 1]) / 2
    return strain, rotation
