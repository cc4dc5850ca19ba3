"""From the network's map to the probability of a column, and the threshold on it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatImage = npt.NDArray[np.float32]

# The modified chi-square loss divides by the label plus a tenth of its maximum.
_LOSS_FLOOR = 0.1

# Otsu's threshold is kept inside these limits of the calibrated map. Networks trained with this
# loss find columns best with thresholds of 0.05 to 0.1 on the map itself (measured on simulations),
# which is 0.35 to 0.53 here. Below, Otsu would split the noise of an empty frame in two; above, it
# would drop columns that are more likely there than not.
LOWEST_AUTOMATIC_THRESHOLD = 0.35
HIGHEST_AUTOMATIC_THRESHOLD = 0.53

_BINS = 256
# Rows of the map that are calibrated at a time, so that a large map needs no second copy.
_ROWS = 256


def calibrated(values: FloatImage) -> FloatImage:
    r"""Turn values of a map into probabilities.

    Notes
    -----
    The modified chi-square loss of the paper (Lin et al., Sci. Rep. 11, 5386 (2021), doi
    10.1038/s41598-021-84499-w), ``(p - g)^2 / (g + max(g) / 10)`` for map p and label g, weighs a
    pixel of the background eleven times as much as the peak of a column. Where a column is there
    with probability :math:`\pi` (g = 1, else g = 0), a network that minimizes the expected loss

    .. math:: \pi (p - 1)^2 / 1.1 + (1 - \pi) p^2 / 0.1

    answers with the root of its derivative, :math:`\pi (p - 1) + 11 (1 - \pi) p = 0`, far below
    :math:`\pi`. Solved for the probability, :math:`\pi = 11 p / (1 + 10 p)`: what is returned.

    Parameters
    ----------
    values : ndarray of float32
        The map; what lies outside of [0, 1] is clipped.
    """
    p = np.clip(values, 0, 1)
    return p * (1 + _LOSS_FLOOR) / (_LOSS_FLOOR + p)


def map_value(probability: float) -> float:
    """Return the value of the map that `calibrated` turns into a probability."""
    return probability * _LOSS_FLOOR / (1 + _LOSS_FLOOR - probability)


def automatic_threshold(values: FloatImage) -> float:
    """Choose the probability above which a maximum of a map is a column.

    Otsu's threshold of the calibrated map (N. Otsu, IEEE Trans. Syst. Man Cybern. 9, 62 (1979),
    doi 10.1109/TSMC.1979.4310076), kept between `LOWEST_AUTOMATIC_THRESHOLD` and
    `HIGHEST_AUTOMATIC_THRESHOLD`.

    Parameters
    ----------
    values : ndarray of float32, shape (H, W)
        The map, 0 to 1.

    Returns
    -------
    float
        Threshold on the calibrated map, 0 to 1.
    """
    from skimage.filters import threshold_otsu

    counts = np.zeros(_BINS, dtype=np.int64)
    for start in range(0, len(values), _ROWS):
        bins = (calibrated(values[start : start + _ROWS]) * (_BINS - 1)).astype(np.uint8)
        counts += np.bincount(bins.ravel(), minlength=_BINS)
    if np.count_nonzero(counts) < 2:
        return HIGHEST_AUTOMATIC_THRESHOLD
    centers = (np.arange(_BINS) + 0.5) / _BINS
    otsu = float(threshold_otsu(hist=(counts, centers)))  # type: ignore[no-untyped-call]
    return min(max(otsu, LOWEST_AUTOMATIC_THRESHOLD), HIGHEST_AUTOMATIC_THRESHOLD)
