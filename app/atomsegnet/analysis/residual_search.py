"""Look for columns in what a joint fit leaves of the image."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.overlap import FWHM_PER_SIGMA

if TYPE_CHECKING:
    from atomsegnet.analysis.scoring import Solution

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

# Least height of what may be a column, in standard errors with all else known, and as many as white
# noise reaches once in the image. Low, since neighbors take up most of a column that was not found:
# a fit with the column decides.
_CANDIDATE = 4.0

# What the model leaves of scan noise or film is as often too dark as too bright. A candidate must
# exceed this many times the root mean square of the dark side within this many widths.
_OVER_DARK_SIDE = 2.5
_AROUND_IN_WIDTHS = 3.0

# Nearer to a column than this [widths], what is left tells of the shape of that one.
_NEAREST_IN_WIDTHS = 0.5


def unfound_columns(solution: Solution, width_px: float) -> tuple[FloatArray, FloatArray]:
    """Return where the residual of a fit looks like a column.

    The residual is matched with a peak at every pixel, as if one stood there and all else were
    known; local maxima of the height over its standard error are candidates.

    Parameters
    ----------
    solution : Solution
        The fit.
    width_px : float
        Full width at half maximum of the columns [px].

    Returns
    -------
    positions : ndarray of float64, shape (M, 2)
        Pixels (row, column) of the candidates, the most significant ones first.
    heights : ndarray of float64, shape (M,)
        Their heights.
    """
    from scipy.ndimage import gaussian_filter, maximum_filter
    from scipy.spatial import cKDTree

    ratio, error = matched(solution.residual, solution.weights, width_px)
    dark = np.minimum(ratio, 0) ** 2
    around = _AROUND_IN_WIDTHS * width_px / 2
    # Where half of the pixels are too dark, the mean over all of them is half of that over these.
    scatter = np.sqrt(2 * gaussian_filter(dark, around) / _share(ratio, around))
    places = max(np.count_nonzero(solution.weights) / width_px**2, math.e)
    least = max(_CANDIDATE, math.sqrt(2 * math.log(places)))
    limit = np.maximum(least, _OVER_DARK_SIDE * scatter)
    apart = 2 * max(1, round(_NEAREST_IN_WIDTHS * width_px)) + 1
    row, column = np.nonzero((ratio > limit) & (ratio == maximum_filter(ratio, apart)))
    order = np.argsort(-ratio[row, column], kind="stable")
    row, column = row[order], column[order]
    found = np.stack([row, column], axis=1).astype(np.float64)
    if len(found):
        distance, _ = cKDTree(solution.peaks.positions).query(found)
        is_new = distance > _NEAREST_IN_WIDTHS * width_px
        found, row, column = found[is_new], row[is_new], column[is_new]
    return found, np.asarray(ratio[row, column] * error[row, column], dtype=np.float64)


def matched(
    residual: FloatImage, weights: FloatImage, width_px: float
) -> tuple[FloatImage, FloatImage]:
    """Return the height of a peak at each pixel over its standard error, and that error, (H, W).

    Parameters
    ----------
    residual : ndarray of float32, shape (H, W)
        Image minus expected intensity.
    weights : ndarray of float32, shape (H, W)
        One over the variance of each pixel; 0 for pixels left out, where the ratio is 0.
    width_px : float
        Full width at half maximum of the peak [px].
    """
    from scipy.ndimage import gaussian_filter

    sigma = width_px / FWHM_PER_SIGMA
    # A peak of height 1 is this many times the filter, whose sum is 1; the square of a peak is one
    # of 1 / sqrt(2) times its width.
    volume = 2 * math.pi * sigma**2
    score = volume * gaussian_filter(weights * residual, sigma, mode="constant")
    information = volume / 2 * gaussian_filter(weights, sigma / math.sqrt(2), mode="constant")
    error = 1 / np.sqrt(np.maximum(information, np.float32(1e-30)))
    ratio = np.where(weights > 0, score * error, 0)
    return ratio.astype(np.float32), error.astype(np.float32)


def _share(ratio: FloatImage, around: float) -> FloatImage:
    """Return how much of the surroundings of each pixel counts, above 0 to 1."""
    from scipy.ndimage import gaussian_filter

    counted = (ratio != 0).astype(np.float32)
    return np.asarray(np.maximum(gaussian_filter(counted, around), 1e-3), dtype=np.float32)
