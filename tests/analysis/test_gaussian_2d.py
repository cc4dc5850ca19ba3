from __future__ import annotations

import math

import numpy as np
import pytest
from peak_images import (
    FWHM_PER_SIGMA,
    FloatArray,
    FloatImage,
    jittered_lattice,
    map_of,
    peaks_image,
)

from atomsegnet.analysis.matching import match
from atomsegnet.analysis.peaks import find_regions
from atomsegnet.analysis.refine import measure
from atomsegnet.core.columns import Columns

SIGMA = 2.6


def fitted(image: FloatImage, positions: FloatArray, width: float | None = None) -> Columns:
    """Return the columns that the program measures, found on a map of the true positions."""
    shape = (image.shape[0], image.shape[1])
    width = SIGMA * FWHM_PER_SIGMA if width is None else width
    map_shape = (round(shape[0] * 6 / width), round(shape[1] * 6 / width))
    regions = find_regions(map_of(shape, map_shape, positions), shape=shape)
    return measure(image, regions, method="gaussian-2d", column_width_px=width)


def errors_of(columns: Columns, positions: FloatArray) -> FloatArray:
    """Return found minus true positions, in the order of the columns; all must be found."""
    matching = match(columns.positions, positions, 2.0)
    assert matching.f1 == 1.0
    return matching.errors


@pytest.mark.parametrize("sigma", [1.1, 2.6, 6.0])
def test_that_isolated_columns_without_noise_are_measured_without_bias(sigma: float) -> None:
    positions = jittered_lattice(round(60 * sigma), 12 * sigma, np.random.default_rng(1))
    image = peaks_image(
        (round(60 * sigma),) * 2, positions, sigma=sigma, amplitudes=300, background=1e4
    )
    columns = fitted(image, positions, sigma * FWHM_PER_SIGMA)
    assert np.abs(errors_of(columns, positions)).max() < 2e-3
    np.testing.assert_allclose(columns.amplitude, 300, rtol=2e-3)
    np.testing.assert_allclose(columns.width, sigma * FWHM_PER_SIGMA, rtol=2e-3)
    np.testing.assert_allclose(columns.background, 1e4, atol=1)
    np.testing.assert_allclose(
        columns.integrated_intensity, 2 * math.pi * sigma**2 * 300, rtol=5e-3
    )


@pytest.mark.parametrize("share", [0.5, 0.75, 1.3, 1.8])
def test_that_a_wrong_expected_width_leaves_no_bias(share: float) -> None:
    positions = jittered_lattice(200, 30, np.random.default_rng(2))
    image = peaks_image((200, 200), positions, sigma=SIGMA, amplitudes=100)
    columns = fitted(image, positions, share * SIGMA * FWHM_PER_SIGMA)
    assert np.abs(errors_of(columns, positions)).max() < 0.01
    np.testing.assert_allclose(columns.width, SIGMA * FWHM_PER_SIGMA, rtol=0.01)


def test_that_elongated_columns_are_measured_without_bias() -> None:
    positions = jittered_lattice(200, 30, np.random.default_rng(3))
    image = peaks_image((200, 200), positions, sigma=(2.9, 2.3), amplitudes=100)
    assert np.abs(errors_of(fitted(image, positions), positions)).max() < 0.01


def test_that_the_error_is_near_the_cramer_rao_bound_on_a_bright_background() -> None:
    # White noise of variance B: sigma_x^2 = 2 B / (pi A^2) in units of the pixel, whatever the
    # width (J. J. Condon, Publ. Astron. Soc. Pac. 109, 166 (1997), doi 10.1086/133871, eq. 20, 21).
    rng = np.random.default_rng(4)
    amplitude, background = 1000.0, 10_000.0
    positions = jittered_lattice(700, 26, rng)
    counts = peaks_image(
        (700, 700), positions, sigma=SIGMA, amplitudes=amplitude, background=background
    )
    columns = fitted(rng.poisson(counts).astype(np.float32), positions)
    bound = math.sqrt(2 * background / math.pi) / amplitude
    errors = errors_of(columns, positions)
    assert 0.97 < np.sqrt(np.mean(errors**2)) / bound < 1.15


def test_that_the_error_without_a_background_is_what_theory_says_of_least_squares() -> None:
    # Counts N: sigma^2 / N is the Cramer-Rao bound, 16/9 of it what equal weights attain (K. I.
    # Mortensen et al., Nat. Methods 7, 377 (2010), doi 10.1038/nmeth.1447, eq. 3 with b = 0).
    rng = np.random.default_rng(5)
    amplitude = 2000.0
    positions = jittered_lattice(700, 26, rng)
    counts = peaks_image((700, 700), positions, sigma=SIGMA, amplitudes=amplitude)
    columns = fitted(rng.poisson(counts).astype(np.float32), positions)
    bound = SIGMA / math.sqrt(2 * math.pi * SIGMA**2 * amplitude)
    ratio = np.sqrt(np.mean(errors_of(columns, positions) ** 2)) / bound
    assert ratio == pytest.approx(4 / 3, rel=0.08)


