"""Whether a training brought something, told honestly."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from atomsegnet.core.comparison import (
    COMPARISON_NAME,
    Comparison,
    Measure,
    Verdict,
    read_comparison,
    write_comparison,
)


def f1(before: tuple[float, ...], after: tuple[float, ...]) -> Measure:
    return Measure("F1", before, after, is_more_better=True)


LOW = (0.7, 0.8, 0.6, 0.5, 0.75, 0.65)
HIGH = (0.8, 0.91, 0.73, 0.64, 0.9, 0.81)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (LOW, HIGH, Verdict.BETTER),
        (HIGH, LOW, Verdict.WORSE),
        (LOW, LOW, Verdict.UNCHANGED),
        # A gain in the mean, by two of the images.
        (LOW, (0.9, 0.99, 0.59, 0.48, 0.74, 0.63), Verdict.UNCHANGED),
        # Every image gains, and one of them is lost altogether.
        ((*LOW, *LOW, 0.3), (*HIGH, *HIGH, 0.0), Verdict.BETTER),
        # A gain of most images, and a loss in the mean.
        ((*LOW, 1.0), (*HIGH, 0.0), Verdict.UNCHANGED),
        # Certain, but too small to matter.
        (LOW, tuple(value + 0.001 for value in LOW), Verdict.UNCHANGED),
        # Three images prove nothing.
        (LOW[:3], HIGH[:3], Verdict.UNCHANGED),
        ((), (), Verdict.UNCHANGED),
        ((math.nan, *LOW), (0.1, *HIGH), Verdict.BETTER),
    ],
)
def test_that_only_a_credible_gain_counts(
    before: tuple[float, ...], after: tuple[float, ...], verdict: Verdict
) -> None:
    assert f1(before, after).verdict is verdict


def test_that_a_smaller_error_is_a_gain() -> None:
    assert Measure("pm", HIGH, LOW, is_more_better=False).verdict is Verdict.BETTER


def test_that_one_worse_figure_makes_a_worse_model() -> None:
    better = f1(LOW, HIGH)
    worse = Measure("pm", LOW, HIGH, is_more_better=False)
    comparison = Comparison("base", "mine", "Si [110]", (better, worse))
    assert comparison.verdict is Verdict.WORSE
    assert comparison.sentence() == (
        "mine is worse than base on 6 held-out images; better keep base."
    )


def test_that_no_gain_is_said_to_be_none() -> None:
    comparison = Comparison("base", "mine", "Si [110]", (f1((0.7, 0.8), (0.7, 0.8)),))
    assert "no better than base" in comparison.sentence()
    assert comparison.lines()[-1] == "| F1 | 0.75 | 0.75 | unchanged |"


def test_that_a_comparison_is_read_back(tmp_path: Path) -> None:
    written = Comparison("base", "mine", "Si", (f1((0.7, 0.8), (0.9, 1.0)),), ("one.png",))
    write_comparison(written, tmp_path)
    assert read_comparison(tmp_path) == written
    (tmp_path / COMPARISON_NAME).write_text("{")
    assert read_comparison(tmp_path) is None
    assert read_comparison(tmp_path / "nowhere") is None
