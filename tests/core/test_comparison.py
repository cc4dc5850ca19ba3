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


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ((0.7, 0.8, 0.6), (0.8, 0.9, 0.7), Verdict.BETTER),
        ((0.8, 0.9, 0.7), (0.7, 0.8, 0.6), Verdict.WORSE),
        ((0.7, 0.8, 0.6), (0.7, 0.8, 0.6), Verdict.UNCHANGED),
        # A mean gain of 0.03 whose standard error is 0.09.
        ((0.7, 0.8, 0.6), (0.9, 0.7, 0.59), Verdict.UNCHANGED),
        # Certain, but too small to matter.
        ((0.7, 0.8, 0.6), (0.701, 0.801, 0.601), Verdict.UNCHANGED),
        # A single image proves nothing.
        ((0.1,), (0.9,), Verdict.UNCHANGED),
        ((0.7, math.nan, 0.6), (0.8, 0.1, 0.7), Verdict.BETTER),
    ],
)
def test_that_only_a_credible_gain_counts(
    before: tuple[float, ...], after: tuple[float, ...], verdict: Verdict
) -> None:
    assert f1(before, after).verdict is verdict


def test_that_a_smaller_error_is_a_gain() -> None:
    assert Measure("pm", (20, 30, 25), (10, 20, 15), is_more_better=False).verdict is Verdict.BETTER


def test_that_one_worse_figure_makes_a_worse_model() -> None:
    better = f1((0.7, 0.8, 0.6), (0.8, 0.9, 0.7))
    worse = Measure("pm", (10, 20, 15), (20, 30, 25), is_more_better=False)
    comparison = Comparison("base", "mine", "Si [110]", (better, worse))
    assert comparison.verdict is Verdict.WORSE
    assert comparison.sentence() == (
        "mine is worse than base on 3 held-out images; better keep base."
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
