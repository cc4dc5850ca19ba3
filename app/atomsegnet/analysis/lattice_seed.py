"""Try patches of an image until the lattice that most columns belong to is found."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.lattice_cell import PATCH_COLUMNS, Cell, find_cell
from atomsegnet.analysis.lattice_growth import Indexed, grow
from atomsegnet.core.errors import NoLatticeError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Fewer columns agree with some lattice by chance.
FEWEST_COLUMNS = 12

# Sizes of the patches that are tried, and how many of each: small ones for small particles.
_TRIES = ((PATCH_COLUMNS, 8), (100, 16))
# A lattice of this part of all columns is the dominant one.
_DOMINANT = 0.8
# A lattice that holds less than this part, in no more than so many columns, is chance.
_LEAST_PART = 0.25
_ENOUGH = 60

# Columns that meet the sites of a lattice by chance fill the discs around them evenly; their mean
# squared distance is 0.7 of the radius. True ones keep nearer to the middle.
_LOOSEST = 0.2

# Distinct columns that a patch is grown from.
_SEED = 60


def index_columns(positions: FloatArray) -> tuple[Cell, Indexed]:
    """Return the cell that repeats and the site of each column.

    Parameters
    ----------
    positions : ndarray of float64, shape (N, 2)
        Positions (row, column).

    Raises
    ------
    NoLatticeError
        There are too few columns, or they do not repeat.
    """
    from scipy.spatial import cKDTree

    if len(positions) < FEWEST_COLUMNS:
        raise NoLatticeError(
            f"{len(positions)} columns are too few; a lattice needs at least {FEWEST_COLUMNS}."
        )
    tree = cKDTree(positions)
    best: tuple[Cell, Indexed] | None = None
    most = 0.0
    middles = _middles(positions)
    for middle, size in ((middle, size) for size, tries in _TRIES for middle in middles[:tries]):
        patch = tree.query(positions[middle], k=min(size, len(positions)))[1]
        cell = find_cell(positions[patch])
        if cell is None:
            continue
        found = grow(positions, cell, patch[:_SEED])
        belongs = found.site >= 0
        # Two grains share a coarse lattice, which many columns of a large cell belong to.
        worth = belongs.sum() / np.sqrt(len(cell.motif))
        if worth > most and _is_real(cell, found):
            best, most = (cell, found), float(worth)
        if belongs.mean() > _DOMINANT:
            break
    count = 0 if best is None else int((best[1].site >= 0).sum())
    if best is None or count < max(FEWEST_COLUMNS, min(_LEAST_PART * len(positions), _ENOUGH)):
        raise NoLatticeError(
            f"The {len(positions)} columns do not repeat; there is no lattice to measure."
        )
    return best


def _is_real(cell: Cell, found: Indexed) -> bool:
    off = found.off[found.site >= 0]
    return bool(np.sqrt(np.mean(off**2)) < _LOOSEST * cell.closest)


def _middles(positions: FloatArray) -> IntArray:
    """Return columns far from each other, the one nearest to the middle first."""
    distance = np.linalg.norm(positions - np.median(positions, axis=0), axis=1)
    chosen = [int(distance.argmin())]
    distance = np.full(len(positions), np.inf)
    for _ in range(min(max(tries for _, tries in _TRIES), len(positions)) - 1):
        distance = np.minimum(distance, np.linalg.norm(positions - positions[chosen[-1]], axis=1))
        chosen.append(int(distance.argmax()))
    return np.array(chosen)
