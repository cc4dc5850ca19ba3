"""Write what a benchmark measured: a page in Markdown, a table as CSV, figures."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from atomsegnet import __version__
from atomsegnet.analysis.joint_columns import JOINT, JOINT_WITH_LINES
from atomsegnet.core.provenance import utc_now
from atomsegnet.io.benchmark_figure import Series, write_benchmark_figure
from atomsegnet.io.safe_write import safely_written
from atomsegnet.tasks.benchmark import Benchmark, Score
from atomsegnet.tasks.benchmark_methods import ATOMAP, FASTER_RCNN

PAGE, TABLE, FIGURE = "benchmark.md", "benchmark.csv", "benchmark.png"

FIELDS = (
    "case", "crystal", "psnr_db", "width_px", "jitter_px", "seed", "method", "f1", "compared",
    "bias_px", "sigma_px", "bound_px", "ratio", "slope", "seconds",
)  # fmt: skip

# The method whose shortcomings are listed, and from where on it has some.
_OURS = JOINT
_LARGEST_RATIO = 1.10
_LARGEST_BIAS_PX = 0.02

_COMPARED = ("otsu-centroid", "weighted-centroid", "gaussian-2d", JOINT, ATOMAP)
_SHOWN = (*_COMPARED, JOINT_WITH_LINES)


def write_benchmark(
    folder: Path, measured: Benchmark, *, machine: str, command: str, overwrite: bool = False
) -> list[Path]:
    """Write page, table and figure into a folder and return their paths.

    Parameters
    ----------
    folder : Path
        A folder that is there.
    measured : Benchmark
        What was measured.
    machine, command : str
        Where and how, for the page.
    overwrite : bool
        Whether files of these names may be replaced.

    Raises
    ------
    WriteError
        A file exists or cannot be written.
    """
    paths = [folder / PAGE, folder / TABLE, folder / FIGURE]
    with safely_written(paths[0], overwrite=overwrite) as temporary:
        temporary.write_text(page(measured, machine, command), encoding="utf-8")
    with safely_written(paths[1], overwrite=overwrite) as temporary:
        temporary.write_text(_table(measured), encoding="utf-8", newline="")
    write_benchmark_figure(paths[2], *_series(measured), overwrite=overwrite)
    return paths


def page(measured: Benchmark, machine: str, command: str) -> str:
    """Return the page in Markdown."""
    cases = len({score.case for score in measured.scores})
    images = sum(case.images for case in {score.case for score in measured.scores})
    columns = sum(s.compared for s in measured.scores if s.method == measured.scores[0].method)
    lines = [
        "# Benchmark",
        "",
        f"Measured {utc_now()} by `{command}`, version {__version__}, on {machine}.",
        "",
        f"{cases} cases, {images} simulated images, {columns} columns compared; the images of a "
        "case differ by their noise alone. CdTe, Fe, CeO2 and RuO2 were kept "
        "out of every training; silicon was not. Every column is displaced at random by 10 pm "
        "along x and along y.",
        "The columns are found by the network from the image alone and each method starts from "
        "there, atomap too. Error, bias and slope are of the same columns for all methods: "
        "those that can be seen, are not cut by the border, and were found by all. "
        f"{FASTER_RCNN} has no say in that and is compared on those of them that it found itself. "
        "F1 counts what "
        "a method lost or added itself, but not what it found at the very border, where columns "
        "beyond it reach in.",
        "",
        "## Precision",
        "",
        "Error over bound: root mean square error of a coordinate over that of the Cramér-Rao "
        "bound of the image, all columns, their common width and a curved background unknown; "
        "geometric mean over the cases, and the worst. A ratio is uncertain by one over "
        "twice the root of the number of columns, 2.5 % for 400, so that some lie below 1. "
        "Slope: found against true displacement; "
        "below 1, columns are pulled onto the lattice that a network expects. Seconds are "
        "processor time for one image beyond the finding, with the run of a model where there is "
        "one.",
        "",
        *_precision(measured.scores, measured.missing),
        "",
        *_case_lines(measured.scores),
        "",
        *_against(measured),
        "",
        "## Where it falls short",
        "",
        *_shortfalls(measured),
        "",
        "## Line jitter of 0.5 px",
        "",
        "The truth is where columns are, not where the jitter put them; the bound is that of the "
        "image without jitter, so that a ratio of 1 cannot be reached.",
        "",
        *_precision(measured.jittered, {}),
        "",
        *_case_lines(measured.jittered),
        "",
        *_against_without_lines(measured),
        "",
        "## Restoration",
        "",
        "Peak signal-to-noise ratio against the image that a model should make, gain and offset "
        "matched, mean over the images. The filters are told which of their settings is best for "
        "each image; where the background is to go, a blurred image is subtracted from theirs.",
        "",
        *_restoration(measured),
        "",
        "## Speed",
        "",
        *_rows(
            ("step", "seconds", "processor seconds"),
            ((t.subject, f"{t.wall_s:.2f}", f"{t.processor_s:.2f}") for t in measured.timings),
        ),
        "",
        f"![Error over bound and slope of each image]({FIGURE})",
        "",
    ]
    return "\n".join(lines)


def _methods(scores: Sequence[Score]) -> list[str]:
    return list(dict.fromkeys(score.method for score in scores))


def _precision(scores: Sequence[Score], missing: dict[str, str]) -> list[str]:
    """Return the table of the methods, one line each."""
    rows = []
    for method in _methods(scores):
        own = [s for s in scores if s.method == method and s.compared > 0]
        if not own:
            rows.append((method, "no column was found by all", "", "", "", "", ""))
            continue
        ratios = np.array([s.ratio for s in own])
        slopes = [s.slope for s in own]
        f1 = [s.f1 for s in own]
        rows.append(
            (
                method,
                f"{np.mean(f1):.3f} / {min(f1):.3f}",
                f"{math.exp(float(np.mean(np.log(ratios)))):.3f} / {ratios.max():.3f}",
                f"{np.mean([s.sigma_px for s in own]):.4f}",
                f"{max(s.bias_px for s in own):.4f}",
                f"{np.mean(slopes):.3f} ({min(slopes):.2f} to {max(slopes):.2f})",
                f"{np.mean([s.seconds for s in own]):.2f}",
            )
        )
    rows += [(name, reason, "", "", "", "", "") for name, reason in missing.items()]
    names = (
        "method", "F1 mean / worst", "error over bound mean / worst", "error [px]",
        "largest bias [px]", "slope (range)", "seconds",
    )  # fmt: skip
    return _rows(names, rows)


def _case_lines(scores: Sequence[Score]) -> list[str]:
    """Return the error over the bound of each case by each method that measures."""
    methods = [name for name in _methods(scores) if name in _SHOWN]
    of = {(score.case, score.method): score for score in scores}
    rows = []
    for case in dict.fromkeys(score.case for score in scores):
        first = of[case, methods[0]]
        ratios = [f"{of[case, name].ratio:.2f}" for name in methods]
        bias = f"{of[case, _OURS].bias_px:.4f}"
        rows.append((case.label, str(first.compared), f"{first.bound_px:.4f}", *ratios, bias))
    return _rows(("case", "columns", "bound [px]", *methods, f"bias of {_OURS} [px]"), rows)


def _gains(scores: Sequence[Score], ours: str, other: str) -> list[float]:
    """Return by which part the error of one method is lower than another's, case by case."""
    of = {(score.case, score.method): score for score in scores if score.compared > 0}
    cases = [case for case, method in of if method == ours and (case, other) in of]
    return [1 - of[case, ours].sigma_px / of[case, other].sigma_px for case in cases]


