"""Find sites of a lattice that have no column."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# A site is a candidate for a vacancy if at least this part of the sites around it is occupied:
# two missing beside each other still are, a hole or the rim of a particle is not.
_SURROUNDED = 0.8
# A site that columns do not enclose is missing only if this part of its surroundings, those beyond
# the border of the image counted in, is occupied.
_COVERED = 0.6
# Neighbors whose displacement tells where a missing column would be.
_NEIGHBORS = 6


class Sites(NamedTuple):
    """Sites without a column, as `MissingSites` has them."""

    positions: FloatArray
    steps: IntArray
    site: IntArray
    is_vacancy: BoolArray


class SiteGrid(NamedTuple):
    """The mean lattice.

    Attributes
    ----------
    basis : ndarray of float64, shape (2, 2)
        Rows are the vectors of the smallest cell.
    offsets : ndarray of float64, shape (n, 2)
        Place of each site of the cell with the indices (0, 0).
    reach : float
        Distance within which sites are neighbors.
    """

    basis: FloatArray
    offsets: FloatArray
    reach: float


def missing_sites(
    grid: SiteGrid,
    points: FloatArray,
    steps: IntArray,
    site: IntArray,
    corners: FloatArray,
) -> Sites:
    """Return the sites without a column inside of what the columns cover.

    Parameters
    ----------
    grid : SiteGrid
        The mean lattice.
    points : ndarray of float64, shape (N, 2)
        Columns of the lattice.
    steps, site : ndarray of int64, shapes (N, 2) and (N,)
        Cell and site of each.
    corners : ndarray of float64, shape (2, 2)
        Least and greatest (row, column) that a whole column may have.
    """
    from scipy.spatial import cKDTree

    first = steps.min(axis=0)
    shape = (*(steps.max(axis=0) - first + 1), len(grid.offsets))
    occupied = np.zeros(shape, dtype=bool)
    occupied[(*(steps - first).T, site)] = True
    every = np.indices(shape).reshape(3, -1).T
    cells = every[:, :2] + first
    ideal = cells @ grid.basis + grid.offsets[every[:, 2]]
    known = cKDTree(steps @ grid.basis + grid.offsets[site])
    moved = points - known.data
    near = known.query(ideal, k=min(_NEIGHBORS, len(points)))[1].reshape(len(ideal), -1)
    expected = ideal + np.median(moved[near], axis=1)
    is_visible = np.all((expected >= corners[0]) & (expected <= corners[1]), axis=1)
    share, share_of_all = _occupied_shares(ideal, occupied.ravel(), is_visible, grid.reach)
    enclosed = _enclosed(occupied).ravel()
    missing = is_visible & ~occupied.ravel() & (enclosed | (share_of_all >= _COVERED))
    return Sites(
        expected[missing],
        cells[missing],
        every[missing, 2],
        (share >= _SURROUNDED)[missing],
    )


def _occupied_shares(
    ideal: FloatArray, occupied: BoolArray, is_visible: BoolArray, reach: float
) -> tuple[FloatArray, FloatArray]:
    """Return the part of the visible sites, and of all, around each site that are occupied."""
    from scipy.spatial import cKDTree

    pairs = cKDTree(ideal).query_pairs(reach, output_type="ndarray")
    one, other = np.concatenate([pairs, pairs[:, ::-1]]).T
    counts = (is_visible | occupied)[other].astype(np.float64)
    possible = np.bincount(one, counts, minlength=len(ideal))
    there = np.bincount(one, occupied[other].astype(np.float64), minlength=len(ideal))
    # A site in the middle has most sites around it; those at the rim of the grid have fewer.
    every = np.bincount(one, minlength=len(ideal)).max(initial=1)
    return there / np.maximum(possible, 1), there / every


def _enclosed(occupied: BoolArray) -> BoolArray:
    """Return the empty sites that occupied ones of the same sublattice enclose."""
    from scipy.ndimage import binary_fill_holes

    filled = [binary_fill_holes(occupied[:, :, which]) for which in range(occupied.shape[2])]
    return np.asarray(np.stack(filled, axis=2) & ~occupied)
