from __future__ import annotations

import math

import numpy as np
from peak_images import FWHM_PER_SIGMA, jittered_lattice, peaks_image

from atomsegnet.analysis.cramer_rao import TrueImage, cramer_rao_errors
from atomsegnet.analysis.matching import match
from atomsegnet.analysis.poisson_fit import fit_poisson
from atomsegnet.core.progress import silent

SIGMA = 2.6
WIDTH = SIGMA * FWHM_PER_SIGMA


def test_that_a_column_without_a_start_is_found_beside_a_strong_one() -> None:
    rng = np.random.default_rng(3)
    strong = jittered_lattice(260, 26, rng)
    weak = (strong + np.array([0.0, 1.15 * WIDTH]))[strong[:, 1] < 240][::5]
    heights = np.concatenate([np.full(len(strong), 300.0), np.full(len(weak), 60.0)])
    positions = np.concatenate([strong, weak])
    mean = peaks_image((260, 260), positions, sigma=SIGMA, amplitudes=heights, background=100.0)
    image = rng.poisson(mean).astype(np.float32)
    starts = strong + rng.normal(0, 0.3, strong.shape)
    fits = fit_poisson(image, starts, WIDTH, silent)
    found = match(fits.positions, positions, WIDTH / 2)
    assert found.missed_count == 0
    assert found.false_count == 0
    assert (fits.kept < 0).sum() == len(weak)
    bound = cramer_rao_errors(TrueImage(positions, heights, WIDTH, mean.astype(np.float64)))
    is_strong = found.true < len(strong)
    ratio = (found.errors / bound[found.true])[is_strong]
    assert math.sqrt(np.mean(ratio**2)) < 1.1


def test_that_the_other_column_of_a_pair_is_found() -> None:
    rng = np.random.default_rng(5)
    centers = jittered_lattice(240, 30, rng)
    half = np.array([0.0, 0.4 * WIDTH])
    positions = np.concatenate([centers - half, centers + half])
    mean = peaks_image((240, 240), positions, sigma=SIGMA, amplitudes=300.0, background=50.0)
    starts = positions[3:]
    fits = fit_poisson(rng.poisson(mean).astype(np.float32), starts, WIDTH, silent)
    found = match(fits.positions, positions, WIDTH / 2)
    assert found.missed_count == 0
    assert found.false_count == 0


def test_that_nothing_is_added_where_every_column_has_a_start() -> None:
    rng = np.random.default_rng(8)
    for _ in range(3):
        positions = jittered_lattice(240, 24, rng)
        mean = peaks_image((240, 240), positions, sigma=SIGMA, amplitudes=300.0, background=60.0)
        fits = fit_poisson(rng.poisson(mean).astype(np.float32), positions, WIDTH, silent)
        assert (fits.kept >= 0).all()