def _against(measured: Benchmark) -> list[str]:
    """Return by how much the joint fit is better than the others in use."""
    lines = []
    for other in ("gaussian-2d", ATOMAP):
        gains = _gains(measured.scores, _OURS, other)
        if gains:
            lines.append(
                f"The error of {_OURS} is lower than that of {other} in "
                f"{sum(gain > 0 for gain in gains)} of {len(gains)} cases, by "
                f"{100 * np.mean(gains):.0f} % in the mean and {100 * min(gains):.0f} % at least."
            )
    return [" ".join(lines)]


def _against_without_lines(measured: Benchmark) -> list[str]:
    gains = _gains(measured.jittered, JOINT_WITH_LINES, _OURS)
    still = _gains(measured.scores, JOINT_WITH_LINES, _OURS)
    if not gains or not still:
        return []
    return [
        f"With the displacements of lines fitted, the error of {_OURS} is lower by "
        f"{100 * np.mean(gains):.0f} % in the mean, {100 * min(gains):.0f} to "
        f"{100 * max(gains):.0f} %; on the images without jitter it is lower by "
        f"{100 * min(still):.1f} to {100 * max(still):.1f} %."
    ]


def _shortfalls(measured: Benchmark) -> list[str]:
    """Return a line for each image on which the joint fit or a model is not what it should be."""
    lines = []
    for score in (item for item in measured.scores if item.method == _OURS):
        doubt = 2 * score.sigma_px / math.sqrt(max(score.compared, 1))
        others = [s for s in measured.scores if s.case == score.case and s.method in _COMPARED]
        best = min(others, key=lambda other: other.sigma_px)
        if best is not score:
            lines.append(f"{score.case.label}: {best.method} is better than {_OURS}")
        if score.ratio > _LARGEST_RATIO:
            lines.append(f"{score.case.label}: error {score.ratio:.2f} times the bound by {_OURS}")
        if score.bias_px > _LARGEST_BIAS_PX and score.bias_px > doubt:
            lines.append(f"{score.case.label}: bias {score.bias_px:.3f} px by {_OURS}")
    for item in measured.restorations:
        if item.model_db < max(item.gaussian_db, item.means_db):
            lines.append(f"{item.case.label}: a filter is better than {item.model}")
    return [f"- {line}." for line in lines] or ["Nowhere, by the limits that are looked at."]


