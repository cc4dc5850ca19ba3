"""Heights, backgrounds and sums of columns whose positions and widths are known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.overlap import Peaks, windows_without_neighbors
from atomsegnet.analysis.windows import Windows

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

# Rounds in which overlapping peaks are told apart; each leaves about a quarter of the error.
_ROUNDS = 3

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


def measure_heights(
    image: FloatImage, positions: FloatArray, width_px: float, *, is_crowded: bool = True
) -> Photometry:
    """Measure height and background of each column by linear least squares.

    A Gaussian peak of given position and width on a constant background is fitted to the window of
    each column; two linear parameters, solved in closed form. The peaks of the neighbors are taken
    out, and what they weigh follows from going round some times.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    positions : ndarray of float64, shape (N, 2)
        Positions of the columns [px].
    width_px : float
        Full width at half maximum of a column [px].
    is_crowded : bool
        Whether any peaks overlap; without, one round is enough.
    """
    result = Photometry(*np.zeros((3, len(positions))))
    for _ in range(_ROUNDS if is_crowded else 1):
        peaks = Peaks(positions, np.maximum(result.amplitude, 0), width_px)
        result = Photometry(*np.zeros((3, len(positions))))
        for window in windows_without_neighbors(image, positions, width_px, peaks):
            solved = solve_heights(window, peaks.sigma_px)
            for whole, part in zip(result, solved, strict=True):
                whole[window.chosen] = part
    return result


def solve_heights(window: Windows, sigma_px: float) -> Photometry:
    """Measure the columns of one window, as `measure_heights` does."""
    weights = window.weights.astype(np.float64)
    values = window.values.astype(np.float64)
    count = np.maximum(weights.sum(axis=1), 1)
    radius_squared = window.rows.astype(np.float64) ** 2 + window.columns.astype(np.float64) ** 2
    shape = np.exp(radius_squared / (-2 * sigma_px**2))
    mean_shape = (weights * shape).sum(axis=1) / count
    mean_value = (weights * values).sum(axis=1) / count
    varied = weights * (shape - mean_shape[:, None])
    variance = (varied * shape).sum(axis=1) / count
    covariance = (varied * values).sum(axis=1) / count
    is_solvable = variance > _LEAST_SHAPE_VARIANCE
    # A window too small to tell both apart gives all it has to the background.
    amplitude = np.where(is_solvable, covariance / np.where(is_solvable, variance, 1), 0.0)
    background = mean_value - amplitude * mean_shape
    integrated = (weights * values).sum(axis=1) - background * weights.sum(axis=1)
    return Photometry(amplitude, background, integrated)
