"""Which positions lie inside of a loop or a box."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def inside_loop(positions: FloatArray, loop: FloatArray) -> npt.NDArray[np.bool_]:
    """Tell which positions lie inside of a closed loop, by the even-odd rule.

    Parameters
    ----------
    positions : ndarray of float64, shape (N, 2)
        Positions in any unit.
    loop : ndarray of float64, shape (M, 2)
        Corners in order; the last one is joined with the first one.

    Returns
    -------
    ndarray of bool, shape (N,)
        A loop of fewer than three corners holds nothing.
    """
    inside = np.zeros(len(positions), dtype=bool)
    if len(loop) < 3:
        return inside
    rows, columns = positions.T
    for (row, column), (next_row, next_column) in zip(loop, np.roll(loop, -1, axis=0), strict=True):
        crosses = (row > rows) != (next_row > rows)
        if crosses.any():
            part = (rows[crosses] - row) / (next_row - row)
            inside[crosses] ^= columns[crosses] < column + part * (next_column - column)
    return inside


def box_corners(one: tuple[float, float], other: tuple[float, float]) -> FloatArray:
    """Return the four corners of a box between two opposite ones, (4, 2)."""
    return np.array([one, (one[0], other[1]), other, (other[0], one[1])], dtype=np.float64)
