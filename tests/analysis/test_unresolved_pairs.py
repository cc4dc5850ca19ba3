from __future__ import annotations

import numpy as np
import pytest

from atomsegnet.analysis.unresolved_pairs import find_unresolved_pairs

SIDE, SPACING, WIDTH, DISTANCE = 200, 20.0, 8.0, 0.8
ANGLE = 0.6  # of the pairs against the rows [rad]
NOISE = 0.1  # of the height of a column


def places() -> np.ndarray:
    steps = np.arange(SPACING / 2, SIDE, SPACING)
    return np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)


def image_of(shape: str) -> np.ndarray:
    """Return pairs, single long columns of the same covariance, or single round ones; noisy."""
    along = np.array([np.cos(ANGLE), np.sin(ANGLE)])
    sigma = WIDTH / np.sqrt(8 * np.log(2))
    half = DISTANCE * WIDTH / 2
    row, column = np.mgrid[:SIDE, :SIDE]
    image = np.full((SIDE, SIDE), 0.2)
    for center in places():
        y, x = row - center[0], column - center[1]
        length, width = y * along[0] + x * along[1], y * along[1] - x * along[0]
        side = np.exp(-0.5 * (width / sigma) ** 2)
        if shape == "pairs":
            for sign in (-1, 1):
                image += side * np.exp(-0.5 * ((length + sign * half) / sigma) ** 2)
        else:
            variance = sigma**2 + (half**2 if shape == "long" else 0)
            image += 1.2 * side * np.exp(-0.5 * length**2 / variance)
    noise = np.random.default_rng(3).normal(0, NOISE, image.shape)
    return (image + noise).astype(np.float32)


def test_that_the_columns_of_pairs_are_told_apart() -> None:
    starts = places() + np.random.default_rng(5).normal(0, 0.3, places().shape)
    pairs = find_unresolved_pairs(image_of("pairs"), starts, 1.1 * WIDTH, lambda _: None)
    inside = np.flatnonzero(((starts > WIDTH) & (starts < SIDE - WIDTH)).all(axis=1))
    assert np.isin(inside, pairs.columns).mean() > 0.98
    half = DISTANCE * WIDTH / 2 * np.array([np.cos(ANGLE), np.sin(ANGLE)])
    middle = places()[pairs.columns]
    for sign in (-1, 1):  # either of the two may come first
        distance = np.linalg.norm(pairs.halves - (middle + sign * half)[:, None], axis=2)
        assert np.median(distance.min(axis=1)) < 0.15 * WIDTH
        assert distance.min(axis=1).max() < 0.4 * WIDTH


@pytest.mark.parametrize("shape", ["long", "round"])
def test_that_single_columns_stay_single(shape: str) -> None:
    pairs = find_unresolved_pairs(image_of(shape), places(), 1.1 * WIDTH, lambda _: None)
    assert len(pairs.columns) == 0
    assert pairs.halves.shape == (0, 2, 2)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_that_few_columns_are_taken_as_they_are(count: int) -> None:
    pairs = find_unresolved_pairs(image_of("pairs"), places()[:count], WIDTH, lambda _: None)
    assert len(pairs.columns) == 0
