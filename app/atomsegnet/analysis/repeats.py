"""Whether the crystal around a place repeats what is there.

A crystal shows every column again and again, at the same place among the columns around; bumps of a
film, dirt and noise stand anywhere. So what a network is unsure of counts where the crystal repeats
it, and does not where it stays alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Of these columns the network is sure. A place is described by where it lies from each of the
# nearest few of them, and looked for at the same place from so many others around.
SURE = 0.95
_NEAREST = 3
_AROUND = 24
# What is found within this part of a width of such a place repeats it.
_TOLERANCE_IN_WIDTHS = 0.3

# Half of the sure columns of a crystal are repeated at least at this part of the places around;
# else it is none, and nothing is said.
_LEAST_SHARE_OF_CRYSTAL = 0.5
# So many of them tell.
_ENOUGH = 400
# A column of which the network is less sure than the first number must be repeated at this part of
# the places around to stay. One below the threshold, but as sure as the third number, counts if so
# many of them repeat it.
_UNSURE = 0.9
_LEAST_SHARE = 0.2
_DOUBTFUL = 0.5
_SHARE_IF_DOUBTFUL = 0.5


def are_columns(
    positions: FloatArray, confidence: FloatArray, by_map: BoolArray, width_px: float
) -> BoolArray:
    """Tell which of the maxima of a map are columns, shape (N,).

    Parameters
    ----------
    positions : ndarray of float64, shape (N, 2)
        Where they are [px].
    confidence : ndarray of float64, shape (N,)
        How sure the network is of each, 0 to 1; also of those below the threshold.
    by_map : ndarray of bool, shape (N,)
        Which are columns unless the crystal says otherwise.
    width_px : float
        Full width at half maximum of the columns [px].
    """
    is_column = by_map.copy()
    sure = np.flatnonzero(confidence >= SURE)
    if not are_crystal(positions, sure, width_px):
        return is_column
    asked = np.flatnonzero((confidence < _UNSURE) & (is_column | (confidence >= _DOUBTFUL)))
    share = shares(positions, sure, asked, width_px)
    is_column[asked] = share >= np.where(is_column[asked], _LEAST_SHARE, _SHARE_IF_DOUBTFUL)
    return is_column


def are_crystal(positions: FloatArray, sure: npt.NDArray[np.int64], width_px: float) -> bool:
    """Tell whether sure columns repeat one another, with arguments as for `shares`."""
    if len(sure) <= _AROUND:
        return False
    some = sure[:: -(-len(sure) // _ENOUGH)]
    return bool(np.median(shares(positions, sure, some, width_px)) >= _LEAST_SHARE_OF_CRYSTAL)


def shares(
    positions: FloatArray,
    sure: npt.NDArray[np.int64],
    asked: npt.NDArray[np.int64],
    width_px: float,
) -> FloatArray:
    """Return at which part of the places around a column is repeated, 0 to 1, shape (M,).

    Parameters
    ----------
    positions : ndarray of float64, shape (N, 2)
        All columns, doubtful ones included [px].
    sure : ndarray of int64, shape (S,)
        Which of them are sure; more than `_AROUND`.
    asked : ndarray of int64, shape (M,)
        Which of them are asked about.
    width_px : float
        Full width at half maximum of the columns [px].
    """
    from scipy.spatial import cKDTree

    best = np.zeros(len(asked))
    if not len(asked):
        return best
    own = positions[asked]
    known = positions[sure]
    distance, around = cKDTree(known).query(own, k=np.arange(1, _AROUND + 2))
    # A column does not stand beside itself.
    around = np.where(distance[:, :1] == 0, around[:, 1:], around[:, :-1])
    everything = cKDTree(positions)
    for nearest in range(_NEAREST):
        step = own - known[around[:, nearest]]
        places = known[np.delete(around, nearest, axis=1)] + step[:, None]
        nearby, _ = everything.query(places.reshape(-1, 2), workers=-1)
        is_there = (nearby < _TOLERANCE_IN_WIDTHS * width_px).reshape(places.shape[:2])
        best = np.maximum(best, is_there.mean(axis=1))
    return best
