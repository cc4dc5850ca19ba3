"""Tell equivalent places of a lattice apart where their columns differ in height or place."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.lattice_cell import reduced

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# Every larger cell is reached by doubling and tripling: matrices whose rows, as multiples of the
# basis vectors, span the larger cells (Hermite normal forms), the smaller ones first.
_LARGER_CELLS = (
    *(np.array(m) for m in ([[1, 0], [0, 2]], [[1, 1], [0, 2]], [[2, 0], [0, 1]])),
    *(np.array(m) for m in ([[1, 0], [0, 3]], [[1, 1], [0, 3]], [[1, 2], [0, 3]])),
    np.array([[3, 0], [0, 1]]),
)

# A cell grows to at most this many times the smallest one.
_LARGEST_GROWTH = 4

# Columns differ if the variance between the sets is at least this part of the variance within.
# Chance alone makes it one over the number of columns; one bright column in four makes half of it
# with the first doubling.
_LEAST_CONTRAST = 0.4

# Fewer columns in a set say nothing.
_FEWEST = 10

# Percentiles beyond which values are drawn in, so that a few strays do not decide; one column in
# six may still be a kind of its own.
_WINSORIZED = (10, 90)

# Slow changes over the image are removed with so many equivalent neighbors.
_NEIGHBORS = 24


class Splitting(NamedTuple):
    """A cell: its basis, and step and site of each column in it; site -1 for none."""

    basis: FloatArray
    steps: IntArray
    site: IntArray

    def enlarged(self, matrix: IntArray) -> Splitting:
        """Return the same columns in the larger cell that the rows of a matrix span."""
        larger = reduced(matrix @ self.basis)
        (p, _), (_, r) = matrix
        coset = cosets(self.steps, matrix)
        inside = np.stack([coset // r, coset % r], axis=1)
        inverse = self.basis @ np.linalg.inv(larger)
        steps = np.rint((self.steps - inside) @ inverse).astype(np.int64)
        site = np.where(self.site >= 0, self.site * (p * r) + coset, -1)
        return Splitting(larger, steps, site)


def split_sites(
    points: FloatArray, amplitude: FloatArray, chosen: BoolArray, sites: Splitting
) -> Splitting:
    """Return the cell that tells columns of different height or displacement apart.

    Parameters
    ----------
    points : ndarray of float64, shape (N, 2)
        Positions (row, column).
    amplitude : ndarray of float64, shape (N,)
        Heights of their peaks; NaN where unknown.
    chosen : ndarray of bool, shape (N,)
        Columns of the lattice whose place and height are sure.
    sites : Splitting
        The smallest cell of the positions alone.
    """
    growth = 1
    while True:
        features = _features(points, amplitude, chosen, sites)
        for matrix in _LARGER_CELLS:
            times = round(abs(np.linalg.det(matrix)))
            if growth * times > _LARGEST_GROWTH:
                continue
            coset = cosets(sites.steps, matrix)
            if _contrast(features, coset, np.where(chosen, sites.site, -1)) > _LEAST_CONTRAST:
                sites = sites.enlarged(matrix)
                growth *= times
                break
        else:
            return sites


def cosets(steps: IntArray, matrix: IntArray) -> IntArray:
    """Return which of the cells within the larger cell each step is, from 0.

    Parameters
    ----------
    steps : ndarray of int64, shape (N, 2)
        Cells.
    matrix : ndarray of int64, shape (2, 2)
        Rows of a Hermite normal form: [[p, q], [0, r]].
    """
    (p, q), (_, r) = matrix
    first, second = steps.T
    return np.asarray((first % p) * r + (second - (first // p) * q) % r, dtype=np.int64)


def _features(
    points: FloatArray, amplitude: FloatArray, chosen: BoolArray, sites: Splitting
) -> FloatArray:
    """Return relative height and displacement of each column against equivalent neighbors."""
    from scipy.spatial import cKDTree

    features = np.zeros((len(points), 3))
    for which in range(int(sites.site.max(initial=-1)) + 1):
        own = np.flatnonzero(chosen & (sites.site == which))
        if len(own) <= _NEIGHBORS:
            continue
        places = np.column_stack([sites.steps[own], np.ones(len(own))])
        off = points[own] - places @ np.linalg.lstsq(places, points[own], rcond=None)[0]
        near = cKDTree(sites.steps[own]).query(sites.steps[own], k=_NEIGHBORS + 1)[1]
        usual = amplitude[own][near].mean(axis=1)
        features[own, 0] = amplitude[own] / usual - 1
        features[own, 1:] = off - off[near].mean(axis=1)
    return np.nan_to_num(features, nan=0.0, posinf=0.0, neginf=0.0)


def _contrast(features: FloatArray, coset: IntArray, site: IntArray) -> float:
    """Return the largest ratio of the variance between the cosets of a site to that within."""
    best = 0.0
    for which in range(int(site.max(initial=-1)) + 1):
        own = site == which
        _, part, counts = np.unique(coset[own], return_inverse=True, return_counts=True)
        if len(counts) < 2 or counts.min() < _FEWEST:
            continue
        values = np.clip(features[own], *np.percentile(features[own], _WINSORIZED, axis=0))
        means = np.stack([np.bincount(part, v) / counts for v in values.T], axis=1)
        within = np.mean((values - means[part]) ** 2, axis=0)
        between = np.mean((means[part] - values.mean(axis=0)) ** 2, axis=0)
        best = max(best, float(np.max(between / np.maximum(within, 1e-12))))
    return best
