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


def test_that_the_automatic_threshold_of_an_empty_map_is_not_within_its_noise() -> None:
    rng = np.random.default_rng(1)
    noise = rng.uniform(0, 0.01, (64, 64)).astype(np.float32)
    assert automatic_threshold(noise) == LOWEST_AUTOMATIC_THRESHOLD


def test_that_a_constant_map_has_a_threshold() -> None:
    assert automatic_threshold(np.zeros((8, 8), np.float32)) == HIGHEST_AUTOMATIC_THRESHOLD


def test_that_the_automatic_threshold_lies_between_two_values() -> None:
    values = np.zeros((300, 10), np.float32)
    values[::3] = map_value(0.9)
    assert LOWEST_AUTOMATIC_THRESHOLD <= automatic_threshold(values) <= HIGHEST_AUTOMATIC_THRESHOLD
