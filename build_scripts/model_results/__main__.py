"""Measure the five models on simulations of crystals no training saw.

Writes docs/models.md and the card of every model.

    python build_scripts/model_results [--images N] [--workers N]

With the 200 images a row that the page is made of, this takes about an hour on two cores.
"""

from __future__ import annotations

import argparse
import datetime
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # the images run side by side

import cards
import detection
import honesty
import restoration
import rows
from cases import Result
from standard_errors import RECORDINGS

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
MEASURES: tuple[tuple[Callable[[int], Result], rows.Summary], ...] = (
    (detection.held_out_f1, rows.held_out),
    (detection.mask_f1, rows.mask),
    (detection.particle_rim, rows.particles),
    (detection.weak_columns, rows.weak),
    (detection.dumbbells, rows.dumbbells),
    (detection.rescaled, rows.rescaled),
    (detection.interfaces, rows.interfaces),
    (restoration.denoised, rows.denoised),
    (restoration.denoised_counts, rows.denoised_counts),
    (restoration.without_background, rows.without_background),
    (restoration.sharpened, rows.sharpened),
    (honesty.empty, rows.empty),
    (honesty.fringes, rows.fringes),
    (honesty.displaced, rows.displaced),
)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=200, help="images of each row")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--only", nargs="*", default=[], help="names of measures; prints them only")
    given = parser.parse_args()
    lines: list[str] = []
    measured: dict[str, list[Result]] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(given.workers, mp_context=context) as pool:
        for measure, summary in MEASURES:
            if given.only and measure.__name__ not in given.only:
                continue
            started = time.monotonic()
            count = given.images * (2 if measure is honesty.empty else 1)  # four kinds
            results = list(pool.map(measure, range(count), chunksize=4))
            measured[measure.__name__] = results
            for row in summary(results):
                lines.append(row.markdown())
                sys.stdout.write(f"{row.markdown()}\n")
            sys.stdout.write(f"{measure.__name__}: {time.monotonic() - started:.0f} s\n")
            sys.stdout.flush()
    if not given.only:
        PAGE.write_text(page(lines, given.images), encoding="utf-8")
        cards.write(measured)


def page(lines: list[str], images: int) -> str:
    """Return the page."""
    today = datetime.datetime.now(datetime.UTC)
    return "\n".join(
        [
            "# The models, measured",
            "",
            f"Measured {today:%Y-%m-%d} by `python build_scripts/model_results --images {images}` "
            f"on {os.cpu_count()} cores of {platform.machine()}. Simulated images of 256 px, "
            f"{images} in each row ({images // 2} of each kind of empty frame) of CdTe [110], Fe "
            "[111], CeO2 [001] and RuO2 [001], which no training saw, unless the row names others; "
            "columns 2.5 to 16 px wide, pixels of 5 to 30 pm, scan jitter and detector faults as "
            "in training. The program is told nothing but the image.",
            "",
            "| measure | must reach | measured | reached |",
            "|---|---|---|---|",
            *lines,
            "",
            "A column is to be found if it is seven of its own standard errors high and farther "
            "than 0.6 column widths (more beside much stronger ones) from any stronger one; others "
            "may be found or not. The standard error is the standard deviation of the heights that "
            f"a fit of all columns at once, linearized at the truth, gives for {RECORDINGS} "
            "recordings of the same scene, each with other counts, other scan noise and another "
            "film. Columns that stronger ones hide are seen in a second look at the image without "
            "those. The best strength of each classical filter is chosen for each image knowing "
            "the truth.",
            "",
        ]
    )


if __name__ == "__main__":
    main()