def _restoration(measured: Benchmark) -> list[str]:
    rows = []
    for model in dict.fromkeys(item.model for item in measured.restorations):
        own = [item for item in measured.restorations if item.model == model]
        best = [max(item.gaussian_db, item.means_db) for item in own]
        wins = sum(item.model_db > filter_db for item, filter_db in zip(own, best, strict=True))
        means = [
            float(np.mean([getattr(item, name) for item in own]))
            for name in ("raw_db", "model_db", "gaussian_db", "means_db")
        ]
        rows.append((model, *(f"{value:.1f}" for value in means), f"{wins} of {len(own)}"))
    names = (
        "target of", "raw [dB]", "model [dB]", "best Gaussian [dB]", "best non-local means [dB]",
        "images where the model is best",
    )  # fmt: skip
    return _rows(names, rows)


def _rows(names: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]


def _table(measured: Benchmark) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    for score in (*measured.scores, *measured.jittered):
        case = score.case
        writer.writerow(
            (
                case.label, case.name, f"{case.psnr_db:g}", f"{case.width_px:.4f}",
                f"{case.jitter_px:g}", case.seed, score.method, f"{score.f1:.5f}", score.compared,
                f"{score.bias_px:.6f}", f"{score.sigma_px:.6f}", f"{score.bound_px:.6f}",
                f"{score.ratio:.5f}", f"{score.slope:.5f}", f"{score.seconds:.4f}",
            )
        )  # fmt: skip
    return text.getvalue()


def _series(measured: Benchmark) -> tuple[list[Series], list[Series]]:
    """Return error over bound, and slope, of each image: one series for each method."""
    ratios, slopes = [], []
    for method in _methods(measured.scores):
        if method == JOINT_WITH_LINES:  # without jitter the dots lie upon those of the joint fit
            continue
        own = [score for score in measured.scores if score.method == method]
        if method in (*_SHOWN, FASTER_RCNN):
            ratios.append(Series(method, tuple(score.ratio for score in own)))
        if method != FASTER_RCNN:  # nine colors can be told apart, not ten
            slopes.append(Series(method, tuple(score.slope for score in own)))
    return ratios, slopes
