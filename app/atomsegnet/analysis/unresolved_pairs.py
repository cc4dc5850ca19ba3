"""Pairs of columns so close that a map shows each pair as one column.

At less than about 0.85 of their width, two peaks of equal height have one maximum. What is left of
the two is their shape: longer along the pair than across, and flatter on top than one long peak.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.border_columns import border_distances
from atomsegnet.analysis.neighbors import nearest_neighbor_distances
from atomsegnet.analysis.overlap import Peaks, windows_without_neighbors
from atomsegnet.analysis.photometry import measure_heights
from atomsegnet.core.progress import Report

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

# Among fewer long columns, or next to no others, noise and pairs cannot be told apart.
_FEWEST_COLUMNS = 12
# So many show a flat top as well as more would.
_ENOUGH_COLUMNS = 2000
# The pairs of a crystal point in one direction: the shape is the median of so many columns around.
_AROUND = 25

# Merged pairs make the columns look wider than they are, by this factor.
_WIDER = 1.1
# Columns nearer to each other than this [widths] were told apart already.
_RESOLVED_IN_WIDTHS = 0.95

# How much longer than wide columns are, as the difference of the variances along and across over
# the variance of one column; a pair at the distance d has (d / 2 sigma)^2, 0.89 at 0.8 widths.
# The middle column of an image of pairs has more than the first; astigmatism and a scan that
# drifts reach the same, and are told from pairs by the flat top. Each pair has more than the
# second, in the median of those around it.
_LONG_IN_IMAGE = 0.4
_LONG = 0.25

# The flat top is looked for in columns that are as long as those around them within these factors,
# and whose center is known within this part of the width.
_AS_LONG = (0.4, 2.5)
_CENTERED_IN_WIDTHS = 0.1
# Two peaks have to fit better than one long peak by so many standard errors.
_BETTER = 1.0
# Widths [parts of the expected one] and lengths (as above) among which the best fit is sought.
_WIDTHS = (0.75, 0.85, 0.92, 1.0, 1.1, 1.2)
_LENGTHS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.25)


class Pairs(NamedTuple):
    """Columns that are two.

    Attributes
    ----------
    columns : ndarray of int64, shape (M,)
        Which of the given ones.
    halves : ndarray of float64, shape (M, 2, 2)
        Where the two columns of each pair are, (row, column) [px].
    """

    columns: npt.NDArray[np.int64]
    halves: FloatArray


class _Shapes(NamedTuple):
    """What the columns look like beside a round peak of the expected width; N columns.

    Attributes
    ----------
    shift : ndarray of float64, shape (N, 2)
        Of the center from the given position [px].
    excess : ndarray of float64, shape (N, 2, 2)
        Covariance of the shape less that of the round peak, over the variance of that.
    """

    shift: FloatArray
    excess: FloatArray


def find_unresolved_pairs(
    image: FloatImage, positions: FloatArray, width_px: float, report: Report
) -> Pairs:
    """Tell which columns are pairs, and where their two columns are.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    positions : ndarray of float64, shape (N, 2)
        Approximate positions of what the map shows as columns [px].
    width_px : float
        Full width at half maximum of the columns, as the image has it [px].
    report : callable
        Called after every few hundred columns; raises Cancelled to stop.
    """
    none = Pairs(np.zeros(0, dtype=np.int64), np.zeros((0, 2, 2)))
    if len(positions) < _FEWEST_COLUMNS:
        return none
    peaks = Peaks.unknown(positions, width_px / _WIDER)
    heights = measure_heights(image, peaks, report).amplitude
    peaks = replace(peaks, amplitude=np.maximum(heights, 0))
    shapes = _shapes(image, peaks)
    is_single = nearest_neighbor_distances(positions) > _RESOLVED_IN_WIDTHS * width_px
    is_single &= (heights > 0) & np.isfinite(shapes.excess).all(axis=(1, 2))
    is_single &= border_distances(positions, image.shape) > width_px / 2
    singles = np.flatnonzero(is_single)
    if len(singles) < _FEWEST_COLUMNS:
        return none
    around, along = _around(positions[singles], shapes.excess[singles])
    if np.median(around) < _LONG_IN_IMAGE:
        return none
    own = _length(shapes.excess[singles], along)
    is_typical = (own > _AS_LONG[0] * around) & (own < _AS_LONG[1] * around)
    off_center = np.linalg.norm(shapes.shift[singles], axis=1)
    is_typical &= off_center < _CENTERED_IN_WIDTHS * width_px
    typical = np.flatnonzero(is_typical)
    if len(typical) < _FEWEST_COLUMNS:
        return none
    typical = typical[:: -(-len(typical) // _ENOUGH_COLUMNS)]
    shift = shapes.shift[singles[typical]]
    if not _have_flat_tops(image, peaks, singles[typical], shift, along[typical]):
        return none
    is_pair = (around > _LONG) & (own > 0)
    half = np.sqrt(around[is_pair])[:, None] * peaks.sigma_px * along[is_pair]
    middle = positions[singles[is_pair]]
    return Pairs(singles[is_pair], np.stack([middle - half, middle + half], axis=1))


def _shapes(image: FloatImage, peaks: Peaks) -> _Shapes:
    """Measure shift and covariance of every column by linear least squares.

    The first and second derivatives of a Gaussian peak by its position are fitted beside the peak
    itself and a constant background; a shift and a change of the covariance look like them.
    """
    sigma, count = peaks.sigma_px, len(peaks.positions)
    shift, excess = np.full((count, 2), np.nan), np.full((count, 2, 2), np.nan)
    for window in windows_without_neighbors(image, peaks.positions, peaks.width_px, peaks):
        y, x = window.rows / sigma, window.columns / sigma
        peak = np.exp((y * y + x * x) / -2)
        bent = [peak * (y * y - 1) / 2, peak * x * y, peak * (x * x - 1) / 2]
        basis = np.stack([np.ones_like(peak), peak, peak * y, peak * x, *bent], axis=1)
        basis *= window.weights[:, None]
        normal = np.einsum("nik,njk->nij", basis, basis).astype(np.float64)
        # Windows with too few pixels are told apart by their infinite or senseless answer.
        normal += 1e-6 * np.eye(basis.shape[1])
        seen = np.einsum("nik,nk->ni", basis, window.values * window.weights)
        found = np.linalg.solve(normal, seen[..., None].astype(np.float64))[..., 0]
        found /= np.maximum(found[:, 1:2], 1e-12)
        shift[window.chosen] = sigma * found[:, 2:4]
        excess[window.chosen] = found[:, [[4, 5], [5, 6]]]
    return _Shapes(shift, excess)


def _around(positions: FloatArray, excess: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return how long the columns around each are, (N,), and in which direction, (N, 2)."""
    from scipy.spatial import cKDTree

    nearest = cKDTree(positions).query(positions, k=min(_AROUND, len(positions)))[1]
    values, vectors = np.linalg.eigh(np.median(excess[nearest], axis=1))
    return values[:, 1] - values[:, 0], vectors[:, :, 1]


