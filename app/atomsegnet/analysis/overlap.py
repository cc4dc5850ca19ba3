"""Take the peaks of the neighbors out of the window of a column."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.windows import (
    PIXELS_AT_A_TIME,
    Windows,
    disc_offsets,
    pixels_around,
    windows,
)

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

FWHM_PER_SIGMA = math.sqrt(8 * math.log(2))

# A peak is cut off at this many widths from its center, where it has sunk to 0.2 % of its height. A
# window of one width and a position that moved by half of one do not reach beyond.
_REACH_IN_WIDTHS = 1.5


@dataclass(frozen=True, eq=False)
class Peaks:
    """Gaussian peaks of the same width, as known so far.

    Attributes
    ----------
    positions : ndarray of float64, shape (N, 2)
        Their centers [px].
    amplitude : ndarray of float64, shape (N,)
        Their heights [intensity of the micrograph].
    width_px : float
        Full width at half maximum [px].
    """

    positions: FloatArray
    amplitude: FloatArray
    width_px: float

    @property
    def sigma_px(self) -> float:
        """Standard deviation of the peaks [px]."""
        return self.width_px / FWHM_PER_SIGMA


def windows_without_neighbors(
    image: FloatImage, starts: FloatArray, width_px: float, peaks: Peaks
) -> Iterator[Windows]:
    """Cut out the surroundings of each column as `windows` does, less the peaks of all others.

    Parameters
    ----------
    image, starts, width_px
        As for `windows`.
    peaks : Peaks
        The peaks of the same columns, in the same order.
    """
    rest = image - rendered(peaks, image.shape)
    for window in windows(rest, starts, width_px):
        shift = (peaks.positions - starts)[window.chosen].astype(np.float32)
        dy, dx = window.rows - shift[:, :1], window.columns - shift[:, 1:]
        own = np.exp((dy * dy + dx * dx) * np.float32(-0.5 / peaks.sigma_px**2))
        own *= peaks.amplitude[window.chosen, None].astype(np.float32)
        yield replace(window, values=window.values + own)


def rendered(peaks: Peaks, shape: tuple[int, ...]) -> FloatImage:
    """Return an image of the peaks on a background of zero."""
    image = np.zeros(shape, dtype=np.float32)
    offsets = disc_offsets(_REACH_IN_WIDTHS * peaks.width_px + 1)
    step = max(1, PIXELS_AT_A_TIME // offsets.shape[1])
    for first in range(0, len(peaks.positions), step):
        positions = peaks.positions[first : first + step]
        rows, columns, inside = pixels_around(positions, offsets, shape)
        dy = (rows - positions[:, :1]).astype(np.float32)
        dx = (columns - positions[:, 1:]).astype(np.float32)
        values = np.exp((dy * dy + dx * dx) * np.float32(-0.5 / peaks.sigma_px**2))
        values *= peaks.amplitude[first : first + step, None].astype(np.float32) * inside
        np.add.at(image.ravel(), rows * shape[1] + columns, values)
    return image
