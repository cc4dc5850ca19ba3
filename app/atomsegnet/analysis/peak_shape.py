"""The shape that all columns of an image share: an elliptic Gaussian core and a wider tail."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.overlap import FWHM_PER_SIGMA

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

# The tail is this many times as wide as the core.
TAIL_WIDTH = 2.2

# Highest height of the tail as a part of that of the core: it then has half of the volume. Without
# the limit it takes up weak columns between strong ones that were not found.
_LARGEST_TAIL = 0.2

# A step changes the inverse covariance by no more than this part.
_LARGEST_CHANGE = 0.3

# The width stays within these multiples of the expected one.
_WIDTH_LIMITS = (0.5, 1.9)


class PeakShape(NamedTuple):
    """A peak of height 1 + tail: ``exp(-q / 2) + tail * exp(-q / (2 * 2.2^2))``.

    With ``q = rows * y^2 + 2 * mixed * y * x + columns * x^2`` at (y, x) [px] from the center.

    Attributes
    ----------
    rows, mixed, columns : float
        Inverse covariance of the core [1 / px^2].
    tail : float
        Height of the tail as a part of that of the core, 0 or more.
    """

    rows: float
    mixed: float
    columns: float
    tail: float

    @classmethod
    def round(cls, width_px: float) -> PeakShape:
        """Return a round core of a full width at half maximum [px] without a tail."""
        curvature = (FWHM_PER_SIGMA / width_px) ** 2
        return cls(curvature, 0.0, curvature, 0.0)

    @property
    def core_sigma_px(self) -> float:
        """Geometric mean of the standard deviations of the core [px]."""
        return float((self.rows * self.columns - self.mixed**2) ** -0.25)

    @property
    def width_px(self) -> float:
        """Full width at half maximum of core and tail together, mean over directions [px]."""
        q = 2 * math.log(2)
        for _ in range(20):
            core, tail = math.exp(-q / 2), self.tail * math.exp(-q / (2 * TAIL_WIDTH**2))
            slope = core / 2 + tail / (2 * TAIL_WIDTH**2)
            q += (core + tail - (1 + self.tail) / 2) / slope
        return 2 * math.sqrt(q) * self.core_sigma_px

    @property
    def area_px(self) -> float:
        """Sum over all pixels of a peak whose core is 1 high [px^2]."""
        return 2 * math.pi * self.core_sigma_px**2 * (1 + self.tail * TAIL_WIDTH**2)

    def changed(self, step: FloatArray, expected_width_px: float) -> PeakShape:
        """Return the shape after a step (4,), as far as it stays a peak like the expected one."""
        largest = _LARGEST_CHANGE * min(self.rows, self.columns)
        part = min(1.0, largest / max(float(np.abs(step[:3]).max()), 1e-300))
        tail = min(max(self.tail + float(step[3]), 0.0), _LARGEST_TAIL)
        rows, mixed, columns = (np.array(self[:3]) + part * step[:3]).tolist()
        if not rows * columns > mixed**2:
            return self
        new = PeakShape(rows, mixed, columns, tail)
        width = FWHM_PER_SIGMA * new.core_sigma_px / expected_width_px
        return new if _WIDTH_LIMITS[0] < width < _WIDTH_LIMITS[1] else self

    def profile(self, dy: FloatImage, dx: FloatImage) -> tuple[FloatImage, FloatImage, FloatImage]:
        """Return the peak, its derivative by ``-q / 2`` and the tail of height 1, at (dy, dx)."""
        half = np.float32(-0.5 * self.rows) * dy * dy
        half = half + np.float32(-self.mixed) * dy * dx
        half += np.float32(-0.5 * self.columns) * dx * dx
        core = np.exp(half)
        half *= np.float32(TAIL_WIDTH**-2)
        tail = np.exp(half, out=half)
        if self.tail == 0:
            return core, core, tail
        return (
            core + np.float32(self.tail) * tail,
            core + np.float32(self.tail / TAIL_WIDTH**2) * tail,
            tail,
        )

    def own_derivatives(self, dy: FloatImage, dx: FloatImage, heights: FloatImage) -> FloatImage:
        """Return the derivatives by height, row and column of the center: (n, 3, S, S).

        Parameters
        ----------
        dy, dx : ndarray of float32, shapes (n, S, 1) and (n, 1, S)
            Distances from the center [px].
        heights : ndarray of float32, shape (n, 1, 1)
            Heights of the cores.
        """
        peak, slope, _ = self.profile(dy, dx)
        result = np.empty((len(peak), 3, *peak.shape[1:]), dtype=np.float32)
        result[:, 0] = peak
        slope = slope * heights
        np.multiply(slope, np.float32(self.rows) * dy + np.float32(self.mixed) * dx, result[:, 1])
        np.multiply(
            slope, np.float32(self.mixed) * dy + np.float32(self.columns) * dx, result[:, 2]
        )
        return result

    def images(
        self,
        dy: FloatImage,
        dx: FloatImage,
        heights: FloatImage,
        usual: FloatImage,
        with_derivatives: bool,
    ) -> FloatImage:
        """Return the peaks, perhaps their derivatives by the shape, and peaks of usual height.

        Heights have the shape (n, 1, 1), the result (n, 6, S, S), or (n, 2, S, S) without the
        derivatives.
        """
        peak, slope, tail = self.profile(dy, dx)
        count = 6 if with_derivatives else 2
        result = np.empty((len(peak), count, *peak.shape[1:]), dtype=np.float32)
        np.multiply(peak, heights, out=result[:, 0])
        np.multiply(peak, usual, out=result[:, -1])
        if with_derivatives:
            slope = slope * (np.float32(-0.5) * heights)
            np.multiply(slope, dy * dy, out=result[:, 1])
            np.multiply(slope, np.float32(2) * (dy * dx), out=result[:, 2])
            np.multiply(slope, dx * dx, out=result[:, 3])
            np.multiply(tail, heights, out=result[:, 4])
        return result