def _length(excess: FloatArray, along: FloatArray) -> FloatArray:
    """Return how much longer columns are in a direction than across it, (N,)."""
    across = along[:, ::-1] * [1, -1]
    lengthwise, crosswise = (np.einsum("ni,nij,nj->n", way, excess, way) for way in (along, across))
    return np.asarray(lengthwise - crosswise)


def _have_flat_tops(
    image: FloatImage,
    peaks: Peaks,
    chosen: npt.NDArray[np.int64],
    shift: FloatArray,
    along: FloatArray,
) -> bool:
    """Tell whether two round peaks fit the chosen columns better than one long peak does.

    Either has one width and one length for all columns.
    """
    whole = list(windows_without_neighbors(image, peaks.positions, peaks.width_px, peaks))
    values, rows, columns, weights = (
        np.concatenate([getattr(window, name) for window in whole])[chosen]
        for name in ("values", "rows", "columns", "weights")
    )
    rows = rows - shift[:, :1]
    columns = columns - shift[:, 1:]
    lengthwise = rows * along[:, :1] + columns * along[:, 1:]
    crosswise = rows * along[:, 1:] - columns * along[:, :1]

    def misfit(shape: FloatArray) -> FloatArray:
        return _misfit(values, weights, shape)

    pairs, long = [], []
    for width in _WIDTHS:
        sigma = width * peaks.sigma_px
        side = np.exp(-0.5 * (crosswise / sigma) ** 2)
        for length in _LENGTHS:
            half = np.sqrt(length) * sigma
            two = [np.exp(-0.5 * ((lengthwise + sign * half) / sigma) ** 2) for sign in (-1, 1)]
            pairs.append(misfit(side * (two[0] + two[1])))
            long.append(misfit(side * np.exp(-0.5 * (lengthwise / sigma) ** 2 / (1 + length))))
    best_pairs, best_long = (min(misfits, key=np.sum) for misfits in (pairs, long))
    gain = best_long - best_pairs
    return bool(gain.mean() > _BETTER * gain.std() / np.sqrt(len(gain)))


def _misfit(values: FloatImage, weights: FloatImage, shape: FloatArray) -> FloatArray:
    """Return the squared residual of each window after its best height and background, (N,)."""
    count = weights.sum(axis=1, keepdims=True)
    centered, wanted = (
        (part - (weights * part).sum(axis=1, keepdims=True) / count) * weights
        for part in (shape, values)
    )
    height = (centered * wanted).sum(axis=1) / np.maximum((centered**2).sum(axis=1), 1e-12)
    return np.asarray(((wanted - height[:, None] * centered) ** 2).sum(axis=1))
