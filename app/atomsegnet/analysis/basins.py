"""Split a map into the basins of its maxima."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatImage = npt.NDArray[np.float32]
IndexArray = npt.NDArray[np.int64]
LabelArray = npt.NDArray[np.int32]


class Basins(NamedTuple):
    """The pixels of a map that lie above a level, each with the maximum it belongs to.

    Attributes
    ----------
    pixels : ndarray of int64, shape (M,)
        Flat indices of the pixels, ascending.
    labels : ndarray of int32, shape (M,)
        Basin of each pixel, from 0, in the order of the maxima.
    peaks : ndarray of int64, shape (N,)
        Flat index of the maximum of each basin, ascending.
    """

    pixels: IndexArray
    labels: LabelArray
    peaks: IndexArray


def find_basins(values: FloatImage, *, level: float, smallest_dip: float) -> Basins:
    """Find the watershed basins of a map, one for each maximum that stands out.

    Every pixel belongs to the maximum that is reached by always stepping to the highest of the
    eight neighbors: the watershed after the drop-of-water principle (Cousty et al., IEEE Trans.
    Pattern Anal. Mach. Intell. 31, 1362 (2009), doi 10.1109/TPAMI.2008.173). Of two equal pixels
    the later one counts as higher, so that a plateau has one maximum. A maximum that is parted from
    a higher one by too small a dip is merged with it: its relative dynamics (M. Grimaud, Proc. SPIE
    1769, 292 (1992), doi 10.1117/12.60650) is below the limit.

    Parameters
    ----------
    values : ndarray of float32, shape (H, W)
        The map.
    level : float
        Only pixels above this value, at least 0, are looked at.
    smallest_dip : float
        Least depth of the saddle below the lower one of two maxima, as a part of its height.

    Returns
    -------
    Basins
        In the order of their maxima.
    """
    height, width = values.shape
    # A border that is lower than everything spares every test for the edge of the map.
    padded = np.full((height + 2, width + 2), -1, dtype=np.float32)
    padded[1:-1, 1:-1] = values
    flat = padded.ravel()
    inside = np.flatnonzero(flat > max(level, 0.0))
    place = np.full(flat.size, -1, dtype=np.int32)
    place[inside] = np.arange(len(inside), dtype=np.int32)
    roots = _climb(_highest_neighbors(flat, inside, place, width + 2))
    is_peak = roots == np.arange(len(roots), dtype=np.int32)
    peaks = np.flatnonzero(is_peak)
    labels = (np.cumsum(is_peak) - 1)[roots]
    merged = _merge_shallow(
        flat[inside[peaks]], *_saddles(flat, inside, place, labels, width + 2), smallest_dip
    )
    kept, new_labels = np.unique(merged, return_inverse=True)
    rows, columns = np.divmod(inside, width + 2)
    unpadded = (rows - 1) * width + columns - 1
    return Basins(unpadded, new_labels[labels].astype(np.int32), unpadded[peaks[kept]])


def _highest_neighbors(
    flat: FloatImage, inside: IndexArray, place: LabelArray, stride: int
) -> LabelArray:
    """Return for each pixel the place of its highest neighbor, or its own at a maximum."""
    steps = np.array([stride * row + column for row in (-1, 0, 1) for column in (-1, 0, 1)])
    best = flat[inside + steps[0]]
    chosen = np.zeros(len(inside), dtype=np.int8)
    # Ascending steps: of equal neighbors the last one has the highest index.
    for number, step in enumerate(steps[1:], 1):
        value = flat[inside + step]
        np.copyto(chosen, number, where=value >= best)
        np.maximum(best, value, out=best)
    return np.asarray(place[inside + steps[chosen]])


def _climb(parents: LabelArray) -> LabelArray:
    """Follow each chain of parents to its end, doubling the stride in every round."""
    while True:
        next_parents = parents[parents]
        if np.array_equal(next_parents, parents):
            return parents
        parents = next_parents


def _saddles(
    flat: FloatImage, inside: IndexArray, place: LabelArray, labels: IndexArray, stride: int
) -> tuple[IndexArray, IndexArray, FloatImage]:
    """Return the pairs of pixels that join two basins: both basins and the height of the pass."""
    first, second, heights = [], [], []
    for step in (1, stride - 1, stride, stride + 1):
        other = place[inside + step]
        chosen = np.flatnonzero(other >= 0)
        chosen = chosen[labels[chosen] != labels[other[chosen]]]
        neighbors = other[chosen]
        first.append(labels[chosen])
        second.append(labels[neighbors])
        heights.append(np.minimum(flat[inside[chosen]], flat[inside[neighbors]]))
    return np.concatenate(first), np.concatenate(second), np.concatenate(heights)


def _merge_shallow(
    peaks: FloatImage,
    first: IndexArray,
    second: IndexArray,
    saddles: FloatImage,
    smallest_dip: float,
) -> IndexArray:
    """Return for each basin the one it is merged with, from the highest pass downwards."""
    steepness = np.float32(1 - smallest_dip)
    shallow = np.flatnonzero(saddles > steepness * np.minimum(peaks[first], peaks[second]))
    owner = list(range(len(peaks)))

    def root(basin: int) -> int:
        while owner[basin] != basin:
            owner[basin] = owner[owner[basin]]
            basin = owner[basin]
        return basin

    for edge in shallow[np.argsort(-saddles[shallow], kind="stable")]:
        low, high = sorted((root(int(first[edge])), root(int(second[edge]))), key=peaks.__getitem__)
        if low != high and saddles[edge] > steepness * peaks[low]:
            owner[low] = high
    return np.array([root(basin) for basin in range(len(owner))], dtype=np.int64)
