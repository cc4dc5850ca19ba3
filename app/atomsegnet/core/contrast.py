"""Contrast limits, histograms and gray levels: for the eye only, never for a network."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.core.micrograph import FloatImage

# Part of the pixels [percent] that automatic contrast lets saturate, in both tails together.
# The first is used on load; each repetition takes the next one, then starts over.
SATURATED_PERCENT = (0.35, 1.0, 3.0, 10.0)

# Between them the eye sees what gamma does; beyond, only noise or white.
GAMMA_RANGE = (0.2, 5.0)
# Steps between the limits when gamma bends them: the darkest ones become far apart.
_FINE_LEVELS = 2**16

# Enough values for percentiles of a tenth of a percent, few enough to sort in milliseconds.
_LARGEST_SAMPLE = 2**18


class Limits(NamedTuple):
    """The intensities that are shown as black and as white [intensity of the image]."""

    low: float
    high: float


class Histogram(NamedTuple):
    """How often intensities occur.

    Attributes
    ----------
    counts : ndarray of int64, shape (N,)
        Pixels in each bin.
    low, high : float
        Lower edge of the first and upper edge of the last bin [intensity of the image].
    """

    counts: npt.NDArray[np.int64]
    low: float
    high: float


def sorted_sample(image: FloatImage) -> FloatImage:
    """Return the image's values in rising order; every n-th pixel only where it is large."""
    step = max(1, int(np.ceil(np.sqrt(image.size / _LARGEST_SAMPLE))))
    return np.sort(image[::step, ::step], axis=None)


def automatic_limits(sample: FloatImage, saturated_percent: float) -> Limits:
    """Choose limits that let a given part of the pixels saturate.

    Parameters
    ----------
    sample : ndarray of float32, shape (N,)
        Values in rising order, at least one.
    saturated_percent : float
        Part of the values outside the limits, both tails together [percent], 0 to below 100.

    Returns
    -------
    Limits
        Low always lies below high, for a constant image too.
    """
    tail = saturated_percent / 200 * (len(sample) - 1)
    low = float(sample[int(np.floor(tail))])
    high = float(sample[int(np.ceil(len(sample) - 1 - tail))])
    return ordered_limits(low, high)


def ordered_limits(low: float, high: float) -> Limits:
    """Return limits with low below high, whatever was asked for."""
    if high < low:
        low, high = high, low
    # Wide enough that float32 can tell the two apart.
    narrowest = max(abs(low), abs(high), 1e-30) * 1e-6
    if high - low < narrowest:
        return Limits(low, low + narrowest)
    return Limits(low, high)


def symmetric_limits(limits: Limits) -> Limits:
    """Return limits at equal distances from zero that hold both given ones."""
    farthest = max(abs(limits.low), abs(limits.high))
    return ordered_limits(-farthest, farthest)


def histogram(sample: FloatImage, bins: int = 256) -> Histogram:
    """Count the values of a sample in equal bins from its smallest to its largest value.

    Parameters
    ----------
    sample : ndarray of float32, shape (N,)
        Values in rising order, at least one.
    bins : int
        Largest number of bins. Whole numbers get bins that hold equally many of them, since the
        histogram of an 8-bit image would look like a comb.
    """
    low, high = ordered_limits(float(sample[0]), float(sample[-1]))
    if high - low >= 1 and np.array_equal(sample, np.rint(sample)):
        width = int(np.ceil((high - low + 1) / bins))
        bins = int(np.ceil((high - low + 1) / width))
        low -= 0.5
        high = low + bins * width
    # In float64, since float32 has no room for the bins between nearly equal values.
    counts, _ = np.histogram(sample.astype(np.float64), bins=bins, range=(low, high))
    return Histogram(counts, low, high)


def gray_levels(image: FloatImage, limits: Limits, gamma: float = 1.0) -> npt.NDArray[np.uint8]:
    """Turn intensities into 0 (at the low limit and below) to 255 (at the high one and above).

    Between the limits a level is 255 t^gamma, where t runs from 0 to 1; a gamma below 1 makes
    what is dark brighter.
    """
    top = 255 if gamma == 1 else _FINE_LEVELS - 1
    scaled = (image - np.float32(limits.low)) * np.float32(top / (limits.high - limits.low))
    np.clip(scaled, 0, top, out=scaled)
    if gamma == 1:
        return scaled.astype(np.uint8)
    levels: npt.NDArray[np.uint8] = np.take(_bent_levels(gamma), np.rint(scaled).astype(np.uint16))
    return levels


@lru_cache(maxsize=8)
def _bent_levels(gamma: float) -> npt.NDArray[np.uint8]:
    return (255 * np.linspace(0, 1, _FINE_LEVELS) ** gamma).astype(np.uint8)
