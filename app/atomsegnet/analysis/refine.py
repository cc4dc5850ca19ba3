"""Measure the columns that a map shows."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.border_columns import border_distances
from atomsegnet.analysis.centroid import geometric_centroids, weighted_centroids
from atomsegnet.analysis.gaussian_fit import fit_gaussians
from atomsegnet.analysis.local_background import steep_background
from atomsegnet.analysis.neighbors import median_spacing
from atomsegnet.analysis.overlap import FWHM_PER_SIGMA, Peaks
from atomsegnet.analysis.peaks import MAP_SIGMA_IN_WIDTHS, REGION_LEVEL, Regions
from atomsegnet.analysis.photometry import measure_heights
from atomsegnet.analysis.plausible import SURE_WITHOUT_FIT
from atomsegnet.analysis.poisson_fit import SIGNIFICANT, SIGNIFICANT_IF_SURE, fit_poisson
from atomsegnet.analysis.repeats import are_crystal, shares
from atomsegnet.core.columns import Columns
from atomsegnet.core.errors import SettingError
from atomsegnet.core.progress import Progress, Report, silent

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

# The joint fit, without and with displacements of scan lines.
JOINT, JOINT_WITH_LINES = "poisson-ml", "poisson-ml-lines"
JOINT_METHODS = (JOINT, JOINT_WITH_LINES)
METHODS = ("otsu-centroid", "weighted-centroid", "gaussian-2d", *JOINT_METHODS)

# A map shows columns to a tenth of their width, overlapping ones to a fifth; what the joint fit
# moves by more than this part of the width is no longer the column that the map showed.
_FARTHEST_FROM_START = 0.4

# A column that the map did not show explains why one so near to it [widths] has moved.
_NEAR_UNFOUND_IN_WIDTHS = 1.2

# A doubtful column counts only above this part of the median height: scan noise and dirt on real
# micrographs make many that are significant, but a tenth to a third as high. A lower one counts if
# the crystal repeats it at this part of the places around; in rutile, where the neighbors of every
# second column are turned, that is half of them at most.
_LEAST_HEIGHT_IF_DOUBTFUL = 0.35
_LEAST_SHARE_IF_DOUBTFUL = 0.3

# Columns farther apart than this [widths] have nothing to do with one another.
_NEIGHBORS_IN_WIDTHS = 3.0

# The peaks of a map are smoothed by 0.7 px.
_MAP_SMOOTHING_VARIANCE = 0.49


def measure(
    image: FloatImage,
    regions: Regions,
    *,
    method: str,
    column_width_px: float | None = None,
    report: Report = silent,
) -> Columns:
    """Measure the columns of a micrograph.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    regions : Regions
        Where the map shows columns.
    method : str
        "otsu-centroid": geometric center of each region of the map. "weighted-centroid": center
        weighted by the map. "gaussian-2d": least squares on the micrograph, one peak at a time;
        a column whose fit fails keeps its weighted center, and its standard errors are NaN.
        "poisson-ml": maximum likelihood on the micrograph, all columns and a curved background
        together; columns that do not stand out from the noise are left out, and one whose fit
        leaves its place on the map keeps its weighted center, and its standard errors are NaN.
        Columns that only the micrograph shows are added. "poisson-ml-lines": the same, with
        displacements of scan lines, where the image shows any.
    column_width_px : float, optional
        Full width at half maximum of the columns [px]; None for what the map suggests.
    report : callable
        Called now and then; raises Cancelled to stop.

    Returns
    -------
    Columns
        One for each region, in the same order; a joint fit may leave some out, and add others at
        the end. The centroids have
        no standard errors, the given width, and the sum of the pixels above the background as
        integrated intensity.

    Raises
    ------
    SettingError
        The method is unknown, or the width is not positive.
    """
    if method not in METHODS:
        raise SettingError(f"There is no method {method!r}; known are {', '.join(METHODS)}.")
    if column_width_px is not None and not 0 < column_width_px < math.inf:
        raise SettingError(f"The column width must be positive, not {column_width_px} px.")
    if image.shape != regions.shape:
        raise ValueError(f"regions of shape {regions.shape} for an image of {image.shape}")
    report(Progress(0, len(regions), "Measuring columns"))
    centroids = geometric_centroids if method == "otsu-centroid" else weighted_centroids
    positions = centroids(regions)
    width = column_width_px or estimated_width_px(regions, positions)
    if method in JOINT_METHODS:
        columns = _fitted_jointly(image, regions, positions, width, method, report)
    else:
        columns = _with_heights(image, regions, positions, width, method)
    if method == "gaussian-2d":
        columns = _with_fits(image, columns, width, report)
    report(Progress(len(regions), len(regions), "Measuring columns"))
    return columns


def estimated_width_px(regions: Regions, positions: FloatArray) -> float:
    """Guess the full width at half maximum of the columns from their peaks on the map [px].

    The median area of a region gives the sigma of its peak, and that the width of the column. No
    more than the median distance to the nearest neighbor, since wider columns were not resolved.
    """
    if not len(regions):
        return 1 / (MAP_SIGMA_IN_WIDTHS * math.sqrt(math.prod(regions.factor)))
    area = float(np.median(regions.area_px)) * math.prod(regions.factor)
    # A Gaussian sinks to the level L at the radius r with r^2 = 2 sigma^2 ln(1 / L).
    variance = area / (2 * math.pi * math.log(1 / REGION_LEVEL)) - _MAP_SMOOTHING_VARIANCE
    sigma = math.sqrt(max(variance, 0.25) / math.prod(regions.factor))
    width = sigma / MAP_SIGMA_IN_WIDTHS
    spacing = median_spacing(positions)
    return width if spacing is None else max(min(width, spacing), 1.0)


def _with_heights(
    image: FloatImage, regions: Regions, positions: FloatArray, width_px: float, method: str
) -> Columns:
    """Return columns at given positions, all of the same width."""
    heights = measure_heights(image, Peaks(positions, np.zeros(len(regions)), width_px))
    return Columns(
        positions=positions,
        sigmas=np.full((len(regions), 2), np.nan),
        amplitude=heights.amplitude,
        width=np.full(len(regions), width_px),
        background=heights.background,
        integrated_intensity=heights.integrated_intensity,
        confidence=regions.confidence,
        is_edge=regions.is_cut | _is_near_border(positions, image.shape, width_px),
        method=method,
    )


def _with_fits(image: FloatImage, columns: Columns, width_px: float, report: Report) -> Columns:
    """Return the columns as fitted; where the fit failed, as they were."""
    first = Peaks(columns.positions, np.maximum(columns.amplitude, 0), width_px)

    def ask(_: Progress) -> None:
        report(Progress(0, len(columns), "Measuring columns"))

    below = steep_background(image, first, ask)
    fits = fit_gaussians(image - below, first, report)
    is_good = np.isfinite(fits.width)
    positions = np.where(is_good[:, None], fits.positions, columns.positions)
    last = np.array(image.shape) - 1
    row, column = np.clip(np.rint(positions).astype(np.int64), 0, last).T
    below_there = below[row, column]
    volume = 2 * math.pi * (fits.width / FWHM_PER_SIGMA) ** 2 * fits.amplitude
    return replace(
        columns,
        positions=positions,
        sigmas=fits.sigmas,
        amplitude=np.where(is_good, fits.amplitude, columns.amplitude),
        width=np.where(is_good, fits.width, columns.width),
        background=np.where(is_good, fits.background + below_there, columns.background),
        integrated_intensity=np.where(is_good, volume, columns.integrated_intensity),
        is_edge=columns.is_edge | _is_near_border(positions, image.shape, width_px),
    )


def _fitted_jointly(
    image: FloatImage,
    regions: Regions,
    starts: FloatArray,
    width_px: float,
    method: str,
    report: Report,
) -> Columns:
    """Return the columns that a joint fit bears out.

    One that went astray is back at its start, unless it was in doubt. Doubtful ones take part in
    the fit, so that they do not pull at their neighbors, but must not be faint to count.
    """
    is_sure = _are_sure(image, regions, starts, width_px, report)
    significant = np.where(is_sure, SIGNIFICANT_IF_SURE, SIGNIFICANT)
    fits = fit_poisson(
        image,
        starts,
        width_px,
        report,
        significant=significant,
        with_lines=method == JOINT_WITH_LINES,
    )
    is_known = fits.kept >= 0
    known = fits.kept[is_known]
    positions, sigmas = fits.positions.copy(), fits.sigmas.copy()
    is_astray = _are_astray(fits.positions, is_known, starts[known], fits.width_px)
    positions[is_astray] = starts[fits.kept[is_astray]]
    sigmas[is_astray] = np.nan
    confidence = regions.confidence_at(positions)
    confidence[is_known] = regions.confidence[known]
    is_edge = _is_near_border(positions, image.shape, fits.width_px)
    is_edge[is_known] |= regions.is_cut[known]
    columns = Columns(
        positions=positions,
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
    is_repeated = _are_repeated(fits.positions, is_high, is_faint, fits.width_px)
    return columns.select(sure | is_high | is_repeated)


def _are_repeated(
    positions: FloatArray, is_high: BoolArray, is_faint: BoolArray, width_px: float
) -> BoolArray:
    """Tell which faint columns among all, at (N, 2), the crystal repeats, shape (N,)."""
    high, faint = np.flatnonzero(is_high), np.flatnonzero(is_faint)
    is_repeated = np.zeros(len(positions), dtype=bool)
    if are_crystal(positions, high, width_px):
        share = shares(positions, high, faint, width_px)
        is_repeated[faint] = share >= _LEAST_SHARE_IF_DOUBTFUL
    return is_repeated


def _are_sure(
    image: FloatImage, regions: Regions, starts: FloatArray, width_px: float, report: Report
) -> npt.NDArray[np.bool_]:
    """Tell which columns are there even before the joint fit, shape (N,).

    The map is above its threshold, and a peak of its own can be fitted unless the map is very sure.
    """
    from scipy.spatial import cKDTree

    is_sure = ~regions.is_doubtful
    needs_none = regions.is_cut | _is_near_border(starts, image.shape, width_px)
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


def _is_near_border(
    positions: FloatArray, shape: tuple[int, ...], width_px: float
) -> npt.NDArray[np.bool_]:
    """Tell which columns have a border of the image within half of their width."""
    return np.asarray(border_distances(positions, shape) < width_px / 2)
