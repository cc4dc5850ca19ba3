"""Find the cell that a patch of columns repeats: two translations and the columns of one cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.neighbors import nearest_neighbor_distances

if TYPE_CHECKING:
    from scipy.spatial import Delaunay, cKDTree

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Columns of a patch, and those in its middle from which translations are tried: enough for cells
# of eight columns, few enough that a distorted image is still straight within them.
PATCH_COLUMNS = 400
_ANCHORS = 80

# Two vectors are the same within this part of the median distance of nearest neighbors. Neighbors
# with that much noise could hardly be told apart; less would not hold for shaky images.
_TOLERANCE = 0.25

# A translation brings this part of the columns onto others, at least; and it brings nearly as many
# as the best one does. A vector between different sublattices brings half, at three of four two
# thirds.
_LEAST_SCORE = 0.55
_SCORE_OF_BEST = 0.85

# A vector is tried if this part of the columns have another one there.
_FEWEST_VOTES = 0.3

# Columns narrower than this part of their length are a line.
_FLATTEST = 1e-2

# Two vectors span a lattice if the sine of their angle is above this.
_LEAST_SINE = 0.2

# A sublattice has at least this part of the columns that the fullest one has.
_LEAST_OCCUPANCY = 0.35

# A cell explains this part of the columns; the coarse lattice that two grains share does not.
_LEAST_EXPLAINED = 0.7


class Cell(NamedTuple):
    """What repeats.

    Attributes
    ----------
    basis : ndarray of float64, shape (2, 2)
        Rows are the shortest basis vectors (row, column).
    motif : ndarray of float64, shape (n, 2)
        Columns of one cell, in parts of the basis vectors from 0 to below 1.
    origin : ndarray of float64, shape (2,)
        Where the cell with the indices (0, 0) begins.
    """

    basis: FloatArray
    motif: FloatArray
    origin: FloatArray

    @property
    def closest(self) -> float:
        """Smallest distance of two sites."""
        steps = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)])
        between = self.motif[:, None, None] - self.motif[None, :, None] + steps
        lengths = np.linalg.norm(between @ self.basis, axis=-1)
        return float(lengths[lengths > 1e-9 * lengths.max()].min())


def find_cell(patch: FloatArray) -> Cell | None:
    """Return the cell that a patch of columns repeats, or None where it repeats nothing.

    Parameters
    ----------
    patch : ndarray of float64, shape (n, 2)
        Positions (row, column), the middle of the patch first, by rising distance from it.
    """
    from scipy.spatial import Delaunay, cKDTree

    tolerance = _TOLERANCE * float(np.median(nearest_neighbor_distances(patch)))
    spread = np.linalg.svd(patch - patch.mean(axis=0), compute_uv=False)
    if tolerance <= 0 or spread[1] < _FLATTEST * spread[0]:
        return None
    tree = cKDTree(patch)
    anchors = patch[: min(_ANCHORS, max(len(patch) // 3, 6))]
    candidates = _candidates(patch, anchors, tolerance)
    hull = Delaunay(patch)
    scores = np.array([_score(tree, hull, anchors, vector, tolerance) for vector in candidates])
    good = scores >= max(_LEAST_SCORE, _SCORE_OF_BEST * scores.max(initial=0))
    basis = _shortest_basis(candidates[good], tolerance)
    if basis is None:
        return None
    motif, part = _motif(patch[: max(len(anchors), len(patch) // 2)], basis, tolerance)
    return Cell(basis, motif, patch[0]) if part > _LEAST_EXPLAINED else None


def reduced(basis: FloatArray) -> FloatArray:
    """Return the shortest basis of the same lattice (Gauss), the shortest vector first."""
    first, second = basis
    while True:
        if first @ first > second @ second:
            first, second = second, first
        steps = np.rint(first @ second / (first @ first))
        if steps == 0:
            return np.asarray([first, second], dtype=np.float64)
        second = second - steps * first


def _candidates(patch: FloatArray, anchors: FloatArray, tolerance: float) -> FloatArray:
    """Return the vectors that lead from many anchors to another column, the shortest first."""
    from scipy.spatial import cKDTree

    middle = patch[0]
    reach = np.linalg.norm(patch[-1] - middle) - np.linalg.norm(anchors[-1] - middle)
    vectors = (patch[None] - anchors[:, None]).reshape(-1, 2)
    lengths = np.linalg.norm(vectors, axis=1)
    is_forward = (vectors[:, 0] > 0) | ((vectors[:, 0] == 0) & (vectors[:, 1] > 0))
    vectors = vectors[is_forward & (lengths > 2 * tolerance) & (lengths < reach)]
    if not len(vectors):
        return np.zeros((0, 2))
    # Backward ones too, so that a horizontal vector is not cut in two halves.
    both = cKDTree(np.concatenate([vectors, -vectors]))
    votes = both.query_ball_point(vectors, tolerance, return_length=True)
    found: list[FloatArray] = []
    is_taken = votes < _FEWEST_VOTES * len(anchors)
    for number in np.argsort(-votes, kind="stable"):
        if is_taken[number]:
            continue
        near = both.query_ball_point(vectors[number], tolerance)
        found.append(np.mean(both.data[near], axis=0))
        around = both.query_ball_point(vectors[number], 2 * tolerance)
        is_taken[np.asarray(around) % len(vectors)] = True
    ordered = sorted(found, key=lambda vector: float(np.linalg.norm(vector)))
    return np.array(ordered).reshape(-1, 2)


def _score(
    tree: cKDTree, hull: Delaunay, anchors: FloatArray, vector: FloatArray, tolerance: float
) -> float:
    """Return which part of the places one vector away, inside of the patch, have a column."""
    places = np.concatenate([anchors + vector, anchors - vector])
    places = places[hull.find_simplex(places) >= 0]
    if len(places) < len(anchors) / 2:
        return 0.0
    return float(np.mean(np.isfinite(tree.query(places, distance_upper_bound=tolerance)[0])))


def _shortest_basis(vectors: FloatArray, tolerance: float) -> FloatArray | None:
    """Return the basis of the lattice that the vectors, by rising length, belong to."""
    for second in vectors[1:]:
        first = vectors[0]
        sine = abs(first[0] * second[1] - first[1] * second[0])
        if sine > _LEAST_SINE * np.linalg.norm(first) * np.linalg.norm(second):
            basis = reduced(np.array([first, second]))
            break
    else:
        return None
    steps = np.rint(vectors @ np.linalg.inv(basis))
    fits = np.linalg.norm(vectors - steps @ basis, axis=1) < 2 * tolerance
    if fits.mean() < 0.6 or np.linalg.matrix_rank(steps[fits]) < 2:
        return None
    return reduced(np.asarray(np.linalg.lstsq(steps[fits], vectors[fits], rcond=None)[0]))


def _motif(points: FloatArray, basis: FloatArray, tolerance: float) -> tuple[FloatArray, float]:
    """Return where in the cell columns gather, in parts of the basis, and the part that does."""
    places = (points - points[0]) @ np.linalg.inv(basis)
    apart = places[:, None] - places[None]
    apart -= np.rint(apart)
    is_near = np.linalg.norm(apart @ basis, axis=-1) < 1.5 * tolerance
    left = np.ones(len(points), dtype=bool)
    found: list[FloatArray] = []
    counts: list[int] = []
    while left.any():
        votes = (is_near & left).sum(axis=1) * left
        best = int(votes.argmax())
        if counts and votes[best] < _LEAST_OCCUPANCY * counts[0]:
            break
        members = is_near[best] & left
        found.append(places[best] - apart[best][members].mean(axis=0))
        counts.append(int(votes[best]))
        left &= ~members
    return np.array(found).reshape(-1, 2) % 1.0, sum(counts) / len(points)
