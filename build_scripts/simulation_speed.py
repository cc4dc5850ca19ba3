"""Measure how fast micrographs are simulated: for a library, for training, and written to disk.

    python build_scripts/simulation_speed.py [SECONDS]

Rates are given by the clock and, for a machine that has other work, by the time that the process
had a core for itself. "Two processes" is what two of them do at once, by the clock.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import torch

from atomsegnet.core.library import FORMATS
from atomsegnet.core.training_settings import TrainingSettings
from atomsegnet.physics.draw_specimen import NETWORKS, network_cell
from atomsegnet.physics.scene import SceneSettings
from atomsegnet.tasks.simulate import simulate
from atomsegnet.tasks.simulate_one import simulate_one
from atomsegnet.tasks.training_data import SimulatedBatches

BATCH = 8


def library_set(number: int) -> int:
    """Make one set of a library: a 256 px image and its ten products."""
    simulate_one(SceneSettings(), (0, number))
    return 1


def training_batch(number: int) -> int:
    """Make a batch as a network is trained on: 128 px images with one label."""
    SimulatedBatches(TrainingSettings(task="gaussian_map", batch=BATCH))[number]
    return BATCH


WORK: dict[str, Callable[[int], int]] = {
    "library, ten products of 256 px": library_set,
    "training, one label of 128 px": training_batch,
}


def rates(name: str, seconds: float, first: int = 0) -> tuple[float, float]:
    """Return images per second of the clock and of the processor, on one core."""
    torch.set_num_threads(1)
    for number in range(NETWORKS):
        network_cell(number)  # made once in each process
    work = WORK[name]
    for number in range(3):
        work(10**6 + number)
    started, used, count, number = time.perf_counter(), time.process_time(), 0, first
    while time.perf_counter() - started < seconds:
        count += work(number)
        number += 1
    return count / (time.perf_counter() - started), count / (time.process_time() - used)


def both(name: str, seconds: float) -> float:
    """Return what two processes make together in a second of the clock."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        jobs = [pool.apply_async(rates, (name, seconds, 10**5 * part)) for part in range(2)]
        return sum(job.get()[0] for job in jobs)


def written(form: str, count: int) -> float:
    """Return samples that one process simulates and writes in a second of the processor."""
    with tempfile.TemporaryDirectory() as folder:
        used = time.process_time()
        simulate(Path(folder) / "library", count, form=form)
        return count / (time.process_time() - used)


def main(seconds: float) -> None:
    """Print the table."""
    print(f"{datetime.now(UTC):%Y-%m-%d}, {torch.get_num_threads()} threads known to torch")
    for name in WORK:
        by_clock, by_processor = rates(name, seconds)
        print(f"{name}: {by_clock:.0f} a second by the clock, {by_processor:.0f} of the processor")
        print(f"{name}, two processes: {both(name, seconds):.0f} a second by the clock")
    for form in FORMATS:
        rate = written(form, max(3, round(3 * seconds)))
        print(f"simulated and written as {form}: {rate:.1f} a second of the processor")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
