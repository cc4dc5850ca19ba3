"""Fit a two-dimensional Gaussian peak to each column, one column at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.gaussian_model import (
    PARAMETER_COUNT,
    PeakPixels,
    damped_step,
    position_errors,
    products,
)
from atomsegnet.analysis.neighbors import nearest_neighbor_distances
from atomsegnet.analysis.overlap import (
    CROWDED_IN_WIDTHS,
    FWHM_PER_SIGMA,
    Peaks,
    windows_without_neighbors,
)
from atomsegnet.analysis.photometry import measure_heights, solve_heights
from atomsegnet.analysis.windows import Windows
from atomsegnet.core.progress import Progress, Report

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

# Rounds of fits where columns overlap or have another width than expected.
_ROUNDS = 3

# A median width outside of these multiples of the expected one calls for windows of another size.
_EXPECTED = (0.8, 1.25)

# Most fits end after 5 to 10 steps; those that need more than this wander.
_MOST_STEPS = 40

# A fit has ended when a step moves the position by less than this [parts of sigma] and the
# logarithm of sigma by less than ten times it. The residual in float32 resolves no less.
_LAST_STEP = 1e-4

# Damping after Marquardt: start, and factors after a better and a worse step.
_FIRST_DAMPING = 1e-2
_BETTER = 0.2
_WORSE = 5.0
_DAMPING_LIMITS = (1e-7, 1e7)

# A start at least this high [parts of the range of the window]; from zero no step leads away.
_LOWEST_FIRST_AMPLITUDE = 0.05

# A fitted width outside of these multiples of the expected one fits something else than a column.
_WIDTH_LIMITS = (0.4, 2.5)

# A position that moved further than this part of the width, or of the distance to the nearest
# neighbor, has left its column.
_FARTHEST_SHIFT = 0.5


@dataclass(frozen=True, eq=False)
class GaussianFits:
    """Fitted peaks; every array has the length N, and is NaN where the fit failed.

    Attributes
    ----------
    positions, sigmas : ndarray of float64, shape (N, 2)
        Positions and their standard errors [px].
    amplitude, background : ndarray of float64
        Height of the peak and of what is below it [intensity of the micrograph].
    width : ndarray of float64
        Full width at half maximum [px].
    """

    positions: FloatArray
    sigmas: FloatArray
    amplitude: FloatArray
    background: FloatArray
    width: FloatArray

    @classmethod
    def empty(cls, count: int) -> GaussianFits:
        """Return room for some columns, NaN everywhere."""
        pairs, single = np.full((2, count, 2), np.nan), np.full((3, count), np.nan)
        return cls(pairs[0], pairs[1], single[0], single[1], single[2])


def fit_gaussians(image: FloatImage, first: Peaks, report: Report) -> GaussianFits:
    """Fit a round Gaussian peak on a constant background to the raw pixels around each column.

    Least squares with equal weights, one column at a time: the standard of the field. Row, column,
    height and background are free, and the width of columns that stand alone. Where columns
    overlap, the peaks of the neighbors are taken out first and all have the same width, the
    median of the higher ones; some rounds let neighbors settle.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    first : Peaks
        Approximate positions, the heights there, and the expected width.
    report : callable
        Called after every few hundred columns.
    """
    job = _Job(image, first.positions, nearest_neighbor_distances(first.positions), report)
    fits = _fit_round(job, first, 0)
    if not np.isfinite(fits.width).any():
        return fits
    common = _common_width(fits, first)
    is_expected = _EXPECTED[0] < common / first.width_px < _EXPECTED[1]
    if is_expected and not job.are_crowded(common).any():
        return fits
    peaks = replace(first, width_px=common)
    peaks = replace(peaks, amplitude=measure_heights(image, peaks).amplitude.clip(min=0))
    for number in range(1, _ROUNDS):
        fits = _fit_round(job, peaks, number)
        is_good = np.isfinite(fits.width)
        peaks = replace(
            peaks,
            positions=np.where(is_good[:, None], fits.positions, first.positions),
            amplitude=np.where(is_good, fits.amplitude, peaks.amplitude),
        )
    return fits


def _common_width(fits: GaussianFits, peaks: Peaks) -> float:
    """Return the median width of the higher half of the peaks [px], as the weak lean on neighbors.

    The height is that for the expected width: fitted heights go with fitted widths.
    """
    is_good = np.isfinite(fits.width)
    is_high = peaks.amplitude >= np.median(peaks.amplitude[is_good])
    return float(np.median(fits.width[is_good & is_high]))


@dataclass(frozen=True, eq=False)
class _Job:
    """What stays the same in all rounds; ``spacings`` (N,) [px] are NaN without a neighbor."""

    image: FloatImage
    starts: FloatArray
    spacings: FloatArray
    report: Report

    def are_crowded(self, width_px: float) -> npt.NDArray[np.bool_]:
        """Tell which columns overlap with a neighbor."""
        return self.spacings < CROWDED_IN_WIDTHS * width_px

    def farthest(self, width_px: float) -> FloatArray:
        """Return the largest shift of each column [px]."""
        return np.asarray(_FARTHEST_SHIFT * np.fmin(width_px, self.spacings))


def _fit_round(job: _Job, peaks: Peaks, number: int) -> GaussianFits:
    """Fit every column once, on what the peaks of the others leave.

    In the first round all widths are free, later only those of columns that stand alone.
    """
    count = len(job.starts)
    fits = GaussianFits.empty(count)
    size = np.array(job.image.shape)
    is_width_free = ~job.are_crowded(peaks.width_px) | (number == 0)
    farthest = job.farthest(peaks.width_px)
    for window in windows_without_neighbors(job.image, job.starts, peaks.width_px, peaks):
        chosen = window.chosen
        limits = _Limits.around(peaks.sigma_px, farthest[chosen])
        found, errors, is_good = _fit_window(window, peaks.sigma_px, is_width_free[chosen], limits)
        positions = job.starts[chosen] + found[:, :2]
        is_good &= np.all((positions >= -0.5) & (positions <= size - 0.5), axis=1)
        fits.positions[chosen] = np.where(is_good[:, None], positions, np.nan)
        fits.sigmas[chosen] = np.where(is_good[:, None], errors, np.nan)
        fits.amplitude[chosen] = np.where(is_good, found[:, 2], np.nan)
        fits.background[chosen] = np.where(is_good, found[:, 3], np.nan)
        fits.width[chosen] = np.where(is_good, np.exp(found[:, 4]) * FWHM_PER_SIGMA, np.nan)
        done = number * count + chosen.stop
        job.report(Progress(done, _ROUNDS * count, "Fitting columns"))
    return fits


@dataclass(frozen=True, eq=False)
class _Limits:
    """How far a fit may go: shift (n,) [px] and logarithm of sigma, lowest and highest."""

    shift: FloatArray
    log_sigma: tuple[float, float]

    @classmethod
    def around(cls, sigma: float, farthest: FloatArray) -> _Limits:
        """Return the limits around an expected sigma [px]."""
        lowest, highest = (math.log(sigma * limit) for limit in _WIDTH_LIMITS)
        return cls(farthest, (lowest, highest))

    def clip(self, parameters: FloatArray, chosen: npt.NDArray[np.int64]) -> FloatArray:
        """Return parameters of the chosen columns inside of the limits."""
        shift = self.shift[chosen, None]
        clipped = parameters.copy()
        clipped[:, :2] = parameters[:, :2].clip(-shift, shift)
        clipped[:, 4] = parameters[:, 4].clip(*self.log_sigma)
        return clipped

    def are_kept(self, parameters: FloatArray) -> npt.NDArray[np.bool_]:
        """Tell which columns stayed clear of the limits."""
        is_near = np.hypot(parameters[:, 0], parameters[:, 1]) < self.shift
        lowest, highest = self.log_sigma
        is_column_like = (parameters[:, 4] > lowest) & (parameters[:, 4] < highest)
        return np.asarray(is_near & is_column_like & (parameters[:, 2] > 0))


def _fit_window(
    window: Windows, sigma: float, is_width_free: npt.NDArray[np.bool_], limits: _Limits
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Fit the columns of a window: parameters (n, 5), errors of the position (n, 2), success."""
    is_in = window.weights > 0
    lowest = np.where(is_in, window.values, np.inf).min(axis=1)
    highest = np.where(is_in, window.values, -np.inf).max(axis=1)
    is_usable = (is_in.sum(axis=1) > PARAMETER_COUNT) & (highest > lowest)
    # Intensities between 0 and 1 keep float32 from losing the peak on a high background.
    offset = np.where(is_usable, lowest, 0)
    scale = np.where(is_usable, highest - lowest, 1)
    values = (window.values - offset[:, None]) / scale[:, None] * window.weights
    pixels = PeakPixels(
        values.astype(np.float32), window.rows, window.columns, window.weights, is_width_free
    )
    heights = solve_heights(window, sigma)
    first = np.zeros((len(values), PARAMETER_COUNT))
    first[:, 2] = np.maximum(heights.amplitude / scale, _LOWEST_FIRST_AMPLITUDE)
    first[:, 3] = (heights.background - offset) / scale
    first[:, 4] = math.log(sigma)
    found, has_ended = _descend(pixels, first, is_usable, limits)
    errors = position_errors(pixels, found)
    is_good = has_ended & limits.are_kept(found) & np.isfinite(errors).all(axis=1)
    found[:, 2] *= scale
    found[:, 3] = found[:, 3] * scale + offset
    return found, errors, is_good


