"""Dose, background and scan noise of an image, measured on the image itself."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.noise_line import estimate_noise
from atomsegnet.core.conditions import Conditions

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

# sigma = FWHM / FWHM_PER_SIGMA of a Gaussian.
_FWHM_PER_SIGMA = 2 * math.sqrt(2 * math.log(2))
# The image is smoothed by this part of a column's sigma before heights are read off.
_SMOOTHING = 0.5
# A strong column is higher than this share of those that stand out [percent].
_STRONG_PERCENT = 90
# A maximum stands out from this many standard deviations of the smoothed noise.
_STANDS_OUT = 5.0
# The background is what an opening of the smoothed image leaves, with a square of this many column
# widths: large enough to hold a gap between columns.
_BACKGROUND_REACH = 3.0
# Lines that a line is compared with, on either side; the nearest have the largest weights.
_LINES = 2
# Neighboring pixels of a line share noise where the detector lags: a line is split into pieces of
# this many column widths, and every second piece tells of the same displacement anew.
_PIECE = 1.0


def measure_conditions(
    image: FloatImage, column_width_px: float, pixel_size_nm: float | None
) -> Conditions:
    """Measure what a simulation of a similar image needs.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    column_width_px : float
        Full width at half maximum of a column [px].
    pixel_size_nm : float or None
        Side of a pixel [nm].
    """
    from scipy import ndimage

    sigma = column_width_px / _FWHM_PER_SIGMA
    smooth = ndimage.gaussian_filter(image, _SMOOTHING * sigma)
    noise = estimate_noise(image, smooth, np.ones(image.shape, dtype=bool))
    background = _background(smooth, column_width_px)
    # Smoothing makes a Gaussian lower by this factor.
    lowered = 1 / (1 + _SMOOTHING**2)
    peak = _strong_height(smooth - background, sigma, noise.variance(smooth)) / lowered
    mean = np.float32(image.mean())
    spread = math.sqrt(float(noise.variance(np.array([mean]))[0]))
    low, high = np.percentile(background, (5, 95))
    peak = max(peak, 1e-12 * max(float(np.ptp(image)), 1e-30))
    return Conditions(
        column_width_px=column_width_px,
        pixel_size_nm=pixel_size_nm,
        psnr_db=20 * math.log10(peak / spread),
        counts=peak / noise.gain if noise.gain > 0 else None,
        background=float(high - low) / peak,
        jitter_px=line_jitter_px(image, column_width_px),
    )


def _background(smooth: FloatImage, width_px: float) -> FloatImage:
    from scipy import ndimage

    reach = max(3, round(_BACKGROUND_REACH * width_px))
    opened = ndimage.grey_opening(smooth, reach)
    return np.asarray(ndimage.gaussian_filter(opened, reach / 3), dtype=np.float32)


def _strong_height(columns: FloatImage, sigma: float, variance: FloatImage) -> float:
    """Return the height of strong columns of a smoothed image without background."""
    from scipy import ndimage

    reach = max(3, round(2 * sigma))
    # White noise smoothed by a Gaussian of s px has 1 / (4 pi s^2) of its variance.
    smoothed = np.sqrt(variance / max(1.0, 4 * math.pi * (_SMOOTHING * sigma) ** 2))
    is_top = columns == ndimage.maximum_filter(columns, reach)
    heights = columns[is_top & (columns > _STANDS_OUT * smoothed)]
    if not len(heights):
        return float(columns.max())
    return float(np.percentile(heights, _STRONG_PERCENT))


def line_jitter_px(image: FloatImage, column_width_px: float) -> float:
    """Measure how far scan lines are displaced against each other.

    Each line is compared with the mean of its neighbors: with the slope D of that mean, a small
    displacement s leaves a difference of -s D, so that s = -sum(r D) / sum(D^2) over the line.
    Every second piece of the line gives s with noise of its own; the covariance of the two is the
    variance of the displacement. A slow drift moves a line and its neighbors alike and is left out.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph, lines along its rows.
    column_width_px : float
        Full width at half maximum of a column [px].

    Returns
    -------
    float
        Standard deviation [px], at most a quarter of the column width: beyond it the slope no
        longer tells the displacement. 0 where there is less of it than noise.
    """
    from scipy import ndimage

    if len(image) <= 2 * _LINES:
        return 0.0
    sigma = column_width_px / _FWHM_PER_SIGMA
    offsets = np.arange(-_LINES, _LINES + 1)
    weights = np.exp(-(offsets**2) / (2 * (0.5 * sigma + 0.5) ** 2)) * (offsets != 0)
    weights /= weights.sum()
    # Along the line both are smoothed alike, so that their profiles stay the same.
    along = ndimage.gaussian_filter1d(image.astype(np.float64), 0.4 * sigma, axis=1)
    neighbors = ndimage.correlate1d(along, weights, axis=0)
    slope = np.gradient(neighbors, axis=1)
    residual = along - neighbors
    piece = max(2, round(_PIECE * column_width_px))
    is_even = (np.arange(image.shape[1]) // piece) % 2 == 0
    inner = slice(_LINES, image.shape[0] - _LINES)
    first, second = (
        _shifts(residual[inner, part], slope[inner, part]) for part in (is_even, ~is_even)
    )
    good = np.isfinite(first) & np.isfinite(second)
    if np.count_nonzero(good) < 2 * _LINES:
        return 0.0
    # Few lines without structure give wild values; they say nothing of the others.
    limit = 0.5 * column_width_px
    one, other = (np.clip(shifts[good], -limit, limit) for shifts in (first, second))
    covariance = float(np.mean(one * other))
    # The neighbors are displaced as well.
    variance = covariance / (1 + float(np.sum(weights**2)))
    return float(min(math.sqrt(max(0.0, variance)), column_width_px / 4))


def _shifts(residual: FloatArray, slope: FloatArray) -> FloatArray:
    """Return the displacement of each line [px]; NaN where nothing in it tells."""
    power = np.sum(slope**2, axis=1)
    usual = float(np.median(power))
    with np.errstate(invalid="ignore", divide="ignore"):
        shifts = -np.sum(residual * slope, axis=1) / power
    return np.where(power > 0.1 * usual, shifts, np.nan)
