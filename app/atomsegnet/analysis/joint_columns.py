"""The columns of a map as a joint fit has them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.border_columns import is_near_border
from atomsegnet.analysis.fit_starts import FitStarts, are_sure
from atomsegnet.analysis.joint_choice import UNFOUND
from atomsegnet.analysis.peaks import Regions
from atomsegnet.analysis.poisson_fit import fit_poisson
from atomsegnet.analysis.poisson_fits import PoissonFits
from atomsegnet.analysis.repeats import are_repeated
from atomsegnet.core.columns import Columns
from atomsegnet.core.progress import Report

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

# The joint fit, without and with displacements of scan lines.
JOINT, JOINT_WITH_LINES = "poisson-ml", "poisson-ml-lines"

# Where a fit finds more than this part of the columns beside the places where it started, it tells
# of the crystal what the map did not, and there is another fit.
_FEW_FOUND = 0.05

# A map shows columns to a tenth of their width, overlapping ones to a fifth; what the joint fit
# moves by more than this part of the width is no longer the column that the map showed.
_FARTHEST_FROM_START = 0.4

# A column that the map did not show explains why one so near to it [widths] has moved.
_NEAR_UNFOUND_IN_WIDTHS = 1.2

# A doubtful column counts only above this part of the median height: scan noise and dirt on real
# micrographs make many that are significant, but a tenth to a third as high. A lower one counts if
# the crystal repeats it.
_LEAST_HEIGHT_IF_DOUBTFUL = 0.35


def fitted_jointly(
    image: FloatImage,
    regions: Regions,
    positions: FloatArray,
    width_px: float,
    method: str,
    report: Report,
) -> Columns:
    """Return the columns that a joint fit bears out.

    One that went astray is back at its start, unless it was in doubt. Doubtful ones take part in
    the fit, so that they do not pull at their neighbors, but must not be faint to count.

    Parameters
    ----------
    image, regions, method, report
        As for `measure`.
    positions : ndarray of float64, shape (n, 2)
        Where the map shows the columns [px].
    width_px : float
        Full width at half maximum of the columns [px].
    """
    is_sure = are_sure(image, regions, positions, width_px, report)

    def in_crystal(starts: FitStarts) -> FitStarts:
        return starts.in_crystal(regions.confidence, width_px, image.shape)

    def fit(starts: FitStarts) -> PoissonFits:
        return fit_poisson(
            image,
            starts.positions,
            width_px,
            report,
            significant=starts.significant,
            taking_part=starts.taking_part,
            with_lines=method == JOINT_WITH_LINES,
        )

    starts = in_crystal(FitStarts.of_map(positions, is_sure))
    fits = fit(starts)
    if np.count_nonzero(fits.kept == UNFOUND) > _FEW_FOUND * len(fits.kept):
        starts = in_crystal(starts.after(fits))
        fits = fit(starts)
    region = starts.regions_of(fits)
    is_known = region != UNFOUND
    known = region[is_known]
    found, sigmas = fits.positions.copy(), fits.sigmas.copy()
    is_astray = _are_astray(fits.positions, is_known, positions[known], fits.width_px)
    found[is_astray] = positions[region[is_astray]]
    sigmas[is_astray] = np.nan
    confidence = regions.confidence_at(found)
    confidence[is_known] = regions.confidence[known]
    is_edge = is_near_border(found, image.shape, fits.width_px)
    is_edge[is_known] |= regions.is_cut[known]
    columns = Columns(
        positions=found,
        sigmas=sigmas,
        amplitude=fits.amplitude,
        width=np.full(len(fits.kept), fits.width_px),
        background=fits.background,
        integrated_intensity=fits.area_px * fits.amplitude,
        confidence=confidence,
        is_edge=is_edge,
        method=method,
    )
    sure = is_known.copy()
    sure[is_known] = is_sure[known]
    # Where the map is sure of nothing, what the image might bear out has nothing to be told by.
    if not sure.any():
        return columns.select(sure)
    is_high = fits.amplitude > _LEAST_HEIGHT_IF_DOUBTFUL * np.median(fits.amplitude[sure])
    is_faint = ~is_high & ~is_astray
    is_high &= ~is_astray
    is_repeated = are_repeated(fits.positions, is_high, is_faint, fits.width_px)
    return columns.select(sure | is_high | is_repeated)


def _are_astray(
    positions: FloatArray, is_known: BoolArray, starts: FloatArray, width_px: float
) -> BoolArray:
    """Tell which fitted columns (N,) are no longer where the map showed them.

    Those that are known to the map have their starts in the same order. One beside a column that
    the map did not show may have moved: the map showed both as one.
    """
    from scipy.spatial import cKDTree

    is_astray = np.zeros(len(positions), dtype=bool)
    if len(starts):
        found = positions[is_known]
        is_far = np.linalg.norm(found - starts, axis=1) > _FARTHEST_FROM_START * width_px
        _, nearest = cKDTree(starts).query(found)
        is_astray[is_known] = is_far | (nearest != np.arange(len(starts)))
        if not is_known.all():
            distance, _ = cKDTree(positions[~is_known]).query(positions)
            is_astray &= distance > _NEAR_UNFOUND_IN_WIDTHS * width_px
    return is_astray
