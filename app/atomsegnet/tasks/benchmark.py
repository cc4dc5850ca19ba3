"""Compare every method on simulated images with the truth and with the Cramér-Rao bound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.progress import Progress, Report, silent
from atomsegnet.tasks.benchmark_images import (
    BenchmarkImage,
    Case,
    benchmark_cases,
    images_of,
    jitter_cases,
    simulate_case,
)
from atomsegnet.tasks.benchmark_methods import FASTER_RCNN, Found, measured_by_all, not_run
from atomsegnet.tasks.benchmark_restore import Restoration, measure_restoration
from atomsegnet.tasks.benchmark_speed import Timing, measure_speed

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# A found column belongs to a true one within this distance [widths].
_TOLERANCE_IN_WIDTHS = 0.5


@dataclass(frozen=True)
class Score:
    """How a method did on an image.

    Attributes
    ----------
    case : Case
        The image.
    method : str
        Name of the method.
    f1 : float
        Harmonic mean of precision and recall, of the columns that can be seen; mean of the images.
    compared : int
        Columns that all methods found, in all images: all figures below are of these alone. Faster
        R-CNN has no say in that; its own figures are of those of them that it found.
    bias_px : float
        Larger of the mean errors along rows and columns, without its sign [px].
    sigma_px : float
        Root of the mean squared error along one axis [px].
    bound_px : float
        The same of the Cramér-Rao bound [px].
    slope : float
        Slope of the found against the true random displacement.
    seconds : float
        Processor time for measuring one image [s].
    """

    case: Case
    method: str
    f1: float
    compared: int
    bias_px: float
    sigma_px: float
    bound_px: float
    slope: float
    seconds: float

    @property
    def ratio(self) -> float:
        """Error over bound."""
        return self.sigma_px / self.bound_px


@dataclass(frozen=True)
class Benchmark:
    """Everything that a benchmark measured.

    Attributes
    ----------
    scores, jittered : tuple of Score
        On images without and with line jitter.
    restorations : tuple of Restoration
        Restored images against filters.
    timings : tuple of Timing
        Speed.
    missing : dict of str to str
        Methods that did not run, and why.
    is_quick : bool
        Whether it was the short one.
    """

    scores: tuple[Score, ...]
    jittered: tuple[Score, ...]
    restorations: tuple[Restoration, ...]
    timings: tuple[Timing, ...]
    missing: dict[str, str]
    is_quick: bool


def benchmark(*, quick: bool = False, report: Report = silent) -> Benchmark:
    """Run the benchmark.

    Parameters
    ----------
    quick : bool
        One dose and smaller images.
    report : callable
        Called after each image; raises Cancelled to stop.

    Raises
    ------
    ModelError
        A model of the program is missing.
    Cancelled
        The report callback asked to stop.
    """
    still, shaken = benchmark_cases(quick=quick), jitter_cases(quick=quick)
    total = len(still) + len(shaken) + 1
    scores: list[Score] = []
    jittered: list[Score] = []
    restorations: list[Restoration] = []
    for number, case in enumerate([*still, *shaken]):
        report(Progress(number, total, case.label))
        made = simulate_case(case, () if case.jitter_px else tuple(RESTORING))
        found = [measured_by_all(Micrograph(image))[0] for image in images_of(made)]
        (jittered if case.jitter_px else scores).extend(scored(made, found))
        if not case.jitter_px:
            restorations.extend(measure_restoration(made))
    report(Progress(total - 1, total, "speed"))
    timings = measure_speed(512 if quick else 1024)
    report(Progress(total, total, "speed"))
    return Benchmark(
        tuple(scores), tuple(jittered), tuple(restorations), tuple(timings), not_run(), quick
    )


RESTORING = ("denoise", "denoise_background", "super_resolution")


def scored(made: BenchmarkImage, found: Sequence[dict[str, Found]]) -> list[Score]:
    """Compare what methods found with the truth, all on the same columns.

    Parameters
    ----------
    made : BenchmarkImage
        The truth.
    found : sequence of dict of str to Found
        What each method found, for each image of the case.
    """
    compared = [_compared(made, item) for item in found]
    scores = []
    for name in found[0]:
        errors = np.concatenate([item[name][1] for item in compared])
        true = np.concatenate([item[name][2] for item in compared])
        moved = made.positions[true] - made.undisplaced[true]
        scores.append(
            Score(
                case=made.case,
                method=name,
                f1=float(np.mean([item[name][0] for item in compared])),
                compared=len(true),
                bias_px=float(np.abs(errors.mean(axis=0)).max()) if len(true) else math.nan,
                sigma_px=_rms(errors),
                bound_px=_rms(made.bounds[true]),
                slope=_slope(moved, moved + errors),
                seconds=float(np.mean([item[name].seconds for item in found])),
            )
        )
    return scores


def _compared(
    made: BenchmarkImage, found: dict[str, Found]
) -> dict[str, tuple[float, FloatArray, IntArray]]:
    """Return F1 of each method on one image, and errors and numbers of the columns of all.

    What Faster R-CNN misses is missing for itself alone.
    What is found at the very border counts for nothing: it is a column cut by the border, whose
    center may lie anywhere beyond.
    """
    from atomsegnet.analysis.border_columns import border_distances
    from atomsegnet.analysis.matching import match

    tolerance = _TOLERANCE_IN_WIDTHS * made.case.width_px
    matched = {}
    for name, item in found.items():
        is_whole = border_distances(item.positions, made.image.shape) > tolerance
        optional = ~made.is_scored
        matched[name] = match(
            item.positions[is_whole], made.positions, tolerance, is_optional=optional
        )
    common = made.is_scored.copy()
    for name, one in matched.items():
        if name != FASTER_RCNN:
            common &= np.isin(np.arange(len(common)), one.true)
    return {
        name: (one.f1, one.errors[common[one.true]], one.true[common[one.true]])
        for name, one in matched.items()
    }


def _rms(values: FloatArray) -> float:
    return float(np.sqrt(np.mean(values**2))) if values.size else math.nan


def _slope(true: FloatArray, found: FloatArray) -> float:
    """Return the slope of found against true displacements, each axis about its mean."""
    if len(true) < 3:
        return math.nan
    true, found = true - true.mean(axis=0), found - found.mean(axis=0)
    return float(np.sum(true * found) / np.sum(true**2))
