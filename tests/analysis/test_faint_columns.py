from __future__ import annotations

import numpy as np
from peak_images import peaks_image

from atomsegnet.analysis.faint_columns import are_faint_columns, without_columns
from atomsegnet.core.progress import silent

SIDE, SPACING, WIDTH = 200, 20.0, 7.0
COUNTS, FAINT = 900.0, 0.08


def lattice(offset: float) -> np.ndarray:
    steps = np.arange(12.0 + offset, SIDE - 10, SPACING)
    return np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)


def noisy(rng: np.random.Generator, *, with_faint: bool) -> np.ndarray:
    strong, faint = lattice(0.0), lattice(SPACING / 2)
    heights = np.concatenate([np.ones(len(strong)), np.full(len(faint), FAINT * with_faint)])
    everything = np.concatenate([strong, faint])
    image = peaks_image((SIDE, SIDE), everything, sigma=WIDTH / 2.3548, amplitudes=heights)
    return rng.poisson(COUNTS * (image + 0.2)).astype(np.float32)


def test_that_the_rest_shows_faint_columns_and_no_strong_ones() -> None:
    rng = np.random.default_rng(1)
    image = noisy(rng, with_faint=True)
    starts = lattice(0.0) + rng.normal(0, 0.5, (len(lattice(0.0)), 2))
    rest = without_columns(image, starts, 1.15 * WIDTH, silent)
    np.testing.assert_allclose(rest.positions, lattice(0.0), atol=0.3)
    assert abs(rest.width_px - WIDTH) < 0.2
    level = np.median(rest.image)
    strong, faint = (
        [rest.image[int(r) - 1 : int(r) + 2, int(c) - 1 : int(c) + 2].mean() for r, c in places]
        for places in (lattice(0.0), lattice(SPACING / 2))
    )
    assert abs(np.mean(strong) - level) < 0.02 * COUNTS
    assert np.mean(faint) - level > 0.05 * COUNTS


def test_that_faint_columns_count_where_the_crystal_repeats_them() -> None:
    rng = np.random.default_rng(2)
    image = noisy(rng, with_faint=True)
    rest = without_columns(image, lattice(0.0), WIDTH, silent)
    assert are_faint_columns(image, rest, lattice(SPACING / 2), silent).all()


def test_that_single_ones_do_not_count() -> None:
    rng = np.random.default_rng(3)
    image = noisy(rng, with_faint=True)
    rest = without_columns(image, lattice(0.0), WIDTH, silent)
    assert not are_faint_columns(image, rest, lattice(SPACING / 2)[::10], silent).any()


def test_that_what_is_no_higher_than_its_surroundings_does_not_count() -> None:
    rng = np.random.default_rng(4)
    image = noisy(rng, with_faint=False)
    rest = without_columns(image, lattice(0.0), WIDTH, silent)
    assert are_faint_columns(image, rest, lattice(SPACING / 2), silent).mean() < 0.05


def test_that_the_flank_of_a_column_does_not_count() -> None:
    rng = np.random.default_rng(5)
    # Wider peaks than the Gaussian that is taken out leave a ring around each column.
    tails = peaks_image((SIDE, SIDE), lattice(0.0), sigma=1.6 * WIDTH / 2.3548, amplitudes=0.2)
    image = noisy(rng, with_faint=False) + COUNTS * tails
    rest = without_columns(image, lattice(0.0), WIDTH, silent)
    assert not are_faint_columns(image, rest, lattice(0.6 * WIDTH), silent).any()


def test_that_far_from_the_crystal_and_among_few_columns_nothing_counts() -> None:
    rng = np.random.default_rng(6)
    image = noisy(rng, with_faint=True)
    left = lattice(0.0)[lattice(0.0)[:, 1] < 100]
    rest = without_columns(image, left, WIDTH, silent)
    far = lattice(SPACING / 2)[lattice(SPACING / 2)[:, 1] > 130]
    assert not are_faint_columns(image, rest, far, silent).any()
    few = without_columns(image, left[:20], WIDTH, silent)
    assert not are_faint_columns(image, few, lattice(SPACING / 2), silent).any()
