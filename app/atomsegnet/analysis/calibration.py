"""From the network's map to the probability of a column, and the threshold on it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatImage = npt.NDArray[np.float32]

# The modified chi-square loss divides by the label plus a tenth of its maximum.
_LOSS_FLOOR = 0.1

# Maxima below this probability are noise on any image, and take no part in choosing a threshold.
CANDIDATE_PROBABILITY = 0.15

# Otsu's threshold is kept inside these limits, between which F1 is highest, and flat, on simulated
# images of the materials of the list.
LOWEST_AUTOMATIC_THRESHOLD = 0.6
HIGHEST_AUTOMATIC_THRESHOLD = 0.7
# Fewer maxima than this have no two classes.
FEWEST_MAXIMA = 20


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


def automatic_threshold(probabilities: FloatImage) -> float:
    """Choose the probability above which a maximum of a map is a column.

    Otsu's threshold between the sure and the doubtful maxima (N. Otsu, IEEE Trans. Syst. Man
    Cybern. 9, 62 (1979), doi 10.1109/TSMC.1979.4310076), kept between
    `LOWEST_AUTOMATIC_THRESHOLD` and `HIGHEST_AUTOMATIC_THRESHOLD`. Taken over maxima and not over
    pixels, it does not depend on how much of the frame is empty.

    Parameters
    ----------
    probabilities : ndarray of float32, shape (N,)
        Calibrated heights of the maxima above `CANDIDATE_PROBABILITY`.

    Returns
    -------
    float
        Threshold on the calibrated map, 0 to 1.
    """
    from skimage.filters import threshold_otsu

    if len(probabilities) < FEWEST_MAXIMA or np.ptp(probabilities) == 0:
        return LOWEST_AUTOMATIC_THRESHOLD
    otsu = float(threshold_otsu(probabilities))  # type: ignore[no-untyped-call]
    return min(max(otsu, LOWEST_AUTOMATIC_THRESHOLD), HIGHEST_AUTOMATIC_THRESHOLD)
