"""Index columns from a patch outwards, following the lattice where the image is distorted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.lattice_cell import Cell

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# Neighbors that predict the place of a column in the lattice, and the fewest that must be known.
_NEIGHBORS = 16
_FEWEST_KNOWN = 3

# A column belongs to a site that is nearer than this part of the closest distance of two sites...
_FARTHEST = 0.35
# ... and, while the lattice grows, than so many times the spread of the patch, within these limits:
# so that a lattice does not grow into another grain, whose columns meet its sites by chance.
_SPREADS = 4.0
_SPREAD_RANGE = (0.12, 0.3)

# The lattice bends and turns over the image by at most this much [1, rad]; more is another grain.
_LARGEST_BEND = 0.1

# A column at a grain boundary has about half of these neighbors in its own grain.
_NEAREST = 8
_LEAST_KNOWN = 0.5
_STRAY_ROUNDS = 3


class Indexed(NamedTuple):
    """Which site each column belongs to.

    Attributes
    ----------
    steps : ndarray of int64, shape (N, 2)
        Cell, in multiples of the basis vectors.
    site : ndarray of int64, shape (N,)
        Column of the motif; -1 where it belongs to none.
    off : ndarray of float64, shape (N,)
        Distance from the place that its neighbors predict.
    """

    steps: IntArray
    site: IntArray
    off: FloatArray


class _State:
    """Lattice coordinates, local basis and site of each column, as far as they are known."""

    def __init__(self, points: FloatArray, cell: Cell) -> None:
        from scipy.spatial import cKDTree

        self.points, self.cell = points, cell
        count = min(_NEIGHBORS + 1, len(points))
        self.neighbors = cKDTree(points).query(points, k=count)[1][:, 1:]
        self.coordinates = np.zeros((len(points), 2))
        self.basis = np.tile(cell.basis, (len(points), 1, 1))
        self.steps = np.zeros((len(points), 2), dtype=np.int64)
        self.site = np.full(len(points), -1, dtype=np.int64)
        self.off = np.full(len(points), np.inf)

    def nearest_sites(
        self, places: FloatArray, basis: FloatArray
    ) -> tuple[IntArray, IntArray, FloatArray]:
        """Return step, site and distance of the site nearest to each place."""
        apart = places[:, None] - self.cell.motif[None]
        steps = np.rint(apart)
        lengths = np.linalg.norm((apart - steps) @ basis, axis=-1)
        site = lengths.argmin(axis=1)
        which = np.arange(len(places))
        return steps[which, site].astype(np.int64), site, lengths[which, site]

    def take(self, chosen: IntArray, found: tuple[IntArray, IntArray, FloatArray]) -> None:
        """Accept sites for some columns."""
        steps, site, off = found
        self.steps[chosen], self.site[chosen], self.off[chosen] = steps, site, off
        self.coordinates[chosen] = steps + self.cell.motif[site]

    def predicted(self, chosen: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return place in the lattice and basis, as the known neighbors have it."""
        near = self.neighbors[chosen]
        apart = self.points[chosen][:, None] - self.points[near]
        weight = (self.site[near] >= 0) / np.maximum(np.sum(apart**2, axis=-1), 1e-12)
        weight /= weight.sum(axis=1, keepdims=True)
        basis = np.einsum("nk,nkij->nij", weight, self.basis[near])
        ahead = np.einsum("nki,nij->nkj", apart, np.linalg.inv(basis))
        places = np.einsum("nk,nkj->nj", weight, self.coordinates[near] + ahead)
        return places, basis

    def refine_basis(self, chosen: IntArray, basis: FloatArray) -> None:
        """Fit the local basis to the known neighbors, held by what it was before."""
        near = self.neighbors[chosen]
        known = (self.site[near] >= 0)[..., None]
        ahead = (self.coordinates[near] - self.coordinates[chosen][:, None]) * known
        apart = (self.points[near] - self.points[chosen][:, None]) * known
        normal = np.einsum("nki,nkj->nij", ahead, ahead)
        hold = (np.trace(normal, axis1=1, axis2=2) + 1e-9)[:, None, None] * np.eye(2)
        right = np.einsum("nki,nkj->nij", ahead, apart) + hold @ basis
        self.basis[chosen] = np.linalg.solve(normal + hold, right)


def grow(points: FloatArray, cell: Cell, seed: IntArray) -> Indexed:
    """Index the columns that hang together with a patch.

    Parameters
    ----------
    points : ndarray of float64, shape (N, 2)
        Positions (row, column).
    cell : Cell
        What the patch repeats.
    seed : ndarray of int64
        Columns in the middle of the patch.
    """
    state = _State(points, cell)
    places = (points[seed] - cell.origin) @ np.linalg.inv(cell.basis)
    found = state.nearest_sites(places, np.broadcast_to(cell.basis, (len(seed), 2, 2)))
    fits = found[2] < _FARTHEST * cell.closest
    state.take(seed[fits], (found[0][fits], found[1][fits], found[2][fits]))
    if fits.sum() < _FEWEST_KNOWN:
        return Indexed(state.steps, state.site, state.off)
    spread = _SPREADS * float(np.median(found[2][fits])) / cell.closest
    _spread(state, float(np.clip(spread, *_SPREAD_RANGE)) * cell.closest, _FEWEST_KNOWN)
    _spread(state, _FARTHEST * cell.closest, max(_FEWEST_KNOWN, state.neighbors.shape[1] // 2))
    _drop_strays(state)
    _drop_doubles(state)
    return Indexed(state.steps, state.site, state.off)


def _spread(state: _State, tolerance: float, fewest: int) -> None:
    """Index columns beside known ones until no more fit."""
    tried = np.zeros(len(state.points), dtype=np.int64)
    while True:
        known = (state.site[state.neighbors] >= 0).sum(axis=1)
        chosen = np.flatnonzero((state.site < 0) & (known >= fewest) & (known > tried))
        if not len(chosen):
            return
        tried[chosen] = known[chosen]
        places, basis = state.predicted(chosen)
        steps, site, off = state.nearest_sites(places, basis)
        bend = np.linalg.norm(np.linalg.inv(state.cell.basis) @ basis - np.eye(2), axis=(1, 2))
        fits = (off < tolerance) & (bend < _LARGEST_BEND)
        state.take(chosen[fits], (steps[fits], site[fits], off[fits]))
        state.refine_basis(chosen[fits], basis[fits])


def _drop_strays(state: _State) -> None:
    """Take the site from columns of another grain, most of whose neighbors have none."""
    for _ in range(_STRAY_ROUNDS):
        near = state.neighbors[:, :_NEAREST]
        known = (state.site[near] >= 0).mean(axis=1)
        state.site[known < _LEAST_KNOWN] = -1


def _drop_doubles(state: _State) -> None:
    """Take the site from columns that met it from another side, far from its first column."""
    keys = np.column_stack([state.steps, state.site])
    order = np.lexsort((state.off, *keys.T))
    order = order[state.site[order] >= 0]
    same = np.all(keys[order][1:] == keys[order][:-1], axis=1)
    first = order[np.maximum.accumulate(np.where(np.r_[False, same], 0, np.arange(len(order))))]
    far = np.linalg.norm(state.points[order] - state.points[first], axis=1) > state.cell.closest
    state.site[order[far]] = -1
