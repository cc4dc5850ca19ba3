"""How wide the columns of an image are, from the image alone.

The central peak of the autocorrelation of a sum of equal peaks is the autocorrelation of one of
them, which for a Gaussian is wider by the square root of two. Noise sits at lag 0, which is left
out; noise that lags along the scan lines sits on the line of lag 0, which is left out as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atomsegnet.core.micrograph import FloatImage

FloatArray = npt.NDArray[np.float64]

# Windows on which the autocorrelation is taken [px], and how many in each direction at most.
WINDOW_PX = 512
WINDOWS = 3
# Correlation at the shortest lags over its own error below which there is nothing to measure.
LOWEST_SUPPORT = 15.0
# Width from the autocorrelation over the true width, measured on simulated images
# (tests/tasks/test_column_width.py).
CALIBRATION = 0.9
# The background is removed by ever wider Gaussians, and the first estimate is taken that is so much
# narrower than its Gaussian that removing the background cannot have made it (standard deviation of
# the Gaussian over full width at half maximum of the column).
NARROWEST_HIGH_PASS_PX = 2.5
HIGH_PASS_STEP = 1.3
HIGH_PASS_WIDTHS = 1.2
# Interpolation and slow detectors correlate the noise of neighboring pixels: a width below the
# first number [px] gives way to a wider one with so many times the variance.
NOISE_WIDTH_PX = 3.2
STRONGER_THAN_NOISE = 3.0


@dataclass(frozen=True)
class WidthEstimate:
    """Full width at half maximum of a column [px], and the support it has in the image."""

    width_px: float
    support: float


def estimate_width(image: FloatImage) -> WidthEstimate | None:
    """Estimate the column width of an image.

    Parameters
    ----------
    image : ndarray, shape (H, W)
        Any intensities.

    Returns
    -------
    WidthEstimate or None
        None where the image has no structure above its noise.
    """
    spectrum, shape = _power_spectrum(_windows(image))
    if spectrum is None:
        return None
    sigma = NARROWEST_HIGH_PASS_PX
    narrow: tuple[WidthEstimate, float] | None = None
    while sigma < shape[0] / 12:
        correlation, variance = _autocorrelation(spectrum, shape, sigma)
        profile = _azimuthal_mean(correlation)
        support = float(profile[3] * np.sqrt(image.size))
        width = _central_width(profile)
        if width is not None and support >= LOWEST_SUPPORT and sigma >= HIGH_PASS_WIDTHS * width:
            found = WidthEstimate(width / CALIBRATION, support)
            if found.width_px > NOISE_WIDTH_PX:
                if narrow and variance * profile[3] <= STRONGER_THAN_NOISE * narrow[1]:
                    return narrow[0]
                return found
            if narrow is None:
                narrow = found, variance * float(profile[3])
        sigma *= HIGH_PASS_STEP
    return narrow[0] if narrow else None


def _windows(image: FloatImage) -> list[FloatImage]:
    side = min(WINDOW_PX, *image.shape)
    starts = [
        np.unique(np.linspace(0, length - side, min(WINDOWS, -(-length // side))).astype(int))
        for length in image.shape
    ]
    return [image[r : r + side, c : c + side] for r in starts[0] for c in starts[1]]


def _power_spectrum(
    windows: list[FloatImage],
) -> tuple[FloatArray | None, tuple[int, int]]:
    """Return the summed power spectrum of the windows, padded to twice their size."""
    from scipy import fft, ndimage

    side = windows[0].shape[0]
    length = fft.next_fast_len(2 * side, real=True)
    taper = np.hanning(side + 2)[1:-1].astype(np.float32)
    total = np.zeros((length, length // 2 + 1))
    for window in windows:
        flat = window - ndimage.gaussian_filter(window, side / 12, mode="reflect", truncate=2)
        deviation = float(flat.std())
        # A few bright spots must not decide for the whole image.
        flat = np.clip(flat, -4 * deviation, 4 * deviation) * np.outer(taper, taper)
        total += np.abs(fft.rfft2(flat, s=(length, length))) ** 2
    return (total if total.any() else None), (length, length)


def _autocorrelation(
    spectrum: FloatArray, shape: tuple[int, int], sigma_px: float
) -> tuple[FloatArray, float]:
    """Return the normalized autocorrelation after a high-pass, and the variance.

    Lags y >= 0 and all x; lag (0, 0) is at (0, columns // 2).
    """
    from scipy import fft

    ky, kx = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None, :]
    blur = np.exp(-2 * (np.pi * sigma_px) ** 2 * (ky**2 + kx**2))
    raw = fft.irfft2(spectrum * (1 - blur) ** 2, s=shape)
    half = shape[0] // 4
    patch = raw[np.ix_(np.arange(half), np.arange(-half, half))]
    return np.asarray(patch / raw[0, 0]), float(raw[0, 0])


def _azimuthal_mean(correlation: FloatArray) -> FloatArray:
    """Average over directions at radii 0, 1/2, 1, ... px, leaving out the line of lag 0."""
    from scipy import ndimage

    half = correlation.shape[1] // 2
    angles = (np.arange(48) + 0.5) * np.pi / 48
    radii = np.arange(0, min(half - 1, 80), 0.5)
    rows = radii[:, None] * np.sin(angles)
    columns = half + radii[:, None] * np.cos(angles)
    # Bilinear sampling may touch the line of lag 0 only beyond one row.
    usable = (rows >= 1.0) | (radii[:, None] == 0)
    sampled = ndimage.map_coordinates(correlation, [rows, columns], order=1, mode="nearest")
    count = usable.sum(axis=1)
    mean = np.where(usable, sampled, 0).sum(axis=1) / np.maximum(count, 1)
    mean[count == 0] = np.nan
    return np.asarray(mean)


def _central_width(profile: FloatArray) -> float | None:
    """Return the full width of a column [px] from the profile at radii 0, 1/2, 1, ... px."""
    from scipy import ndimage

    radii = 0.5 * np.arange(len(profile), dtype=np.float64)
    known = np.isfinite(profile) & (radii >= 1.0)
    r, a = radii[known], profile[known]
    if len(a) < 8:
        return None
    smooth = ndimage.uniform_filter1d(a, 3)
    falling = np.flatnonzero(np.diff(smooth) >= 0)
    falling = falling[falling > 1]
    if not len(falling) or smooth[0] <= 0:
        return None
    low = int(falling[0])
    floor = float(smooth[low])
    top = _extrapolated_top(r, a)
    half = (top + floor) / 2
    below = np.flatnonzero(a[: low + 1] < half)
    if not len(below):
        return None
    i = int(below[0])
    if i == 0:
        return None
    crossing = float(r[i - 1] + (r[i] - r[i - 1]) * (a[i - 1] - half) / (a[i - 1] - a[i]))
    return float(2 * crossing / np.sqrt(2))


def _extrapolated_top(r: FloatArray, a: FloatArray) -> float:
    """Return the height at lag 0 without its noise, from a Gaussian through the next lags."""
    near = slice(0, 4)
    if a[near].min() <= 0:
        return float(a[0])
    slope, top = np.polyfit(r[near] ** 2, np.log(a[near]), 1)
    return float(np.exp(top)) if slope < 0 else float(a[0])
