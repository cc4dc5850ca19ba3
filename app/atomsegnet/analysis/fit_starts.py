"""Where a joint fit looks for columns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.border_columns import is_near_border
from atomsegnet.analysis.gaussian_fit import fit_gaussians
from atomsegnet.analysis.joint_choice import UNFOUND
from atomsegnet.analysis.neighbors import are_near
from atomsegnet.analysis.overlap import Peaks
from atomsegnet.analysis.peaks import Regions
from atomsegnet.analysis.photometry import measure_heights
from atomsegnet.analysis.plausible import SURE_WITHOUT_FIT
from atomsegnet.analysis.poisson_fit import SIGNIFICANT, SIGNIFICANT_IF_SURE
from atomsegnet.analysis.poisson_fits import PoissonFits
from atomsegnet.analysis.repeats import SURE, are_repeated, unfilled_places
from atomsegnet.core.progress import Report

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.int64]

# Columns farther apart than this [widths] have nothing to do with one another.
_NEIGHBORS_IN_WIDTHS = 3.0

# What the crystal repeats is there even where it is too low to tell: so many standard errors are
# enough to take part in the fit. So near to a sure column [widths] it would be its flank.
_TAKES_PART_IF_REPEATED = 1.0
_APART_IN_WIDTHS = 0.9


class FitStarts(NamedTuple):
    """Places where a joint fit looks for columns.

    Attributes
    ----------
    positions : ndarray of float64, shape (N, 2)
        Where they are [px].
    region : ndarray of int64, shape (N,)
        Number of the region of the map; `UNFOUND` where the map shows none.
    is_sure : ndarray of bool, shape (N,)
        Which are columns even before the fit.
    is_repeated : ndarray of bool, shape (N,)
        Which of the others the crystal repeats.
    """

    positions: FloatArray
    region: IndexArray
    is_sure: BoolArray
    is_repeated: BoolArray

    @classmethod
    def of_map(cls, positions: FloatArray, is_sure: BoolArray) -> FitStarts:
        """Return the places where the map shows columns, (N, 2) [px], some for sure, (N,)."""
        return cls(positions, np.arange(len(positions)), is_sure, np.zeros_like(is_sure))

    @property
    def significant(self) -> FloatArray:
        """Least height of a column in its own standard errors, (N,)."""
        return np.where(self.is_sure, SIGNIFICANT_IF_SURE, SIGNIFICANT)

    @property
    def taking_part(self) -> FloatArray:
        """Least height of what takes part in the fit in its own standard errors, (N,)."""
        return np.where(self.is_repeated, _TAKES_PART_IF_REPEATED, self.significant)

    def regions_of(self, fits: PoissonFits) -> IndexArray:
        """Return the regions of fitted columns, `UNFOUND` where the map shows none, (n,)."""
        return np.where(fits.kept == UNFOUND, UNFOUND, self.region[fits.kept])

    def after(self, fits: PoissonFits) -> FitStarts:
        """Return the places where the columns of a fit started, or where it has found them."""
        is_start = fits.kept != UNFOUND
        return FitStarts(
            np.where(is_start[:, None], self.positions[fits.kept], fits.positions),
            self.regions_of(fits),
            is_start & self.is_sure[fits.kept],
            is_start & self.is_repeated[fits.kept],
        )

    def in_crystal(
        self, confidence: FloatArray, width_px: float, shape: tuple[int, int]
    ) -> FitStarts:
        """Return these places and those where the crystal would repeat them.

        Parameters
        ----------
        confidence : ndarray of float64, shape (n,)
            How sure the network is of the regions of the map, 0 to 1.
        width_px : float
            Full width at half maximum of the columns [px].
        shape : tuple of int
            Rows and columns of the image [px].
        """
        positions, is_sure = self.positions, self.is_sure
        is_repeated = are_repeated(positions, is_sure, ~is_sure, width_px)
        is_repeated &= ~are_near(positions, positions[is_sure], _APART_IN_WIDTHS * width_px)
        is_known = is_sure | is_repeated
        is_surest = is_sure & (confidence[self.region] >= SURE)
        surest = np.flatnonzero(is_surest[is_known])
        unfilled = unfilled_places(positions[is_known], surest, width_px, shape)
        is_repeated |= ~is_sure & are_near(positions, unfilled, width_px / 2)
        unfilled = unfilled[~are_near(unfilled, positions, width_px / 2)]
        count = len(unfilled)
        return FitStarts(
            np.concatenate([positions, unfilled]),
            np.concatenate([self.region, np.full(count, UNFOUND)]),
            np.concatenate([is_sure, np.zeros(count, dtype=bool)]),
            np.concatenate([is_repeated, np.ones(count, dtype=bool)]),
        )


def are_sure(
    image: FloatImage, regions: Regions, starts: FloatArray, width_px: float, report: Report
) -> BoolArray:
    """Tell which columns are there even before the joint fit, shape (N,).

    The map is above its threshold, and a peak of its own can be fitted unless the map is very sure.
    """
    from scipy.spatial import cKDTree

    is_sure = ~regions.is_doubtful
    needs_none = regions.is_cut | is_near_border(starts, image.shape, width_px)
    needs_none |= regions.confidence >= SURE_WITHOUT_FIT
    asked = np.flatnonzero(is_sure & ~needs_none)
    if not len(asked):
        return np.asarray(is_sure)
    # The neighbors are fitted as well, since their shapes must be known to take them out.
    distance, _ = cKDTree(starts[asked]).query(starts)
    near = np.flatnonzero(is_sure & (distance < _NEIGHBORS_IN_WIDTHS * width_px))
    heights = measure_heights(image, Peaks.unknown(starts, width_px)).amplitude[near]
    fits = fit_gaussians(image, Peaks(starts[near], np.maximum(heights, 0), width_px), report)
    has_peak = np.zeros(len(starts), dtype=bool)
    has_peak[near] = np.isfinite(fits.width)
    return np.asarray(is_sure & (needs_none | has_peak))
