from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from atomsegnet.analysis.calibration import (
    HIGHEST_AUTOMATIC_THRESHOLD,
    LOWEST_AUTOMATIC_THRESHOLD,
    automatic_threshold,
    calibrated,
    map_value,
)


@pytest.mark.parametrize("probability", [0.05, 0.3, 0.5, 0.9])
def test_that_calibration_undoes_what_minimizing_the_loss_does(probability: float) -> None:
    def expected_loss(p: float) -> float:
        return probability * (p - 1) ** 2 / 1.1 + (1 - probability) * p**2 / 0.1

    answer = minimize_scalar(expected_loss, bounds=(0, 1), options={"xatol": 1e-9}).x
    assert calibrated(np.float32([answer]))[0] == pytest.approx(probability, abs=1e-4)
    assert map_value(probability) == pytest.approx(answer, abs=1e-6)


def test_that_a_column_that_is_there_half_the_time_is_answered_with_a_twelfth() -> None:
    # 0.08 was seen in training.
    assert map_value(0.5) == pytest.approx(1 / 12)


def test_that_calibration_keeps_both_ends_and_clips_what_is_outside() -> None:
    np.testing.assert_allclose(calibrated(np.float32([-0.1, 0, 1, 1.2])), [0, 0, 1, 1])


def test_that_too_few_maxima_to_tell_apart_have_a_threshold() -> None:
    for maxima in ([], [0.4], [0.9, 0.2, 0.6], [0.9] * 50):
        found = automatic_threshold(np.array(maxima, np.float32))
        assert found == LOWEST_AUTOMATIC_THRESHOLD


def test_that_the_threshold_parts_sure_from_doubtful_maxima() -> None:
    rng = np.random.default_rng(3)
    sure, doubtful = rng.uniform(0.85, 1.0, 300), rng.uniform(0.15, 0.45, 100)
    found = automatic_threshold(np.concatenate([sure, doubtful]).astype(np.float32))
    assert 0.6 <= found <= 0.7


def test_that_the_automatic_threshold_stays_inside_its_limits() -> None:
    low = automatic_threshold(np.array([0.16, 0.17, 0.2, 0.21] * 9, np.float32))
    high = automatic_threshold(np.array([0.8, 0.81, 0.99, 0.98] * 9, np.float32))
    assert (low, high) == (LOWEST_AUTOMATIC_THRESHOLD, HIGHEST_AUTOMATIC_THRESHOLD)
