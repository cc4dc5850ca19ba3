"""Measure the shape of the columns on a part of an image, before all of them are fitted."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.joint_peaks import REACH_IN_WIDTHS
from atomsegnet.analysis.joint_start import field_for, first_solution, near_columns
from atomsegnet.analysis.peak_shape import PeakShape
from atomsegnet.analysis.residual_search import unfound_columns
from atomsegnet.analysis.scoring import Scene, climb
from atomsegnet.core.progress import Progress, Report

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

# Columns that tell the shape: the error of a width falls with the root of their number.
_COLUMNS = 600
# Places where the columns may be densest that are compared.
_PLACES = 40

# Steps for the width, and for everything where the joint fit takes the shape from here.
_STEPS = 5
_STEPS_TO_THE_END = 12
# The fit is done again with the width found until that is within this part of what was expected,
# and with the columns that had no start.
_CLOSE = 0.15
_MOST_FITS = 3
# A width farther from what was expected than by this factor is that of something else.
_FARTHEST = 1.8


def first_shape(
    image: FloatImage, starts: FloatArray, width_px: float, report: Report
) -> tuple[PeakShape, bool]:
    """Return the shape of the columns where they stand densest, and whether that was all of them.

    Patches, background and noise of the joint fit all go with the expected width, which a network
    tells within a third only.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph scaled to values from 0 to 1.
    starts : ndarray of float64, shape (N, 2)
        Approximate positions of the columns [px].
    width_px : float
        Expected full width at half maximum of the columns [px].
    report : callable
        Called after every step.
    """

    def tell(number: int) -> None:
        report(Progress(0, 1, "Measuring the width of the columns"))

    part, inside = _dense_part(image, starts, width_px)
    is_of_all = part is image
    shape = PeakShape.round(width_px)
    for _ in range(_MOST_FITS):
        expected = shape.width_px
        scene = Scene(part, field_for(part, inside, expected), inside)
        chosen = near_columns(scene, np.ones(len(inside), dtype=bool))
        first = first_solution(scene, chosen, PeakShape.round(expected))
        steps = _STEPS if is_of_all else _STEPS_TO_THE_END
        solution, _, _ = climb(scene, first, chosen, steps=steps, noise_step=2, tell=tell)
        shape = solution.peaks.shape
        if not 1 / _FARTHEST < shape.width_px / width_px < _FARTHEST:
            return PeakShape.round(width_px), is_of_all
        # A column without a start raises the background, beside which the others seem too narrow.
        missed = inside[:0] if is_of_all else unfound_columns(solution, shape.width_px)[0]
        inside = np.concatenate([inside, missed])
        if not len(missed) and abs(math.log(shape.width_px / expected)) < _CLOSE:
            break
    return shape, is_of_all


def _dense_part(
    image: FloatImage, starts: FloatArray, width_px: float
) -> tuple[FloatImage, FloatArray]:
    """Cut out where the columns stand densest; also returns the starts in there, moved with it."""
    from scipy.spatial import cKDTree

    if len(starts) <= 2 * _COLUMNS:
        return image, starts
    places = starts[:: math.ceil(len(starts) / _PLACES)]
    distance, _ = cKDTree(starts).query(places, k=[_COLUMNS])
    center = places[int(distance.argmin())]
    reach = distance.min() / math.sqrt(2) + REACH_IN_WIDTHS * width_px
    low = np.maximum(np.rint(center - reach).astype(np.int64), 0)
    high = np.rint(center + reach).astype(np.int64) + 1
    part = image[low[0] : high[0], low[1] : high[1]]
    inside = np.all((starts > low - 0.5) & (starts < low + part.shape - 0.5), axis=1)
    return part, starts[inside] - low
