"""Measure the columns that a map shows."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.border_columns import is_near_border
from atomsegnet.analysis.centroid import geometric_centroids, weighted_centroids
from atomsegnet.analysis.gaussian_fit import fit_gaussians
from atomsegnet.analysis.joint_columns import JOINT, JOINT_WITH_LINES, fitted_jointly
from atomsegnet.analysis.local_background import steep_background
from atomsegnet.analysis.neighbors import median_spacing
from atomsegnet.analysis.overlap import FWHM_PER_SIGMA, Peaks
from atomsegnet.analysis.peaks import MAP_SIGMA_IN_WIDTHS, REGION_LEVEL, Regions
from atomsegnet.analysis.photometry import measure_heights
from atomsegnet.core.columns import Columns
from atomsegnet.core.errors import SettingError
from atomsegnet.core.progress import Progress, Report, silent

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

JOINT_METHODS = (JOINT, JOINT_WITH_LINES)
METHODS = ("otsu-centroid", "weighted-centroid", "gaussian-2d", *JOINT_METHODS)

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
        Columns that only the micrograph shows are added, also where the crystal repeats what is
        too faint for the map. "poisson-ml-lines": the same, with
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
        columns = fitted_jointly(image, regions, positions, width, method, report)
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
        is_edge=regions.is_cut | is_near_border(positions, image.shape, width_px),
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
        is_edge=columns.is_edge | is_near_border(positions, image.shape, width_px),
    )
