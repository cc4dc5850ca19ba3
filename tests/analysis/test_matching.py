from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from atomsegnet.analysis.matching import match


def test_that_pairs_are_one_to_one() -> None:
    true = np.array([[0.0, 0.0], [0.0, 10.0]])
    found = np.array([[0.1, 10.0], [0.0, 0.3], [0.0, 0.1]])
    matching = match(found, true, 1.0)
    np.testing.assert_array_equal(matching.found, [0, 2])
    np.testing.assert_array_equal(matching.true, [1, 0])
    np.testing.assert_allclose(matching.errors, [[0.1, 0], [0, 0.1]])
    assert (matching.hit_count, matching.false_count, matching.missed_count) == (2, 1, 0)
    assert matching.precision == pytest.approx(2 / 3)
    assert matching.recall == 1
    assert matching.f1 == pytest.approx(0.8)
    assert matching.rms == pytest.approx((math.sqrt(0.005), math.sqrt(0.005)))
    assert matching.bias == pytest.approx((0.05, 0.05))


def test_that_as_many_pairs_as_possible_are_made() -> None:
    # The nearest pair would leave two columns alone.
    true = np.array([[0.0, 0.0], [0.0, 2.0]])
    found = np.array([[0.0, 0.9], [0.0, -0.9]])
    matching = match(found[:, :], np.array([[0.0, 0.0], [0.0, 1.8]]), 1.0)
    assert matching.hit_count == 2
    assert match(found, true, 0.5).hit_count == 0


@pytest.mark.parametrize("seed", range(8))
def test_that_the_best_of_all_matchings_is_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found, true = rng.uniform(0, 3, (5, 2)), rng.uniform(0, 3, (6, 2))
    tolerance = 1.0
    best = (0, 0.0)
    for chosen in itertools.permutations(range(6), 5):
        squares = ((found - true[list(chosen)]) ** 2).sum(axis=1)
        squares = squares[squares <= tolerance**2]
        best = max(best, (len(squares), -squares.sum()))
    matching = match(found, true, tolerance)
    assert matching.hit_count == best[0]
    assert np.sum(matching.errors**2) == pytest.approx(-best[1])


def test_that_exact_positions_match() -> None:
    positions = np.random.default_rng(1).uniform(0, 100, (50, 2))
    matching = match(positions[::-1], positions, 1e-3)
    assert matching.f1 == 1
    np.testing.assert_array_equal(matching.true, np.arange(50)[::-1])
    assert matching.rms == (0, 0)


def test_that_optional_columns_are_neither_false_nor_missed() -> None:
    true = np.array([[0.0, 0.0], [0.0, 10.0], [0.0, 20.0]])
    is_optional = np.array([True, False, True])
    matching = match(true[:2], true, 1.0, is_optional=is_optional)
    assert (matching.hit_count, matching.false_count, matching.missed_count) == (1, 0, 0)
    assert match(true[:1], true, 1.0, is_optional=is_optional).recall == 0


def test_that_nothing_can_be_matched_with_nothing() -> None:
    none, one = np.zeros((0, 2)), np.zeros((1, 2))
    assert match(none, none, 1.0).f1 == 1
    assert match(none, one, 1.0).recall == 0
    assert match(one, none, 1.0).precision == 0
    assert math.isnan(match(none, one, 1.0).rms[0])
    assert math.isnan(match(none, one, 1.0).bias[1])
