"""Compare every method on simulated images with the truth and with the Cramér-Rao bound."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.progress import Progress, Report, silent
from atomsegnet.tasks.benchmark_images import (
    BenchmarkImage,
    Case,
    benchmark_cases,
    jitter_cases,
    simulate_case,
)
from atomsegnet.tasks.benchmark_methods import Found, measured_by_all, not_run
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
        Harmonic mean of precision and recall, of the columns that can be seen.
    compared : int
        Columns that all methods found: all figures below are of these alone.
    bias_px : float
        Larger of the mean errors along rows and columns, without its sign [px].
    sigma_px : float
        Root of the mean squared error along one axis [px].
    bound_px : float
        The same of the Cramér-Rao bound [px].
    slope : float
        Slope of the found against the true random displacement.
    seconds : float
        Processor time for measuring [s].
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
        found, _ = measured_by_all(Micrograph(made.image))
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


def scored(made: BenchmarkImage, found: dict[str, Found]) -> list[Score]:
    """Compare what methods found with the truth, all on the same columns.

    Parameters
    ----------
    made : BenchmarkImage
        The truth.
    found : dict of str to Found
        What each method found.
    """
    from atomsegnet.analysis.matching import match

    tolerance = _TOLERANCE_IN_WIDTHS * made.case.width_px
    matched = {
        name: match(item.positions, made.positions, tolerance, is_optional=~made.is_scored)
        for name, item in found.items()
    }
    common = made.is_scored.copy()
    for item in matched.values():
        common &= np.isin(np.arange(len(common)), item.true)
    scores = []
    for name, item in matched.items():
        chosen = common[item.true]
        true = item.true[chosen]
        errors = item.errors[chosen]
        moved = made.positions[true] - made.undisplaced[true]
        scores.append(
            Score(
                case=made.case,
                method=name,
                f1=item.f1,
                compared=len(true),
                bias_px=float(np.abs(errors.mean(axis=0)).max()) if len(true) else math.nan,
                sigma_px=_rms(errors),
                bound_px=_rms(made.bounds[true]),
                slope=_slope(moved, moved + errors),
                seconds=found[name].seconds,
            )
        )
    return scores


def _rms(values: FloatArray) -> float:
    return float(np.sqrt(np.mean(values**2))) if values.size else math.nan


def _slope(true: FloatArray, found: FloatArray) -> float:
    """Return the slope of found against true displacements, each axis about its mean."""
    if len(true) < 3:
        return math.nan
    true, found = true - true.mean(axis=0), found - found.mean(axis=0)
    return float(np.sum(true * found) / np.sum(true**2))
