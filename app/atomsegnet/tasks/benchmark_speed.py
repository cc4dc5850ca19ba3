"""How long finding, measuring and restoring take."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from atomsegnet.core.micrograph import Micrograph
from atomsegnet.tasks.benchmark_images import Case, simulate_case


@dataclass(frozen=True)
class Timing:
    """Time that a step took.

    Attributes
    ----------
    subject : str
        What was done, on what.
    wall_s, processor_s : float
        Time on the clock, and that of all processors together [s].
    """

    subject: str
    wall_s: float
    processor_s: float


def measure_speed(side: int) -> list[Timing]:
    """Time each method and each model on a square image of that side [px], models loaded."""
    from atomsegnet.analysis.refine import METHODS
    from atomsegnet.tasks.locate import locate_on_map
    from atomsegnet.tasks.process import process

    tile = simulate_case(Case("CeO2 [001]", 20.0, 6.0, 256, 7)).image
    micrograph = Micrograph(np.pad(tile, (0, side - 256), mode="symmetric"))
    name = f"{side}x{side} px"
    timings = []
    for model in ("denoise", "denoise_background", "super_resolution", "gaussian_map"):
        process(Micrograph(tile), model)
        timings.append(_timing(f"{model}, {name}", functools.partial(process, micrograph, model)))
    found = process(micrograph, "gaussian_map")
    count = len(locate_on_map(found, method="weighted-centroid").columns)
    timings += [
        _timing(
            f"{method}, {count} columns, {name}",
            functools.partial(locate_on_map, found, method=method),
        )
        for method in METHODS
    ]
    return timings


def _timing(subject: str, work: Callable[[], object]) -> Timing:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Timing(subject, time.perf_counter() - wall, time.process_time() - processor)