def _descend(
    pixels: PeakPixels, first: FloatArray, is_usable: npt.NDArray[np.bool_], limits: _Limits
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Minimize the squared residual of all columns at once by damped Gauss-Newton steps.

    D. W. Marquardt, J. Soc. Ind. Appl. Math. 11, 431 (1963), doi 10.1137/0111030: the diagonal of
    the normal equations is raised by a damping that sinks after a better step and grows after a
    worse one. Columns that have ended are left out of the next rounds.
    """
    found = first.copy()
    has_ended = np.zeros(len(found), dtype=bool)
    active = np.flatnonzero(is_usable)
    part = pixels.select(active)
    equations = products(part, found[active])
    damping = np.full(len(active), _FIRST_DAMPING)
    for _ in range(_MOST_STEPS):
        step = damped_step(equations, damping)
        trial = limits.clip(found[active] + step, active)
        tried = products(part, trial)
        is_better = tried[:, -1, -1] < equations[:, -1, -1]
        found[active[is_better]] = trial[is_better]
        equations[is_better] = tried[is_better]
        damping = (damping * np.where(is_better, _BETTER, _WORSE)).clip(*_DAMPING_LIMITS)
        # The step counts, better or not: the rounding of float32 hides the last improvements.
        is_small = np.abs(step[:, :2]).max(axis=1) < _LAST_STEP * np.exp(found[active, 4])
        is_small &= np.abs(step[:, 4]) < 10 * _LAST_STEP
        if is_small.any():
            has_ended[active[is_small]] = True
            rest = np.flatnonzero(~is_small)
            active, equations, damping = active[rest], equations[rest], damping[rest]
            part = part.select(rest)
        if not len(active):
            break
    return found, has_ended
