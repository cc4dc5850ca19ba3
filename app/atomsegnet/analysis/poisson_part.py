"""Fit the columns of a part of an image at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.joint_choice import are_columns, take_part
from atomsegnet.analysis.joint_fit import JointFit
from atomsegnet.analysis.joint_peaks import Field
from atomsegnet.analysis.joint_solution import Fit
from atomsegnet.analysis.peak_shape import PeakShape
from atomsegnet.analysis.poisson_fits import PoissonFits
from atomsegnet.analysis.residual_search import unfound_columns
from atomsegnet.core.progress import Report

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

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


class Part(NamedTuple):
    """What is fitted: an image (H, W) of values from 0 to 1, starts and limits (N, 2)."""

    image: FloatImage
    starts: FloatArray
    limits: FloatArray


def fit_part(
    part: Part, shape: PeakShape, report: Report, *, is_shape_free: bool, jitter_px: float = 0.0
) -> PoissonFits:
    """Fit columns all together."""
    width = shape.width_px
    if not len(part.starts):
        return PoissonFits.none(width)
    task = JointFit.of(
        part.image,
        part.starts,
        width,
        part.limits,
        report,
        is_shape_free=is_shape_free,
        jitter_px=jitter_px,
    )
    task, begin = task.begun(shape)
    if not task.is_own.any():
        return PoissonFits.none(width)
    fit = task.fitted(begin)
    kept = take_part(task, fit)
    if not kept[task.is_own].any():
        return PoissonFits.none(width)
    if not kept.all():
        gone = fit.solution.peaks.positions[~kept]
        task = task.select(kept)
        fit = task.fitted_with_less(fit.select(kept), gone)
    task, fit = _with_unfound(task, fit)
    columns = task.is_own & are_columns(task, fit)
    return _collected(task.scene.field, task.number[columns], fit.select(columns))


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
        trial = more.fitted_with_more(fit, places, heights)
        kept = take_part(more, trial)
        if np.array_equal(kept, np.arange(more.count) < task.count):
            break
        if not kept.all():
            gone = trial.solution.peaks.positions[~kept]
            more = more.select(kept)
            trial = more.fitted_with_less(trial.select(kept), gone)
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
    )
