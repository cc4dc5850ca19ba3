"""Fit all columns of an image at once by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.background_grid import BackgroundGrid
from atomsegnet.analysis.border_columns import border_distances, border_starts
from atomsegnet.analysis.joint_peaks import Field, JointPeaks
from atomsegnet.analysis.marginal_errors import marginal_errors
from atomsegnet.analysis.misfit import misfit
from atomsegnet.analysis.neighbors import median_spacing
from atomsegnet.analysis.noise_line import NoiseLine, estimate_noise
from atomsegnet.analysis.peak_shape import PeakShape
from atomsegnet.analysis.scoring import Scene, Solution, climb
from atomsegnet.core.progress import Progress, Report

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
BoolImage = npt.NDArray[np.bool_]
BoolArray = npt.NDArray[np.bool_]

# A knot of the background every so many widths, or spacings of columns, whichever is more.
_KNOT_IN_WIDTHS = 6.0
_KNOT_IN_SPACINGS = 4.0

# Pixels farther than this many widths from every column take no part.
_FIELD_IN_WIDTHS = 2.0

# The first image of expected intensities is smoothed by this part of the width.
_SMOOTHING_IN_WIDTHS = 0.25

# Steps of a fit, and of a second one after columns were dropped.
_STEPS = 9
_STEPS_AGAIN = 4

# A column beyond the border that comes as near to one in the image as this [widths] is the same.
_NEAREST_IN_WIDTHS = 0.5

# A column whose height is less than this many standard errors may be noise.
SIGNIFICANT = 5.0


@dataclass(frozen=True, eq=False)
class PoissonFits:
    """Fitted columns; arrays have the length of the starts that were kept.

    Attributes
    ----------
    kept : ndarray of int64, shape (n,)
        Which of the starts are columns.
    positions, sigmas : ndarray of float64, shape (n, 2)
        Positions and their standard errors [px].
    amplitude, background, significance : ndarray of float64, shape (n,)
        Height of the peak, what is below it [intensity], and the height in standard errors.
    width_px : float
        Full width at half maximum of all peaks [px].
    area_px : float
        Sum of a peak as a part of its height [px^2].
    noise : NoiseLine
        Noise of the pixels, of the image scaled to values from 0 to 1.
    """

    kept: npt.NDArray[np.int64]
    positions: FloatArray
    sigmas: FloatArray
    amplitude: FloatArray
    background: FloatArray
    significance: FloatArray
    width_px: float
    area_px: float
    noise: NoiseLine


def fit_poisson(
    image: FloatImage,
    starts: FloatArray,
    width_px: float,
    report: Report,
    *,
    significant: float = SIGNIFICANT,
) -> PoissonFits:
    """Fit all columns of an image jointly by maximum likelihood under counting noise.

    Free are height, row and column of each column, the shape that all share, and a background that
    may curve. The variance of a pixel goes with its expected intensity as the image itself shows.
    Columns that do not stand out from the noise are dropped, and the others fitted again.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    starts : ndarray of float64, shape (N, 2)
        Approximate positions of the columns [px], those cut by the border included.
    width_px : float
        Expected full width at half maximum of the columns [px].
    report : callable
        Called after every step.
    significant : float
        Least height of a column in its own standard errors.
    """
    low, high = float(image.min()), float(image.max())
    if not len(starts) or not high > low:
        return _nothing(width_px)
    # Intensities between 0 and 1 keep float32 from losing the peak on a high background.
    scaled = ((image.astype(np.float64) - low) / (high - low)).astype(np.float32)
    spacing = _KNOT_IN_SPACINGS * (median_spacing(starts) or 0.0)
    shape = (image.shape[0], image.shape[1])
    grid = BackgroundGrid.with_spacing(shape, max(_KNOT_IN_WIDTHS * width_px, spacing))
    places = np.concatenate([starts, border_starts(starts, shape, width_px)])
    number = np.arange(len(places))
    is_own = number < len(starts)
    scene = Scene(scaled, Field(grid, width_px), places)
    fit = _fitted(scene, is_own, None, report)
    kept = _are_columns(scene, fit, is_own, significant)
    if not kept[is_own].any():
        return _nothing(width_px)
    if not kept.all():
        number, is_own = number[kept], is_own[kept]
        scene = Scene(scaled, scene.field, places[kept])
        fit = _fitted(scene, is_own, fit.solution.select(kept), report)
    return _collected(scene.field, number[is_own], fit.select(is_own), (low, high - low))


@dataclass(frozen=True, eq=False)
class _Fit:
    """A solution, the errors of height, row and column (N, 3), and of the height alone (N,)."""

    solution: Solution
    errors: FloatArray
    height_errors: FloatArray

    def select(self, chosen: BoolArray) -> _Fit:
        """Return the fit of some of the columns."""
        return _Fit(self.solution.select(chosen), self.errors[chosen], self.height_errors[chosen])


def _are_columns(scene: Scene, fit: _Fit, is_own: BoolArray, significant: float) -> BoolArray:
    """Return which starts are columns; those beyond the border (not `is_own`) included.

    Near the border height and distance of what lies beyond it cannot be told apart, so that there
    the height counts with all else known. What has moved into a column of the image is none.
    """
    from scipy.spatial import cKDTree

    width = scene.field.width_px
    positions, heights = fit.solution.peaks.positions, fit.solution.peaks.heights
    is_near_border = border_distances(positions, scene.image.shape) < width
    errors = np.where(is_near_border, fit.height_errors, fit.errors[:, 0])
    is_column = heights > significant * errors
    found = is_own & is_column
    if found.any():
        distance, _ = cKDTree(positions[found]).query(positions)
        is_column &= is_own | (distance > _NEAREST_IN_WIDTHS * width)
    return np.asarray(is_column)


def _fitted(scene: Scene, is_own: BoolArray, first: Solution | None, report: Report) -> _Fit:
    """Fit a scene, from the beginning or from an earlier solution."""
    steps, offset = (_STEPS, 0) if first is None else (_STEPS_AGAIN, _STEPS + 1)

    def tell(done: int) -> None:
        report(Progress(offset + done, _STEPS + _STEPS_AGAIN + 2, "Fitting columns"))

    chosen = _near_columns(scene, is_own)
    begin = first or _first(scene, chosen)
    solution, equations = climb(scene, begin, chosen, steps=steps, tell=tell)
    peaks, width = solution.peaks, scene.field.width_px
    errors = marginal_errors(equations.information, peaks.positions, width)
    errors *= misfit(scene.field, peaks, solution.residual, solution.weights)
    alone = equations.information.diagonal()[: 3 * len(peaks.positions) : 3]
    return _Fit(solution, errors, 1 / np.sqrt(np.maximum(alone, 1e-30)))


def _near_columns(scene: Scene, is_own: BoolArray) -> BoolImage:
    """Return the pixels that are near enough to a column to tell about it."""
    from scipy.ndimage import distance_transform_edt

    shape = np.array(scene.image.shape)
    empty = np.ones(shape, dtype=bool)
    row, column = np.clip(np.rint(scene.starts[is_own]).astype(np.int64), 0, shape - 1).T
    empty[row, column] = False
    return np.asarray(distance_transform_edt(empty) < _FIELD_IN_WIDTHS * scene.field.width_px)


def _first(scene: Scene, chosen: BoolImage) -> Solution:
    """Return the start of a fit: no heights yet, and noise as of the smoothed image."""
    from scipy.ndimage import gaussian_filter

    smooth = gaussian_filter(scene.image, _SMOOTHING_IN_WIDTHS * scene.field.width_px)
    noise = estimate_noise(scene.image, smooth, chosen)
    weights = chosen.astype(np.float32) / noise.variance(smooth)
    level = float(np.percentile(scene.image[chosen], 10))
    peaks = JointPeaks(
        scene.starts.copy(),
        np.zeros(len(scene.starts)),
        PeakShape.round(scene.field.width_px),
        np.full(scene.field.grid.count, level),
    )
    nothing = np.zeros((0, 0), np.float32)
    return Solution(peaks, noise, nothing, nothing, weights)


def _collected(
    field: Field,
    kept: npt.NDArray[np.int64],
    fit: _Fit,
    scale: tuple[float, float],
) -> PoissonFits:
    """Turn a solution into what it means, back on the scale of the image."""
    peaks = fit.solution.peaks
    height = 1 + peaks.shape.tail
    return PoissonFits(
        kept=kept,
        positions=peaks.positions,
        sigmas=fit.errors[:, 1:],
        amplitude=peaks.heights * height * scale[1],
        background=field.grid.at(peaks.knots, peaks.positions) * scale[1] + scale[0],
        significance=peaks.heights / fit.errors[:, 0],
        width_px=peaks.shape.width_px,
        area_px=peaks.shape.area_px / height,
        noise=fit.solution.noise,
    )


def _nothing(width_px: float) -> PoissonFits:
    pairs, single = np.zeros((0, 2)), np.zeros(0)
    area = PeakShape.round(width_px).area_px
    noise = NoiseLine(0.0, 0.0, 1.0)
    kept = np.zeros(0, np.int64)
    return PoissonFits(kept, pairs, pairs, single, single, single, width_px, area, noise)
