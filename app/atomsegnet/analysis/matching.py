"""Compare found columns with those that are known to be there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Matching:
    """Which found column is which true one.

    Attributes
    ----------
    found, true : ndarray of int64, shape (M,)
        Indices of the matched columns, pair by pair, ascending in ``found``.
    errors : ndarray of float64, shape (M, 2)
        Found minus true position, (row, column), in the unit of the positions.
    false_count : int
        Found columns without a true one.
    missed_count : int
        True columns that were not found, optional ones left out.
    hit_count : int
        Matched pairs, optional ones left out.
    """

    found: IndexArray
    true: IndexArray
    errors: FloatArray
    false_count: int
    missed_count: int
    hit_count: int

    @property
    def precision(self) -> float:
        """Part of the found columns that are true; 1 if none was found."""
        return _part(self.hit_count, self.false_count)

    @property
    def recall(self) -> float:
        """Part of the true columns that were found; 1 if there are none."""
        return _part(self.hit_count, self.missed_count)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 if there was nothing to find or to miss."""
        return _part(2 * self.hit_count, self.false_count + self.missed_count)

    @property
    def rms(self) -> tuple[float, float]:
        """Root of the mean squared error along rows and columns; NaN without a pair."""
        if not len(self.errors):
            return math.nan, math.nan
        row, column = np.sqrt(np.mean(self.errors**2, axis=0))
        return float(row), float(column)

    @property
    def bias(self) -> tuple[float, float]:
        """Mean error along rows and columns; NaN without a pair."""
        if not len(self.errors):
            return math.nan, math.nan
        row, column = np.mean(self.errors, axis=0)
        return float(row), float(column)


def match(
    found: FloatArray,
    true: FloatArray,
    tolerance: float,
    *,
    is_optional: npt.NDArray[np.bool_] | None = None,
) -> Matching:
    """Match found and true columns one to one.

    As many pairs as possible are made, and of all such choices the one with the smallest sum of
    squared distances is taken.

    Parameters
    ----------
    found, true : ndarray of float64, shapes (N, 2) and (M, 2)
        Positions, in the same unit.
    tolerance : float
        Farthest that two positions of a pair may be apart, in the same unit.
    is_optional : ndarray of bool, shape (M,), optional
        True columns that may be found but need not be, such as those cut by the border. Their pairs
        are listed but count neither as hits nor as false or missed.
    """
    found_index, true_index, distances = _possible_pairs(found, true, tolerance)
    chosen = _choose(found_index, true_index, distances, len(found), len(true))
    chosen = chosen[np.argsort(found_index[chosen])]
    found_index, true_index = found_index[chosen], true_index[chosen]
    optional = np.zeros(len(true), dtype=bool) if is_optional is None else np.asarray(is_optional)
    hits = int(np.count_nonzero(~optional[true_index]))
    return Matching(
        found=found_index,
        true=true_index,
        errors=np.asarray(found, np.float64)[found_index] - np.asarray(true)[true_index],
        false_count=len(found) - len(found_index),
        missed_count=int(np.count_nonzero(~optional)) - hits,
        hit_count=hits,
    )


def _part(hits: int, others: int) -> float:
    return hits / (hits + others) if hits + others else 1.0


def _possible_pairs(
    found: FloatArray, true: FloatArray, tolerance: float
) -> tuple[IndexArray, IndexArray, FloatArray]:
    """Return the pairs within the tolerance: indices into both, and the distances."""
    from scipy.spatial import cKDTree

    if not len(found) or not len(true):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    near = cKDTree(found).sparse_distance_matrix(cKDTree(true), tolerance, output_type="ndarray")
    return near["i"].astype(np.int64), near["j"].astype(np.int64), near["v"].astype(np.float64)


def _choose(
    found: IndexArray, true: IndexArray, distances: FloatArray, found_count: int, true_count: int
) -> IndexArray:
    """Return which of the possible pairs are made, as indices into them."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    if not len(found):
        return np.zeros(0, np.int64)
    # Costs between 1 and 2, since a sparse graph takes a cost of zero for no edge.
    costs = 1 + (distances / max(float(distances.max()), 1e-300)) ** 2
    # Each found column may also stay alone, at a cost above that of all pairs, as the last resort.
    alone = np.arange(found_count)
    graph = coo_array(
        (
            np.concatenate([costs, np.full(found_count, costs.sum() + 1)]),
            (np.concatenate([found, alone]), np.concatenate([true, true_count + alone])),
        ),
        shape=(found_count, true_count + found_count),
    )
    row, column = min_weight_full_bipartite_matching(graph.tocsr())
    partner = np.full(found_count, -1)
    partner[row] = column
    return np.flatnonzero(partner[found] == true)