@pytest.mark.parametrize("background", [0.0, 500.0, 20_000.0])
def test_that_standard_errors_are_those_that_are_made(background: float) -> None:
    rng = np.random.default_rng(6)
    positions = jittered_lattice(600, 26, rng)
    counts = peaks_image(
        (600, 600), positions, sigma=SIGMA, amplitudes=1000.0, background=background
    )
    columns = fitted(rng.poisson(counts).astype(np.float32), positions)
    normalized = errors_of(columns, positions) / columns.sigmas
    assert normalized.std() == pytest.approx(1.0, abs=0.1)
    assert abs(normalized.mean()) < 0.1


@pytest.mark.parametrize(
    ("distance_in_widths", "ratio", "strong_limit", "weak_limit"),
    [(1.0, 1.0, 0.06, 0.06), (1.5, 1.0, 0.02, 0.02), (1.25, 0.3, 0.02, 0.1), (1.5, 0.1, 0.01, 0.1)],
)
def test_that_a_close_pair_does_not_pull_at_each_other(
    distance_in_widths: float, ratio: float, strong_limit: float, weak_limit: float
) -> None:
    rng = np.random.default_rng(7)
    width = SIGMA * FWHM_PER_SIGMA
    centers = jittered_lattice(300, 36, rng)
    angle = rng.uniform(0, math.pi, len(centers))
    half = np.stack([np.sin(angle), np.cos(angle)], axis=1) * distance_in_widths * width / 2
    positions = np.concatenate([centers - half, centers + half])
    amplitudes = np.repeat([1.0, ratio], len(centers)) * 1000
    image = peaks_image((300, 300), positions, sigma=SIGMA, amplitudes=amplitudes, background=200)
    columns = fitted(image, positions)
    matching = match(columns.positions, positions, 2.0)
    assert matching.f1 == 1.0
    is_strong = matching.true < len(centers)
    assert np.sqrt(np.mean(matching.errors[is_strong] ** 2)) < strong_limit
    assert np.sqrt(np.mean(matching.errors[~is_strong] ** 2)) < weak_limit


def test_that_a_crowded_lattice_of_unequal_columns_is_measured() -> None:
    rng = np.random.default_rng(8)
    spacing = 1.3 * SIGMA * FWHM_PER_SIGMA
    positions = jittered_lattice(200, spacing, rng, jitter=0.3)
    amplitudes = rng.uniform(300, 1000, len(positions))
    image = peaks_image((200, 200), positions, sigma=SIGMA, amplitudes=amplitudes, background=200)
    columns = fitted(image, positions)
    assert np.isfinite(columns.sigmas).all()
    assert np.sqrt(np.mean(errors_of(columns, positions) ** 2)) < 0.05


def test_that_a_fit_that_fails_keeps_the_weighted_center_and_has_no_error() -> None:
    # The map shows two columns, the image only one, and a hole instead of the other.
    positions = np.array([[20.0, 20.0], [20.0, 60.0]])
    image = peaks_image((40, 80), positions, sigma=SIGMA, amplitudes=np.array([100.0, -100.0]))
    regions = find_regions(map_of((40, 80), (40, 80), positions), shape=(40, 80))
    width = SIGMA * FWHM_PER_SIGMA
    columns = measure(image, regions, method="gaussian-2d", column_width_px=width)
    centers = measure(image, regions, method="weighted-centroid", column_width_px=width)
    np.testing.assert_array_equal(np.isnan(columns.sigmas), [[False, False], [True, True]])
    np.testing.assert_array_equal(columns.positions[1], centers.positions[1])
    assert columns.width[1] == width


def test_that_a_constant_image_keeps_the_weighted_centers() -> None:
    positions = np.array([[20.0, 20.0], [20.0, 60.0]])
    columns = fitted(np.full((40, 80), 7, np.float32), positions)
    assert np.isnan(columns.sigmas).all()
    np.testing.assert_allclose(columns.positions, positions, atol=0.05)


def test_that_columns_at_the_border_are_measured() -> None:
    positions = np.array([[0.6, 30.2], [30.1, 78.1], [32.1, 30.4]])
    image = peaks_image((60, 80), positions, sigma=SIGMA, amplitudes=100.0, background=20)
    columns = fitted(image, positions)
    np.testing.assert_allclose(columns.positions, positions, atol=0.02)
    np.testing.assert_array_equal(columns.is_edge, [True, True, False])


def test_that_fits_do_not_depend_on_the_scale_of_the_intensities() -> None:
    rng = np.random.default_rng(9)
    positions = jittered_lattice(150, 20, rng)
    counts = peaks_image((150, 150), positions, sigma=SIGMA, amplitudes=500.0, background=100)
    image = rng.poisson(counts).astype(np.float32)
    first = fitted(image, positions)
    second = fitted(image * np.float32(2.0**-20) - 3, positions)
    np.testing.assert_allclose(second.positions, first.positions, atol=0.01)
    np.testing.assert_allclose(second.sigmas, first.sigmas, rtol=0.02)
