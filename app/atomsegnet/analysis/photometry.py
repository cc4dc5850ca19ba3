"""Heights, backgrounds and sums of columns whose positions and widths are known."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.neighbors import nearest_neighbor_distances
from atomsegnet.analysis.overlap import CROWDED_IN_WIDTHS, Peaks, windows_without_neighbors
from atomsegnet.analysis.windows import Windows
from atomsegnet.core.progress import Progress, Report, silent

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

# Rounds in which overlapping peaks are told apart, at most; each leaves a quarter of the error.
_MOST_ROUNDS = 5

# The heights agree when they change by less than this part of their mean, in the mean. A hundredth
# of a neighbor, at a distance of one width, moves a peak by less than a hundredth of a width.
_LAST_CHANGE = 0.01

# A peak and a background can be told apart if the peak's shape varies by at least this variance.
_LEAST_SHAPE_VARIANCE = 1e-4


class Photometry(NamedTuple):
    """What the columns weigh; every array has the length N.

    Attributes
    ----------
    amplitude, background : ndarray of float64
        Height of the peak and of what is below it [intensity of the micrograph].
    integrated_intensity : ndarray of float64
        Sum of the window above its background [intensity times px^2].
    """

    amplitude: FloatArray
    background: FloatArray
    integrated_intensity: FloatArray


def measure_heights(image: FloatImage, peaks: Peaks, report: Report = silent) -> Photometry:
    """Measure height and background of each column by linear least squares.

    A Gaussian peak of given position and width on a constant background is fitted to the window of
    each column; two linear parameters, solved in closed form. The peaks of the neighbors are taken
    out first; where columns overlap, some rounds make their heights agree.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    peaks : Peaks
        Positions and width, and the heights as far as known, else 0.
    report : callable
        Called after every few hundred columns; raises Cancelled to stop.
    """
    distances = nearest_neighbor_distances(peaks.positions)
    is_crowded = bool((distances < CROWDED_IN_WIDTHS * peaks.width_px).any())
    result = _measure_once(image, peaks, report)
    for _ in range(1, _MOST_ROUNDS if is_crowded else 1):
        heights = np.maximum(result.amplitude, 0)
        if np.abs(heights - peaks.amplitude).mean() < _LAST_CHANGE * heights.mean():
            break
        peaks = replace(peaks, amplitude=heights)
        result = _measure_once(image, peaks, report)
    return result


def _measure_once(image: FloatImage, peaks: Peaks, report: Report) -> Photometry:
    result = Photometry(*np.zeros((3, len(peaks.positions))))
    for window in windows_without_neighbors(image, peaks.positions, peaks.width_px, peaks):
        solved = solve_heights(window, peaks.sigma_px)
        for whole, part in zip(result, solved, strict=True):
            whole[window.chosen] = part
        report(Progress(window.chosen.stop, len(peaks.positions), "Measuring heights"))
    return result


def solve_heights(window: Windows, sigma_px: float) -> Photometry:
    """Measure the columns of one window, as `measure_heights` does."""
    weights = window.weights
    count = np.maximum(weights.sum(axis=1), 1)
    shape = window.rows**2 + window.columns**2
    shape *= np.float32(-0.5 / sigma_px**2)
    np.exp(shape, out=shape)
    mean_shape = np.einsum("nk,nk->n", weights, shape) / count
    mean_value = np.einsum("nk,nk->n", weights, window.values, dtype=np.float64) / count
    values = (window.values - mean_value[:, None].astype(np.float32)) * weights
    shape -= mean_shape[:, None]
    variance = np.einsum("nk,nk,nk->n", weights, shape, shape) / count
    covariance = np.einsum("nk,nk->n", values, shape, dtype=np.float64) / count
    is_solvable = variance > _LEAST_SHAPE_VARIANCE
    # The residuals sum up to zero, so that the sum above the background is that of the peak.
    # A window too small to tell both apart gives all it has to the background.
    amplitude = np.where(is_solvable, covariance / np.where(is_solvable, variance, 1), 0.0)
    background = mean_value - amplitude * mean_shape
    return Photometry(amplitude, background, amplitude * mean_shape * count)
