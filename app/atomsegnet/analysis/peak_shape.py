"""The shape that all columns of an image share: an elliptic Gaussian core and two wider tails."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.overlap import FWHM_PER_SIGMA

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

# The tails have 3 and 9 times the variance of the core. With them a fit to the probes of the
# simulator, of all energies and aberrations, is wrong by a quarter of what one tail of 2.2 times
# the width leaves; what is left shifts faint columns on the flanks of others.
NEAR_VARIANCE, FAR_VARIANCE = 3.0, 9.0

# Highest heights of the tails as parts of that of the core: they then have half of the volume each.
# Without the limit they take up weak columns between strong ones that were not found.
_LARGEST_TAILS = (0.2, 0.05)

# Numbers that tell the shape.
NUMBERS = 5

# A step changes the inverse covariance by no more than this part.
_LARGEST_CHANGE = 0.3

# The width stays within these multiples of the expected one.
_WIDTH_LIMITS = (0.5, 1.9)


class PeakShape(NamedTuple):
    """A peak: ``exp(-q / 2) + near * exp(-q / (2 * 3)) + far * exp(-q / (2 * 9))``.

    With ``q = rows * y^2 + 2 * mixed * y * x + columns * x^2`` at (y, x) [px] from the center.

    Attributes
    ----------
    rows, mixed, columns : float
        Inverse covariance of the core [1 / px^2].
    near, far : float
        Heights of the tails as parts of that of the core, 0 or more.
    """

    rows: float
    mixed: float
    columns: float
    near: float
    far: float

    @classmethod
    def round(cls, width_px: float) -> PeakShape:
        """Return a round core of a full width at half maximum [px] without tails."""
        curvature = (FWHM_PER_SIGMA / width_px) ** 2
        return cls(curvature, 0.0, curvature, 0.0, 0.0)

    @property
    def core_sigma_px(self) -> float:
        """Geometric mean of the standard deviations of the core [px]."""
        return float((self.rows * self.columns - self.mixed**2) ** -0.25)

    @property
    def height(self) -> float:
        """Height of a peak whose core is 1 high."""
        return 1 + self.near + self.far

    @property
    def width_px(self) -> float:
        """Full width at half maximum of core and tails together, mean over directions [px]."""
        variances = np.array([1.0, NEAR_VARIANCE, FAR_VARIANCE])
        q = 2 * math.log(2)
        for _ in range(20):
            parts = np.array([1.0, self.near, self.far]) * np.exp(-q / (2 * variances))
            q += float((parts.sum() - self.height / 2) / (parts / (2 * variances)).sum())
        return 2 * math.sqrt(q) * self.core_sigma_px

    @property
    def area_px(self) -> float:
        """Sum over all pixels of a peak whose core is 1 high [px^2]."""
        tails = NEAR_VARIANCE * self.near + FAR_VARIANCE * self.far
        return 2 * math.pi * self.core_sigma_px**2 * (1 + tails)

    def changed(self, step: FloatArray, expected_width_px: float) -> PeakShape:
        """Return the shape after a step (5,), as far as it stays a peak like the expected one."""
        largest = _LARGEST_CHANGE * min(self.rows, self.columns)
        part = min(1.0, largest / max(float(np.abs(step[:3]).max()), 1e-300))
        near, far = np.clip(np.array(self[3:]) + step[3:], 0, _LARGEST_TAILS).tolist()
        rows, mixed, columns = (np.array(self[:3]) + part * step[:3]).tolist()
        if not rows * columns > mixed**2:
            return self
        new = PeakShape(rows, mixed, columns, near, far)
        width = FWHM_PER_SIGMA * new.core_sigma_px / expected_width_px
        return new if _WIDTH_LIMITS[0] < width < _WIDTH_LIMITS[1] else self

    def profile(
        self, dy: FloatImage, dx: FloatImage
    ) -> tuple[FloatImage, FloatImage, FloatImage, FloatImage]:
        """Return the peak, its derivative by ``-q / 2`` and both tails 1 high, at (dy, dx)."""
        part = np.float32(-0.5 / FAR_VARIANCE)
        far = part * np.float32(self.rows) * dy * dy
        far = far + part * np.float32(2 * self.mixed) * dy * dx
        far += part * np.float32(self.columns) * dx * dx
        np.exp(far, out=far)
        # Each has a third of the variance of the one before.
        near = far * far * far
        core = near * near * near
        by_near, by_far = np.float32(self.near) * near, np.float32(self.far) * far
        slope = core + by_near / np.float32(NEAR_VARIANCE) + by_far / np.float32(FAR_VARIANCE)
        return core + by_near + by_far, slope, near, far

    def own_derivatives(self, dy: FloatImage, dx: FloatImage, heights: FloatImage) -> FloatImage:
        """Return the derivatives by height, row and column of the center: (n, 3, S, S).

        Parameters
        ----------
        dy, dx : ndarray of float32, shapes (n, S, 1) and (n, 1, S)
            Distances from the center [px].
        heights : ndarray of float32, shape (n, 1, 1)
            Heights of the cores.
        """
        peak, slope, _, _ = self.profile(dy, dx)
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

        Heights have the shape (n, 1, 1), the result (n, 7, S, S), or (n, 2, S, S) without the
        derivatives.
        """
        peak, slope, near, far = self.profile(dy, dx)
        count = 2 + NUMBERS if with_derivatives else 2
        result = np.empty((len(peak), count, *peak.shape[1:]), dtype=np.float32)
        np.multiply(peak, heights, out=result[:, 0])
        np.multiply(peak, usual, out=result[:, -1])
        if with_derivatives:
            slope = slope * (np.float32(-0.5) * heights)
            np.multiply(slope, dy * dy, out=result[:, 1])
            np.multiply(slope, np.float32(2) * (dy * dx), out=result[:, 2])
            np.multiply(slope, dx * dx, out=result[:, 3])
            np.multiply(near, heights, out=result[:, 4])
            np.multiply(far, heights, out=result[:, 5])
        return result
