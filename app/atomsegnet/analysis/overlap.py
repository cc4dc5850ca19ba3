"""Take the peaks of the neighbors out of the window of a column."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.windows import PIXELS_AT_A_TIME, Windows, windows

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

FWHM_PER_SIGMA = math.sqrt(8 * math.log(2))

# Columns whose nearest neighbor is less than this many widths away overlap with it: at 2.5 widths a
# peak has sunk below 1e-7 at the center of the other, and below 0.2 % at the rim of its window.
CROWDED_IN_WIDTHS = 2.5

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

    @classmethod
    def unknown(cls, positions: FloatArray, width_px: float) -> Peaks:
        """Return peaks whose heights are not known yet."""
        return cls(positions, np.zeros(len(positions)), width_px)

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
    reach = math.ceil(_REACH_IN_WIDTHS * peaks.width_px + 0.5)
    # A margin takes what is beyond the border, and spares the test for it.
    canvas = np.zeros((shape[0] + 2 * reach, shape[1] + 2 * reach), dtype=np.float32)
    steps = np.arange(-reach, reach + 1)
    chunk = max(1, PIXELS_AT_A_TIME // len(steps) ** 2)
    for first in range(0, len(peaks.positions), chunk):
        positions = peaks.positions[first : first + chunk]
        center = np.rint(positions).astype(np.int64)
        distance = steps - (positions - center)[..., None]
        along_rows, along_columns = np.exp(distance**2 / (-2 * peaks.sigma_px**2)).swapaxes(0, 1)
        along_rows *= peaks.amplitude[first : first + chunk, None]
        values = (
            along_rows.astype(np.float32)[:, :, None] * along_columns.astype(np.float32)[:, None]
        )
        # The corner of a patch on the canvas has the number of its center in the image.
        for (row, column), one in zip(center.tolist(), values, strict=True):
            canvas[row : row + len(steps), column : column + len(steps)] += one
    return canvas[reach : reach + shape[0], reach : reach + shape[1]]
