"""A joint fit and its errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.scoring import Solution

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Fit:
    """A solution and its errors.

    Attributes
    ----------
    solution : Solution
        The solution.
    bare : ndarray of float64, shape (N, 4)
        Standard errors of height, row and column, and of the height at a known position, if the
        model holds.
    inflation : ndarray of float64, shape (N, 3)
        By how much those of height, row and column are larger, as it holds no better.
    height_errors : ndarray of float64, shape (N,)
        Those of the height with all else known.
    structure : float
        Scatter of heights where there is no column, over the noise.
    """

    solution: Solution
    bare: FloatArray
    inflation: FloatArray
    height_errors: FloatArray
    structure: float

    @property
    def errors(self) -> FloatArray:
        """Standard errors of height, row and column, and of the height at a known position."""
        return self.bare * self.inflation[:, [0, 1, 2, 0]]

    def select(self, chosen: BoolArray) -> Fit:
        """Return the fit of some of the columns."""
        errors = self.bare[chosen], self.inflation[chosen], self.height_errors[chosen]
        return Fit(self.solution.select(chosen), *errors, self.structure)
