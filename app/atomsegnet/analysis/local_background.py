"""What lies below the columns where it is neither flat nor gently curved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.overlap import Peaks, rendered
from atomsegnet.analysis.photometry import measure_heights
from atomsegnet.core.progress import Report

FloatImage = npt.NDArray[np.float32]

# Standard deviation of the Gaussian that smooths what the peaks leave [widths]. A peak that stands
# beside its column leaves a slope at its place, by which a fit falls short of the column by the
# fourth power of the ratio of both standard deviations: 3 % of the way.
_SIGMA_IN_WIDTHS = 1.0

# Heights measured on a steep background are wrong, and with them the background: twice is enough.
_ROUNDS = 2

# A background is steep if at a tenth of the columns it rises by more than this part of their usual
# height over one width; below 0.15 in most images, and above 0.25 in those where columns get lost.
_STEEP = 0.2
_STEEPEST_PERCENT = 90.0

# Smoothing is done on an image shrunk so far that the Gaussian still has this sigma [px].
_SHRUNK_SIGMA_PX = 4.0


def steep_background(image: FloatImage, peaks: Peaks, report: Report) -> FloatImage:
    """Return what to take off before a fit that knows gentle backgrounds only, shape (H, W).

    Zero for most images: taking the background off costs precision, see `local_background`, and a
    fit copes with what rises by less than a fifth of a column's height over its width.

    Parameters
    ----------
    image, peaks, report
        As for `local_background`.
    """
    if not len(peaks.positions):
        return np.zeros_like(image)
    below = local_background(image, peaks, report)
    last = np.array(image.shape) - 1
    row, column = np.clip(np.rint(peaks.positions).astype(np.int64), 1, last - 1).T
    slope = np.hypot(
        below[row + 1, column] - below[row - 1, column],
        below[row, column + 1] - below[row, column - 1],
    )
    heights = measure_heights(image - below, peaks, report).amplitude
    rise = float(np.percentile(slope, _STEEPEST_PERCENT)) / 2 * peaks.width_px
    # Not the median: a crystal may have more faint columns than others.
    heights = np.maximum(heights, 0)
    usual = float(np.sum(heights**2) / max(np.sum(heights), 1e-30))
    return below if rise > _STEEP * usual else np.zeros_like(below)


def local_background(image: FloatImage, peaks: Peaks, report: Report) -> FloatImage:
    """Return the smooth image that is left when the columns are taken out, shape (H, W).

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    peaks : Peaks
        Approximate positions of the columns, and their heights as far as known, else 0.
    report : callable
        Called after every few hundred columns; raises Cancelled to stop.
    """
    below = np.zeros_like(image)
    for _ in range(_ROUNDS):
        heights = measure_heights(image - below, peaks, report).amplitude
        peaks = replace(peaks, amplitude=np.maximum(heights, 0))
        below = smoothed(image - rendered(peaks, image.shape), _SIGMA_IN_WIDTHS * peaks.width_px)
    return below


def smoothed(image: FloatImage, sigma_px: float) -> FloatImage:
    """Return an image (H, W) smoothed by a Gaussian of this standard deviation [px]."""
    from scipy.ndimage import gaussian_filter, zoom

    block = int(sigma_px / _SHRUNK_SIGMA_PX)
    if block < 2:
        return np.asarray(gaussian_filter(image, sigma_px, mode="nearest"), dtype=np.float32)
    height, width = image.shape
    padded = np.pad(image, ((0, -height % block), (0, -width % block)), mode="edge")
    small = padded.reshape(padded.shape[0] // block, block, -1, block).mean(axis=(1, 3))
    small = gaussian_filter(small, sigma_px / block, mode="nearest")
    large = zoom(small, block, order=1, mode="nearest", grid_mode=True)
    return np.asarray(large[:height, :width], dtype=np.float32)
