"""Contrast, histograms, gray levels, pyramids."""

from __future__ import annotations

import numpy as np
import pytest

from atomsegnet.core.contrast import (
    Limits,
    automatic_limits,
    gray_levels,
    histogram,
    ordered_limits,
    sorted_sample,
)
from atomsegnet.core.picture import make_picture


def ramp(count: int = 1001) -> np.ndarray:
    return np.linspace(0, 1000, count, dtype=np.float32)


def test_that_automatic_limits_leave_out_equal_tails() -> None:
    assert automatic_limits(ramp(), 2.0) == Limits(10.0, 990.0)


def test_that_nothing_saturates_when_nothing_may() -> None:
    assert automatic_limits(ramp(), 0.0) == Limits(0.0, 1000.0)


@pytest.mark.parametrize("value", [0.0, 7.0, -3e6, 1e30])
def test_that_a_constant_image_has_limits_with_room_between(value: float) -> None:
    limits = automatic_limits(np.full(10, value, dtype=np.float32), 1.0)
    assert limits.low < limits.high


def test_that_limits_are_put_in_order() -> None:
    assert ordered_limits(5.0, 2.0) == Limits(2.0, 5.0)


def test_that_every_value_is_counted_once() -> None:
    counts = histogram(ramp())
    assert counts.counts.sum() == 1001
    assert (counts.low, counts.high) == (-0.5, counts.low + 1004)


def test_that_whole_numbers_make_no_comb() -> None:
    sample = np.sort(np.tile(np.arange(65, 266, dtype=np.float32), 5))
    counts = histogram(sample)
    assert set(counts.counts.tolist()) == {5}


def test_that_fractions_are_counted_from_the_smallest_to_the_largest() -> None:
    counts = histogram(np.array([0.25, 0.5, 0.75], dtype=np.float32), bins=2)
    assert (counts.low, counts.high) == (0.25, 0.75)
    assert counts.counts.tolist() == [1, 2]


@pytest.mark.parametrize("value", [0.0, 7.0, -3e6, 1e30])
def test_that_a_constant_image_has_a_histogram(value: float) -> None:
    assert histogram(np.full(10, value, dtype=np.float32)).counts.sum() == 10


def test_that_gray_levels_span_the_limits_and_saturate_beyond() -> None:
    image = np.array([[-5.0, 0.0, 50.0, 100.0, 900.0]], dtype=np.float32)
    assert gray_levels(image, Limits(0.0, 100.0)).tolist() == [[0, 0, 127, 255, 255]]


def test_that_a_large_image_is_sampled_and_a_small_one_is_not() -> None:
    small = np.arange(12, dtype=np.float32).reshape(3, 4)[::-1]
    assert sorted_sample(small).tolist() == list(range(12))
    large = np.zeros((2048, 2048), dtype=np.float32)
    assert sorted_sample(large).size <= 2**18


def test_that_each_level_of_a_picture_is_the_mean_of_the_one_before() -> None:
    image = np.random.default_rng(1).random((257, 301)).astype(np.float32)
    picture = make_picture(image)
    assert picture.image is image
    assert [level.shape for level in picture.levels] == [(257, 301), (128, 150), (64, 75)]
    assert picture.levels[1][3, 5] == pytest.approx(image[6:8, 10:12].mean(), rel=1e-6)
    assert all(level.dtype == np.float32 for level in picture.levels)


def test_that_repeated_automatic_contrast_saturates_more_and_starts_over() -> None:
    picture = make_picture(np.arange(10000, dtype=np.float32).reshape(100, 100))
    widths = [limits.high - limits.low for limits in map(picture.limits, range(5))]
    assert widths[0] > widths[1] > widths[2] > widths[3]
    assert widths[4] == widths[0]


def test_that_gamma_bends_what_lies_between_the_limits() -> None:
    image = np.array([[-5.0, 0.0, 25.0, 50.0, 100.0, 300.0]], dtype=np.float32)
    limits = Limits(0.0, 100.0)
    assert gray_levels(image, limits, 0.5).tolist() == [[0, 0, 127, 180, 255, 255]]
    assert gray_levels(image, limits, 2.0).tolist() == [[0, 0, 15, 63, 255, 255]]
    assert np.array_equal(gray_levels(image, limits, 1.0), gray_levels(image, limits))
