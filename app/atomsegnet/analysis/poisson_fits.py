"""Columns fitted by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.joint_choice import UNFOUND
from atomsegnet.analysis.joint_equations import neighbor_pairs
from atomsegnet.analysis.peak_shape import PeakShape

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.int64]

# What two tiles found anew nearer to one another than this part of the width is one column.
SAME_IN_WIDTHS = 0.5


@dataclass(frozen=True, eq=False)
class PoissonFits:
    """Fitted columns; arrays have the length of the starts that were kept.

    Attributes
    ----------
    kept : ndarray of int64, shape (n,)
        Which of the starts are columns; -1 for one found beside the starts.
    positions, sigmas : ndarray of float64, shape (n, 2)
        Positions and their standard errors [px].
    amplitude, background, significance : ndarray of float64, shape (n,)
        Height of the peak, what is below it [intensity], and the height in standard errors.
    width_px : float
        Full width at half maximum of all peaks [px].
    area_px : float
        Sum of a peak as a part of its height [px^2].
    """

    kept: npt.NDArray[np.int64]
    positions: FloatArray
    sigmas: FloatArray
    amplitude: FloatArray
    background: FloatArray
    significance: FloatArray
    width_px: float
    area_px: float

    def select(self, chosen: BoolArray | IndexArray) -> PoissonFits:
        """Return some of the columns."""
        return PoissonFits(
            self.kept[chosen],
            self.positions[chosen],
            self.sigmas[chosen],
            self.amplitude[chosen],
            self.background[chosen],
            self.significance[chosen],
            self.width_px,
            self.area_px,
        )

    @classmethod
    def none(cls, width_px: float) -> PoissonFits:
        """Return no columns."""
        pairs, single = np.zeros((0, 2)), np.zeros(0)
        kept = np.zeros(0, np.int64)
        area = PeakShape.round(width_px).area_px
        return cls(kept, pairs, pairs, single, single, single, width_px, area)


def joined(parts: list[PoissonFits]) -> PoissonFits:
    """Return the columns of all parts: first the known ones by their numbers, then the others."""
    whole = replace(
        parts[0],
        kept=np.concatenate([part.kept for part in parts]),
        positions=np.concatenate([part.positions for part in parts]),
        sigmas=np.concatenate([part.sigmas for part in parts]),
        amplitude=np.concatenate([part.amplitude for part in parts]),
        background=np.concatenate([part.background for part in parts]),
        significance=np.concatenate([part.significance for part in parts]),
    )
    others = np.flatnonzero(whole.kept == UNFOUND)
    twice = neighbor_pairs(whole.positions[others], SAME_IN_WIDTHS * whole.width_px)[:, 1]
    known = np.flatnonzero(whole.kept != UNFOUND)
    known = known[np.argsort(whole.kept[known])]
    return whole.select(np.concatenate([known, np.delete(others, twice)]))
