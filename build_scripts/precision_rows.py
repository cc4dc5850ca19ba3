"""Rows about precision: what `atomsegnet benchmark` measured, and spacings of a micrograph."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from atomsegnet.core.micrograph import PixelSize
from atomsegnet.io.read import read
from atomsegnet.tasks.lattice import lattice_of
from atomsegnet.tasks.locate import locate
from result_rows import Row

OURS, LINES = "poisson-ml", "poisson-ml-lines"
# The best that the paper has, of its network (Sci. Rep. 11, 5386 (2021), Fig. 11), along x and y.
BAR_PM = (7.14, 6.78)
PIXEL_NM = 0.0094


def benchmark_rows(table: Path) -> list[Row]:
    """Compare a table that `atomsegnet benchmark` wrote with what must be reached."""
    with table.open(encoding="utf-8", newline="") as opened:
        lines = list(csv.DictReader(opened))
    still = [line for line in lines if float(line["jitter_px"]) == 0]
    shaken = [line for line in lines if float(line["jitter_px"]) > 0]
    ratio = _by_case(still, OURS, "ratio")
    mean = float(np.exp(np.mean(np.log(list(ratio.values())))))
    bias = max(_by_case(still, OURS, "bias_px").values())
    slopes = [s for line, s in _lines_of(still, OURS, "slope") if float(line["psnr_db"]) <= 25]
    gains = _gains(shaken, LINES, OURS)
    worst = max(ratio.values())
    return [
        Row(
            f"error over bound, {len(ratio)} cases, 15 to 30 dB",
            "1.05 in the mean, 1.10 in each",
            f"{mean:.3f}, worst {worst:.3f}",
            mean <= 1.05 and worst < 1.10,
        ),
        *(_against(still, other) for other in ("gaussian-2d", "atomap")),
        Row("bias", "below 0.02 px in each case", f"at most {bias:.4f} px", bias < 0.02),
        Row(
            "slope of found against true displacement, 15 to 25 dB",
            "0.95 to 1.05",
            f"{min(slopes):.3f} to {max(slopes):.3f}",
            min(slopes) >= 0.95 and max(slopes) <= 1.05,
        ),
        Row(
            "0.5 px line jitter, fitted against not",
            "at least 20 % lower error",
            f"{np.mean(gains):.1f} % in the mean, {min(gains):.0f} to {max(gains):.0f} %",
            float(np.mean(gains)) >= 20,
        ),
    ]


def _lines_of(
    lines: list[dict[str, str]], method: str, field: str
) -> list[tuple[dict[str, str], float]]:
    return [(line, float(line[field])) for line in lines if line["method"] == method]


def _by_case(lines: list[dict[str, str]], method: str, field: str) -> dict[str, float]:
    return {line["case"]: value for line, value in _lines_of(lines, method, field)}


def _gains(lines: list[dict[str, str]], ours: str, other: str) -> list[float]:
    """Return by how many percent the error is lower in each case."""
    one, two = (_by_case(lines, method, "sigma_px") for method in (ours, other))
    return [100 * (1 - one[case] / two[case]) for case in one]


def _against(lines: list[dict[str, str]], other: str) -> Row:
    gains = _gains(lines, OURS, other)
    better = sum(gain > 0 for gain in gains)
    ratio = 100 * (1 - float(np.exp(np.mean(np.log(1 - np.array(gains) / 100)))))
    return Row(
        f"error against {other}",
        "lower in each case, by 15 % in the mean",
        f"lower in {better} of {len(gains)}, by {ratio:.0f} % in the mean",
        better == len(gains) and ratio >= 15,
    )


def spacing_row(micrograph: Path) -> Row:
    """Measure the spacings of equivalent columns, no pair left out."""
    located = locate(read(micrograph), method=LINES)
    shape = located.micrograph.shape
    found = lattice_of(located.columns, PixelSize(PIXEL_NM, PIXEL_NM), (shape[0], shape[1]))
    along_a, along_b = found.spacings
    measured = ", ".join(
        f"{1000 * spacing.sd:.2f} pm along {axis} ({1000 * spacing.mean:.0f} pm, "
        f"{spacing.count} pairs)"
        for axis, spacing in (("x", along_a), ("y", along_b))
    )
    return Row(
        f"{micrograph.name}, standard deviation of the spacings, lines fitted",
        f"below {BAR_PM[0]:.2f} pm along x and {BAR_PM[1]:.2f} pm along y",
        measured,
        all(1000 * item.sd < bar for item, bar in zip(found.spacings, BAR_PM, strict=True)),
    )
