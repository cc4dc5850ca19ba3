"""Fit all columns of an image at once by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.conditions import line_jitter_px
from atomsegnet.analysis.first_shape import first_shape
from atomsegnet.analysis.joint_fit import STEPS, STEPS_AGAIN, Fit, JointFit
from atomsegnet.analysis.joint_peaks import Field
from atomsegnet.analysis.line_shifts import LEAST_JITTER_PX
from atomsegnet.analysis.noise_line import NoiseLine
from atomsegnet.analysis.peak_shape import PeakShape
from atomsegnet.analysis.residual_search import unfound_columns
from atomsegnet.core.progress import Report

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

# Wider columns are fitted on means of blocks of pixels, no narrower than this [px]: pixels of that
# size cost 1 / (24 sigma^2) of the precision, 0.6 %, and a fit goes with the number of pixels.
_WIDTH_ENOUGH_PX = 6.0

# A column whose height is less than this many standard errors may be noise; one that the network is
# sure of has passed a test already, and needs less.
SIGNIFICANT = 5.0
SIGNIFICANT_IF_SURE = 3.0
# One that the map does not show was looked for in every place, and needs more.
_SIGNIFICANT_IF_UNFOUND = 6.0

# The residual is searched for columns at most so often: one beside another shows only after that.
# Where heights scatter by more than this times the noise in places without a column, the model does
# not hold, and what scan noise and other shapes leave looks like faint columns: only high ones are
# looked for there, by the part of the median height, and only as long as the scatter falls by a
# tenth.
_SEARCHES = 5
_HOLDS = 1.3
_LEAST_HEIGHT = 0.35
_LOWERED = 0.9


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
    significant: float | FloatArray = SIGNIFICANT,
    with_lines: bool = False,
) -> PoissonFits:
    """Fit all columns of an image jointly by maximum likelihood under counting noise.

    Free are height, row and column of each column, the shape that all share, and a background that
    may curve. The variance of a pixel goes with its expected intensity as the image itself shows.
    Columns that do not stand out from the noise are dropped, and the others fitted again. What is
    left is searched for columns that no start has.

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
    significant : float or ndarray of float64, shape (N,)
        Least height of a column in its own standard errors.
    with_lines : bool
        Whether displacements of scan lines are fitted as well, where the image shows any.
    """
    low, high = float(image.min()), float(image.max())
    if not len(starts) or not high > low:
        return _nothing(width_px)
    # Intensities between 0 and 1 keep float32 from losing the peak on a high background.
    scaled = ((image.astype(np.float64) - low) / (high - low)).astype(np.float32)
    limits = np.broadcast_to(np.asarray(significant, dtype=np.float64), len(starts))
    jitter = line_jitter_px(scaled, width_px) if with_lines else 0.0
    is_shaken = jitter > LEAST_JITTER_PX
    size = 1 if is_shaken else max(1, int(width_px / _WIDTH_ENOUGH_PX))
    fits = _fit_scaled(
        _in_blocks(scaled, size),
        (starts + 0.5) / size - 0.5,
        width_px / size,
        limits,
        report,
        jitter_px=jitter if is_shaken else 0.0,
    )
    return replace(
        fits,
        positions=(fits.positions + 0.5) * size - 0.5,
        sigmas=fits.sigmas * size,
        amplitude=fits.amplitude * (high - low),
        background=fits.background * (high - low) + low,
        width_px=fits.width_px * size,
        area_px=fits.area_px * size**2,
    )


def _in_blocks(image: FloatImage, size: int) -> FloatImage:
    """Return the means of square blocks of pixels; what is left over at the end is dropped."""
    rows, columns = (n // size for n in image.shape)
    blocks = image[: rows * size, : columns * size].reshape(rows, size, columns, size)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32) if size > 1 else image


def _fit_scaled(
    image: FloatImage,
    starts: FloatArray,
    width_px: float,
    limits: FloatArray,
    report: Report,
    *,
    jitter_px: float,
) -> PoissonFits:
    """Fit an image of values from 0 to 1, whose columns are no wider than need be."""
    # What hundreds of columns say about the shape, the others cannot improve.
    shape, is_of_all = first_shape(image, starts[limits == limits.min()], width_px, report)
    task = JointFit.of(
        image,
        starts,
        shape.width_px,
        limits,
        report,
        is_shape_free=is_of_all or jitter_px > 0,
        jitter_px=jitter_px,
    )
    task, begin = task.begun(shape)
    if not task.is_own.any():
        return _nothing(width_px)
    fit = task.fitted(begin, STEPS)
    kept = task.are_columns(fit)
    if not kept[task.is_own].any():
        return _nothing(width_px)
    if not kept.all():
        task = task.select(kept)
        fit = task.fitted(fit.solution.select(kept), STEPS_AGAIN)
    task, fit = _with_unfound(task, fit)
    own = task.is_own
    return _collected(task.scene.field, task.number[own], fit.select(own))


def _with_unfound(task: JointFit, fit: Fit) -> tuple[JointFit, Fit]:
    """Add the columns that the residual shows, and fit again; what does not stand out goes."""
    holds, before = fit.structure <= _HOLDS, np.inf
    for _ in range(_SEARCHES):
        if fit.structure > max(_HOLDS, _LOWERED * before):
            break
        before = fit.structure
        width = fit.solution.peaks.shape.width_px
        places, heights = unfound_columns(fit.solution, width)
        if not holds:
            usual = np.median(fit.solution.peaks.heights[task.is_own])
            is_high = heights > _LEAST_HEIGHT * usual
            places, heights = places[is_high], heights[is_high]
        if not len(places):
            break
        more = task.extended(fit.solution.peaks.positions, places, _SIGNIFICANT_IF_UNFOUND)
        trial = more.fitted(fit.solution.extended(places, heights), STEPS)
        kept = more.are_columns(trial)
        more = more.select(kept)
        if not kept.all():
            trial = more.fitted(trial.solution.select(kept), STEPS_AGAIN)
        if more.count == task.count and (more.number == task.number).all():
            break
        task, fit = more, trial
    return task, fit


def _collected(field: Field, kept: npt.NDArray[np.int64], fit: Fit) -> PoissonFits:
    """Turn a solution into what it means."""
    peaks = fit.solution.peaks
    height = peaks.shape.height
    return PoissonFits(
        kept=kept,
        positions=peaks.positions,
        sigmas=fit.errors[:, 1:3],
        amplitude=peaks.heights * height,
        background=field.grid.at(peaks.knots, peaks.positions) + field.base_at(peaks.positions),
        significance=peaks.heights / fit.errors[:, 3],
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
