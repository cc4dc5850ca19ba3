"""Find the lattice of located columns and measure everything that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.lattice_axes import choose_axes
from atomsegnet.analysis.lattice_missing import SiteGrid, missing_sites
from atomsegnet.analysis.lattice_seed import index_columns
from atomsegnet.analysis.lattice_spacings import spacing_along
from atomsegnet.analysis.lattice_strain import local_strain
from atomsegnet.analysis.lattice_superlattice import Splitting, split_sites
from atomsegnet.core.errors import NoLatticeError
from atomsegnet.core.lattice import Lattice, MissingSites, Sublattice

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# Sites within this many of the longer vector of the smallest cell are neighbors: its own
# surroundings in every direction, and little more.
_REACH = 1.25

# Part of a basis vector by which noise may move the place of a sublattice.
_ROUNDING = 0.02

_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, eq=False)
class Points:
    """Located columns, as the search for their lattice needs them; N of them.

    Attributes
    ----------
    positions : ndarray of float64, shape (N, 2)
        (row, column) [unit].
    amplitude : ndarray of float64, shape (N,)
        Height of each peak, NaN where unknown; tells places of one lattice apart.
    is_edge : ndarray of bool, shape (N,)
        Whether a column is cut by the border of the image.
    pixel_size : tuple of float
        Height and width of a pixel [unit]; (1, 1) where the unit is the pixel.
    unit : str
        "nm" or "px".
    shape : tuple of int or None
        Rows and columns of the image [px]; None where unknown.
    """

    positions: FloatArray
    amplitude: FloatArray
    is_edge: BoolArray
    pixel_size: tuple[float, float] = (1.0, 1.0)
    unit: str = "px"
    shape: tuple[int, int] | None = None


class _Mean(NamedTuple):
    """The mean lattice: basis (2, 2), and place of each site of the cell (0, 0)."""

    basis: FloatArray
    offsets: FloatArray

    def ideal(self, steps: IntArray, site: IntArray) -> FloatArray:
        return np.asarray(steps @ self.basis + self.offsets[site], dtype=np.float64)


def find_lattice(points: Points) -> Lattice:
    """Find the lattice of columns from their positions alone.

    Of several grains the one with most columns is taken; the columns of the others keep no index.
    Places that the positions alone cannot tell apart, such as Sr and Ti of SrTiO3 along [001],
    become sublattices where the heights of their peaks differ.

    Parameters
    ----------
    points : Points
        The columns.

    Raises
    ------
    NoLatticeError
        There are too few columns, or they do not repeat.
    """
    sites = _told_apart(points)
    is_duplicate = _duplicates(points, sites)
    is_good = (sites.site >= 0) & ~is_duplicate & ~points.is_edge
    mean = _fitted(points.positions, sites, is_good)
    axes = choose_axes(mean.basis)
    order, sublattices = _sublattices(points, sites, mean, axes, is_good)
    sites, mean = _reordered(sites, mean, order, axes, sublattices)
    is_of_lattice = sites.site >= 0
    ideal = mean.ideal(sites.steps, np.maximum(sites.site, 0))
    reach = _REACH * float(np.linalg.norm(mean.basis, axis=1).max())
    strain, rotation = local_strain(points.positions, ideal, is_good, reach)
    in_axes = np.linalg.inv(axes)
    origin_step = _first_cell(points.positions, sites, is_good)
    vectors = axes @ mean.basis
    counted = np.where(is_good, sites.site, -1)
    return Lattice(
        unit=points.unit,
        pixel_size=points.pixel_size,
        a=vectors[0],
        b=vectors[1],
        origin=mean.ideal(origin_step, np.array(0)),
        sublattices=sublattices,
        positions=points.positions,
        indices=np.where(is_of_lattice[:, None], (sites.steps - origin_step) @ in_axes, np.nan),
        sublattice=sites.site,
        displacements=np.where(is_of_lattice[:, None], points.positions - ideal, np.nan),
        strain=strain,
        rotation=rotation,
        is_edge=points.is_edge,
        is_duplicate=is_duplicate,
        missing=_missing(points, sites, mean, reach, origin_step, in_axes),
        spacings=(
            spacing_along("a", axes[0], points.positions, sites.steps, counted),
            spacing_along("b", axes[1], points.positions, sites.steps, counted),
        ),
    )


def _told_apart(points: Points) -> Splitting:
    """Index the columns, and tell apart what differs in height or displacement."""
    cell, found = index_columns(points.positions)
    # Columns cut by the border have neither a sure height nor a sure place.
    whole = (found.site >= 0) & ~points.is_edge
    if not whole.any():
        raise NoLatticeError("Every column of the lattice is cut by the border of the image.")
    amplitude = np.where(whole, points.amplitude, np.nan)
    return split_sites(
        points.positions, amplitude, whole, Splitting(cell.basis, found.steps, found.site)
    )


def _duplicates(points: Points, sites: Splitting) -> BoolArray:
    """Return the columns whose site another one holds; of each site the best placed one stays."""
    mean = _fitted(points.positions, sites, sites.site >= 0)
    off = points.positions - mean.ideal(sites.steps, np.maximum(sites.site, 0))
    keys = np.column_stack([sites.steps, sites.site])
    order = np.lexsort((np.linalg.norm(off, axis=1), *keys.T))
    same = np.r_[False, np.all(keys[order][1:] == keys[order][:-1], axis=1)]
    is_duplicate = np.zeros(len(keys), dtype=bool)
    is_duplicate[order[same]] = True
    return is_duplicate & (sites.site >= 0)


def _fitted(positions: FloatArray, sites: Splitting, chosen: BoolArray) -> _Mean:
    """Fit basis and site offsets of all chosen columns by least squares."""
    count = int(sites.site.max()) + 1
    design = np.zeros((int(chosen.sum()), 2 + count))
    design[:, :2] = sites.steps[chosen]
    design[np.arange(len(design)), 2 + sites.site[chosen]] = 1
    solution = np.asarray(np.linalg.lstsq(design, positions[chosen], rcond=None)[0])
    return _Mean(solution[:2], solution[2:])


def _sublattices(
    points: Points, sites: Splitting, mean: _Mean, axes: IntArray, is_good: BoolArray
) -> tuple[IntArray, tuple[Sublattice, ...]]:
    """Return the order of the sites, the brightest first, and what they are."""
    count = len(mean.offsets)
    heights = np.full(count, np.nan)
    for which in range(count):
        own = points.amplitude[is_good & (sites.site == which)]
        if np.isfinite(own).any():
            heights[which] = np.nanmedian(own)
    order = np.argsort(-np.nan_to_num(heights, nan=-np.inf), kind="stable")
    fractions = (mean.offsets[order] - mean.offsets[order[0]]) @ np.linalg.inv(axes @ mean.basis)
    # A place that is 1 but for noise is 0.
    fractions = (fractions + _ROUNDING) % 1 - _ROUNDING
    numbers = [int((sites.site == which).sum()) for which in order]
    names = [_NAMES[n] if n < len(_NAMES) else f"S{n + 1}" for n in range(count)]
    found = tuple(
        Sublattice(name, (float(u), float(v)), number, float(height))
        for name, (u, v), number, height in zip(
            names, fractions, numbers, heights[order], strict=True
        )
    )
    return order, found


def _reordered(
    sites: Splitting,
    mean: _Mean,
    order: IntArray,
    axes: IntArray,
    sublattices: tuple[Sublattice, ...],
) -> tuple[Splitting, _Mean]:
    """Return sites and offsets in the order and in the cells of the sublattices."""
    fractions = np.array([item.fraction for item in sublattices])
    wanted = mean.offsets[order[0]] + fractions @ axes @ mean.basis
    moved = (mean.offsets[order] - wanted) @ np.linalg.inv(mean.basis)
    shift = np.rint(moved).astype(np.int64)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    site = np.where(sites.site >= 0, rank[sites.site], -1)
    steps = sites.steps + np.where(site[:, None] >= 0, shift[site], 0)
    return (
        Splitting(mean.basis, steps, site),
        _Mean(mean.basis, mean.offsets[order] - shift @ mean.basis),
    )


def _first_cell(positions: FloatArray, sites: Splitting, is_good: BoolArray) -> IntArray:
    """Return the step of the column of the first sublattice that is nearest to the top left."""
    own = np.flatnonzero(is_good & (sites.site == 0))
    return np.asarray(sites.steps[own[positions[own].sum(axis=1).argmin()]])


def _missing(
    points: Points,
    sites: Splitting,
    mean: _Mean,
    reach: float,
    origin_step: IntArray,
    in_axes: FloatArray,
) -> MissingSites:
    own = sites.site >= 0
    found = missing_sites(
        SiteGrid(mean.basis, mean.offsets, reach),
        points.positions[own],
        sites.steps[own],
        sites.site[own],
        _corners(points),
    )
    return MissingSites(
        positions=found.positions,
        indices=(found.steps - origin_step) @ in_axes,
        sublattice=found.site,
        is_vacancy=found.is_vacancy,
    )


def _corners(points: Points) -> FloatArray:
    """Return the least and the greatest place at which a whole column is expected [unit].

    The image without a margin as wide as that in which columns are cut, or without a known image
    what the whole columns cover.
    """
    whole = points.positions[~points.is_edge]
    covered = np.array([whole.min(axis=0), whole.max(axis=0)])
    if points.shape is None:
        return covered
    last = (np.array(points.shape) - 1) * np.array(points.pixel_size)
    cut = points.positions[points.is_edge]
    border = np.minimum(cut, last - cut).min(axis=1) if len(cut) else np.zeros(1)
    margin = max(float(np.percentile(border, 95)), 0.0)
    return np.array([np.full(2, margin), last - margin])
