"""How noisy the pixels of an image are, read from the image itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
BoolImage = npt.NDArray[np.bool_]

# The line is drawn through this many groups of pixels of similar intensity.
_GROUPS = 16

# Fewer pixels than this in a group tell nothing about a variance.
_FEWEST_PIXELS = 30

# Differences beyond this many standard deviations are edges, not noise; they are taken out in
# several rounds, as they raise the standard deviation themselves.
_CLIP = 4.0
_CLIPPINGS = 4

# Part of the variance of a normal deviate that is left by clipping at `_CLIP`.
_KEPT_BY_CLIPPING = 0.99893

# The slope counts only if it is this many times its own standard error.
_CREDIBLE_SLOPE = 4.0

# No pixel is trusted with less than this part of the variance of the quietest group.
_LEAST_PART = 0.5

# Least variance, as a part of the squared range of intensities: rounding of float32 and of 8 bits.
_LEAST_VARIANCE = 1e-8


@dataclass(frozen=True)
class NoiseLine:
    """Variance of a pixel against its expected intensity: ``gain * (mean - offset)``.

    Attributes
    ----------
    gain : float
        Slope [intensity]; 0 for noise that does not depend on the intensity.
    intercept : float
        Variance at the intensity 0 [intensity^2], that is ``-gain * offset``.
    floor : float
        Least variance of a pixel [intensity^2], above 0.
    """

    gain: float
    intercept: float
    floor: float

    def variance(self, mean: FloatImage) -> FloatImage:
        """Return the variance of pixels of a given expected intensity [intensity^2]."""
        line = np.float32(self.gain) * mean + np.float32(self.intercept)
        return np.asarray(np.maximum(line, np.float32(self.floor)), dtype=np.float32)


def estimate_noise(image: FloatImage, mean: FloatImage, chosen: BoolImage) -> NoiseLine:
    """Estimate the noise of an image against the intensity.

    The residual is differenced along both axes, which takes out what a model leaves of smooth
    structure; the variance of what remains is drawn against the intensity, as the photon transfer
    curve of J. R. Janesick, *Photon Transfer* (SPIE Press, 2007), doi 10.1117/3.725073. Where the
    slope is not credible, the same variance holds for all pixels.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    mean : ndarray of float32, shape (H, W)
        What is expected without noise: a model, or the smoothed image.
    chosen : ndarray of bool, shape (H, W)
        Pixels that count.
    """
    residual = image - mean
    mixed = residual[1:, 1:] - residual[1:, :-1] - residual[:-1, 1:] + residual[:-1, :-1]
    intensity = (mean[1:, 1:] + mean[1:, :-1] + mean[:-1, 1:] + mean[:-1, :-1]) / 4
    is_in = chosen[1:, 1:] & chosen[:-1, :-1]
    differences = mixed[is_in].astype(np.float64) / 2
    levels = intensity[is_in].astype(np.float64)
    least = _LEAST_VARIANCE * max(float(np.ptp(image)) ** 2, 1e-30)
    if len(levels) >= 2 * _FEWEST_PIXELS:
        means, variances, counts = _variances(levels, differences)
        if len(means):
            return _line_through(means, variances, counts, least)
    variance = float(np.mean(differences**2)) if len(levels) else 0.0
    return NoiseLine(0.0, max(variance, least), max(variance, least))


def _variances(
    levels: FloatArray, differences: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return mean intensity, variance and number of pixels of groups, equally far apart."""
    low, high = np.percentile(levels, (0.5, 99.5))
    group = np.clip(((levels - low) / max(high - low, 1e-30) * _GROUPS).astype(int), 0, _GROUPS - 1)
    result = []
    for number in range(_GROUPS):
        members = differences[group == number]
        if len(members) < _FEWEST_PIXELS:
            continue
        kept = members
        # Not by the median: in a dark group most pixels are quieter than the mean variance says.
        for _ in range(_CLIPPINGS):
            kept = kept[np.abs(kept) <= _CLIP * np.sqrt(np.mean(kept**2))]
        variance = np.mean(kept**2) / _KEPT_BY_CLIPPING
        result.append((levels[group == number].mean(), variance, len(kept)))
    means, variances, counts = np.array(result, dtype=np.float64).reshape(-1, 3).T
    return means, variances, counts


def _line_through(
    means: FloatArray, variances: FloatArray, counts: FloatArray, least: float
) -> NoiseLine:
    """Draw the line; the variance of a variance v of n pixels is about 3 v^2 / n."""
    common = max(float(np.average(variances, weights=counts)), least)
    constant = NoiseLine(0.0, common, common)
    if len(means) < 3:
        return constant
    floor = max(_LEAST_PART * float(variances.min()), least)
    fitted = variances
    for _ in range(3):
        weights = counts / (3 * np.maximum(fitted, floor) ** 2)
        center = np.average(means, weights=weights)
        lever = float(np.sum(weights * (means - center) ** 2))
        slope = float(np.sum(weights * (means - center) * variances) / lever)
        middle = float(np.average(variances, weights=weights))
        fitted = middle + slope * (means - center)
    scatter = np.sum(weights * (variances - fitted) ** 2) / (len(means) - 2)
    error = np.sqrt(max(float(scatter), 1.0) / lever)
    if not slope > _CREDIBLE_SLOPE * error:
        return constant
    return NoiseLine(slope, middle - slope * float(center), floor)
