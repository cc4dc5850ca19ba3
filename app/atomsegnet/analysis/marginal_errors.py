"""Standard errors of columns, with everything that overlaps left free."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from atomsegnet.analysis.joint_equations import Equations

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.int64]

# Columns whose errors are worked out at a time, and those around them that stay free meanwhile: the
# pull of a neighbor dies out over two or three of them.
_COLUMNS_AT_A_TIME = 40
_HALO_IN_WIDTHS = 3.5

# What is known about a position beforehand, as a standard error [widths]: nothing beside what a
# column tells that is one, but it holds those that are not there.
_LOOSE_POSITION_IN_WIDTHS = 1.0

# Added to the scaled information, so that a parameter that no pixel tells about stays harmless.
_RIDGE = 1e-9

# Least eigenvalue of scaled information that is believed, where what was left out of it between
# columns far apart makes others negative. Columns that can be told apart have some hundredths.
_LEAST_EIGENVALUE = 1e-2


def marginal_errors(
    equations: Equations,
    positions: FloatArray,
    width_px: float,
    chosen: IndexArray | None = None,
) -> FloatArray:
    """Return standard errors of height, row and column of columns, and more, (M, 4).

    The fourth is that of the height if the column's own position were known: whether there is a
    column at a place is asked of that place, and of two that overlap each height goes with where
    the other one stands.

    The root of the diagonal of the inverse of the information: neighbors, background and the shared
    shape are free as well. Worked out for some columns at a time, with all columns near them.

    Parameters
    ----------
    equations : Equations
        From `joint_equations`.
    positions : ndarray of float64, shape (N, 2)
        Positions of the columns [px].
    width_px : float
        Full width at half maximum of the columns [px].
    chosen : ndarray of int64, shape (M,), optional
        Which of the columns; None for all.
    """
    from scipy.spatial import cKDTree

    wanted = np.arange(len(positions)) if chosen is None else chosen
    errors = np.zeros((len(positions), 4))
    loose = np.array([0, 1, 1]) * (_LOOSE_POSITION_IN_WIDTHS * width_px) ** -2
    tree = cKDTree(positions)
    information = equations.information
    count = information.shape[0]
    shared = np.arange(count - equations.shared, count)
    for group in _groups(positions, wanted):
        lists = tree.query_ball_point(positions[group], _HALO_IN_WIDTHS * width_px)
        near = np.union1d(group, np.concatenate([np.asarray(item, np.int64) for item in lists]))
        own = (3 * near[:, None] + np.arange(3)).ravel()
        rows = information[own]
        touched = np.unique(rows.indices)
        knots = touched[(touched >= 3 * len(positions)) & (touched < count - equations.shared)]
        free = np.concatenate([own, knots, shared])
        matrix = rows[:, free].toarray()
        matrix = np.concatenate([matrix, information[free[len(own) :]][:, free].toarray()])
        matrix[np.arange(len(own)), np.arange(len(own))] += np.tile(loose, len(near))
        errors[group] = _errors(matrix, np.searchsorted(near, group))
    return errors[wanted]


def _groups(positions: FloatArray, chosen: IndexArray) -> list[IndexArray]:
    """Part the chosen columns into groups of neighbors, by halving along the longer side."""
    whole = [chosen]
    done = []
    while whole:
        group = whole.pop()
        if len(group) <= _COLUMNS_AT_A_TIME:
            done.append(np.sort(group))
            continue
        axis = int(np.argmax(np.ptp(positions[group], axis=0)))
        order = group[np.argsort(positions[group, axis], kind="stable")]
        whole += [order[: len(order) // 2], order[len(order) // 2 :]]
    return done


def _errors(matrix: FloatArray, chosen: IndexArray) -> FloatArray:
    """Return the errors of the chosen columns, (n, 4), from the information of all near them."""
    diagonal = np.diag(matrix)
    scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1))
    scaled = matrix * scale * scale[:, None]
    scaled[np.diag_indices_from(scaled)] = 1 + _RIDGE
    inverse = np.linalg.inv(scaled)
    if not (np.diag(inverse) > 0).all():
        values, vectors = np.linalg.eigh(scaled)
        inverse = (vectors / np.maximum(values, _LEAST_EIGENVALUE)) @ vectors.T
    own = 3 * chosen[:, None] + np.arange(3)
    blocks = inverse[own[:, :, None], own[:, None, :]]
    scales = np.where(diagonal > 0, scale, np.inf)[own]
    # Of the block of one column, what is left of its height once its position is known.
    positions, mixed = blocks[:, 1:, 1:], blocks[:, :1, 1:]
    known = blocks[:, 0, 0] - (mixed @ np.linalg.solve(positions, mixed.swapaxes(1, 2)))[:, 0, 0]
    variance = np.concatenate([np.diagonal(blocks, axis1=1, axis2=2), known[:, None]], axis=1)
    # No error is less than with all else known, which is 1 before it is scaled.
    return np.asarray(np.sqrt(np.maximum(variance, 1)) * scales[:, [0, 1, 2, 0]])
