from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from peak_images import FWHM_PER_SIGMA, peaks_image

from atomsegnet.analysis.cramer_rao import TrueImage, cramer_rao_errors
from atomsegnet.analysis.poisson_fit import fit_poisson
from atomsegnet.core.progress import silent

SIGMA = 2.6
POSITION = np.array([[20.3, 19.8]])


def isolated(amplitude: float, background: float) -> TrueImage:
    mean = peaks_image((41, 41), POSITION, sigma=SIGMA, amplitudes=amplitude, background=background)
    variance = mean.astype(np.float64) + 1e-9
    return TrueImage(POSITION, np.array([amplitude]), SIGMA * FWHM_PER_SIGMA, variance)


def test_that_the_bound_is_the_closed_form_on_a_bright_background() -> None:
    # White noise of variance B: sigma_x^2 = 2 B / (pi A^2) in units of the pixel, whatever the
    # width (J. J. Condon, Publ. Astron. Soc. Pac. 109, 166 (1997), doi 10.1086/133871, eq. 20, 21).
    bound = cramer_rao_errors(isolated(1000.0, 1e6))
    np.testing.assert_allclose(bound, math.sqrt(2e6 / math.pi) / 1000, rtol=1e-3)


def test_that_the_bound_is_the_closed_form_without_a_background() -> None:
    # Counts N: sigma / sqrt(N) (K. I. Mortensen et al., Nat. Methods 7, 377 (2010), doi
    # 10.1038/nmeth.1447).
    bound = cramer_rao_errors(isolated(2000.0, 0.0))
    counts = 2 * math.pi * SIGMA**2 * 2000
    np.testing.assert_allclose(bound, SIGMA / math.sqrt(counts), rtol=1e-3)


def test_that_a_neighbor_raises_the_bound_and_a_known_width_lowers_it() -> None:
    width = SIGMA * FWHM_PER_SIGMA
    pair = np.array([[20.0, 17.0], [20.0, 17.0 + 0.8 * width]])
    mean = peaks_image((41, 41), pair, sigma=SIGMA, amplitudes=500.0, background=100.0)
    true = TrueImage(pair, np.full(2, 500.0), width, mean.astype(np.float64))
    both = cramer_rao_errors(true)
    alone = cramer_rao_errors(isolated(500.0, 100.0))
    assert np.all(both[:, 1] > 1.2 * alone[0, 1])
    assert np.all(cramer_rao_errors(replace(true, is_width_known=True))[:, 1] < both[:, 1])


def test_that_repeated_fits_of_an_isolated_column_scatter_as_the_bound_says() -> None:
    rng = np.random.default_rng(1)
    true = isolated(200.0, 50.0)
    found = []
    for _ in range(30):
        image = rng.poisson(true.variance).astype(np.float32)
        found.append(fit_poisson(image, POSITION, true.width_px, silent).positions[0])
    scatter = np.sqrt(np.mean((np.array(found) - POSITION) ** 2))
    assert scatter == pytest.approx(cramer_rao_errors(true).mean(), rel=0.25)


def test_that_fits_of_an_overlapping_pair_scatter_as_the_joint_bound_says() -> None:
    # Maximum likelihood by a solver that knows nothing of the bound: heights, positions, common
    # width and background of two peaks 1.1 widths apart, one of them a third as high.
    from scipy.optimize import least_squares

    rng = np.random.default_rng(5)
    sigma, shape = 2.0, (23, 29)
    width = sigma * FWHM_PER_SIGMA
    pair = np.array([[11.2, 11.7], [11.2, 11.7 + 1.1 * width]])
    heights = np.array([900.0, 300.0])
    rows, columns = np.indices(shape, dtype=np.float64)

    def expected(parameters: np.ndarray) -> np.ndarray:
        h1, y1, x1, h2, y2, x2, s, level = parameters
        first = h1 * np.exp(-((rows - y1) ** 2 + (columns - x1) ** 2) / (2 * s**2))
        second = h2 * np.exp(-((rows - y2) ** 2 + (columns - x2) ** 2) / (2 * s**2))
        return first + second + level

    true = np.array([heights[0], *pair[0], heights[1], *pair[1], sigma, 60.0])
    mean = expected(true)
    found = []
    for _ in range(150):
        counts = rng.poisson(mean)
        # Weights of the true variance make least squares as good as the likelihood.
        answer = least_squares(
            lambda p, n=counts: ((expected(p) - n) / np.sqrt(mean)).ravel(), true, x_scale=true
        )
        found.append(answer.x[[1, 2, 4, 5]])
    scatter = np.std(found, axis=0).reshape(2, 2)
    bound = cramer_rao_errors(TrueImage(pair, heights, width, mean, reach_in_widths=3.5))
    # 150 draws know a standard deviation to 6 %.
    np.testing.assert_allclose(scatter / bound, 1.0, atol=0.2)
    assert np.sqrt(np.mean((scatter / bound) ** 2)) == pytest.approx(1.0, abs=0.1)
