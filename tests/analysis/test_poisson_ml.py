from __future__ import annotations

import math

import numpy as np
import pytest
from peak_images import FWHM_PER_SIGMA, FloatArray, FloatImage, jittered_lattice, peaks_image

from atomsegnet.analysis import poisson_fit
from atomsegnet.analysis.background_grid import BackgroundGrid
from atomsegnet.analysis.cramer_rao import TrueImage, cramer_rao_errors
from atomsegnet.analysis.gaussian_fit import fit_gaussians
from atomsegnet.analysis.overlap import Peaks
from atomsegnet.analysis.poisson_fit import PoissonFits, fit_poisson
from atomsegnet.core.progress import Progress, silent
from atomsegnet.tasks.benchmark_images import Case, simulate_case

SIGMA = 2.6
WIDTH = SIGMA * FWHM_PER_SIGMA


def noisy(mean: FloatImage, rng: np.random.Generator) -> FloatImage:
    return rng.poisson(mean).astype(np.float32)


def fitted(image: FloatImage, positions: FloatArray, rng: np.random.Generator) -> PoissonFits:
    """Fit from starts that are a little off, with a width that is 10 % off."""
    starts = positions + rng.normal(0, 0.3, positions.shape)
    return fit_poisson(image, starts, 1.1 * WIDTH, silent)


def pairs(distance_in_widths: float, rng: np.random.Generator) -> FloatArray:
    centers = jittered_lattice(240, 30, rng)
    angle = rng.uniform(0, math.pi, len(centers))
    half = np.stack([np.sin(angle), np.cos(angle)], axis=1) * distance_in_widths * WIDTH / 2
    return np.concatenate([centers - half, centers + half])


@pytest.mark.parametrize(
    ("amplitude", "background"), [(2000.0, 1.0), (1000.0, 500.0), (30.0, 10.0)]
)
def test_that_the_fit_reaches_the_cramer_rao_bound_and_knows_its_error(
    amplitude: float, background: float
) -> None:
    rng = np.random.default_rng(1)
    positions = jittered_lattice(420, 22, rng)
    mean = peaks_image(
        (420, 420), positions, sigma=SIGMA, amplitudes=amplitude, background=background
    )
    fits = fitted(noisy(mean, rng), positions, rng)
    assert len(fits.kept) == len(positions)
    heights = np.full(len(positions), amplitude)
    bound = cramer_rao_errors(TrueImage(positions, heights, WIDTH, mean.astype(np.float64)))
    errors = fits.positions - positions
    assert np.sqrt(np.mean((errors / bound) ** 2)) == pytest.approx(1.0, abs=0.1)
    assert (errors / fits.sigmas).std() == pytest.approx(1.0, abs=0.1)
    assert np.abs(errors.mean(axis=0)).max() < 0.02
    assert fits.width_px == pytest.approx(WIDTH, rel=0.02)
    assert np.median(fits.amplitude) == pytest.approx(amplitude, rel=0.05)
    assert np.median(fits.background) == pytest.approx(background, abs=0.05 * amplitude)


def test_that_overlapping_pairs_are_measured_better_than_one_at_a_time() -> None:
    rng = np.random.default_rng(2)
    positions = pairs(1.0, rng)
    mean = peaks_image((240, 240), positions, sigma=SIGMA, amplitudes=1000.0, background=200.0)
    image = noisy(mean, rng)
    starts = positions + rng.normal(0, 0.3, positions.shape)
    fits = fit_poisson(image, starts, 1.1 * WIDTH, silent)
    errors = fits.positions - positions[fits.kept]
    first = Peaks(starts, np.full(len(positions), 1000.0), 1.1 * WIDTH)
    alone = fit_gaussians(image, first, silent).positions - positions
    assert np.sqrt(np.mean(errors**2)) < 0.7 * np.sqrt(np.nanmean(alone**2))
    assert (errors / fits.sigmas).std() == pytest.approx(1.0, abs=0.12)


def test_that_a_crowded_lattice_of_unequal_columns_reaches_the_bound() -> None:
    rng = np.random.default_rng(3)
    positions = jittered_lattice(160, 1.1 * WIDTH, rng, jitter=0.3)
    heights = rng.uniform(300, 1000, len(positions))
    mean = peaks_image((160, 160), positions, sigma=SIGMA, amplitudes=heights, background=200.0)
    fits = fitted(noisy(mean, rng), positions, rng)
    bound = cramer_rao_errors(TrueImage(positions, heights, WIDTH, mean.astype(np.float64)))
    ratio = (fits.positions - positions[fits.kept]) / bound[fits.kept]
    assert np.sqrt(np.mean(ratio**2)) < 1.1


def test_that_columns_beyond_the_border_do_not_pull_at_those_inside() -> None:
    rng = np.random.default_rng(4)
    steps = np.arange(-0.6 * WIDTH, 180, 1.6 * WIDTH)
    positions = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    positions += rng.uniform(-0.3, 0.3, positions.shape)
    image = noisy(
        peaks_image((160, 160), positions, sigma=SIGMA, amplitudes=1000.0, background=100.0), rng
    )
    inside = positions[np.all((positions > 0) & (positions < 159), axis=1)]
    fits = fitted(image, inside, rng)
    assert len(fits.kept) == len(inside)
    assert np.abs(fits.positions - inside).max() < 0.25


def test_that_starts_without_a_column_are_dropped() -> None:
    rng = np.random.default_rng(5)
    positions = jittered_lattice(200, 20, rng)
    image = noisy(
        peaks_image((200, 200), positions, sigma=SIGMA, amplitudes=60.0, background=100.0), rng
    )
    false = positions[:20] + 10.0
    fits = fitted(image, np.concatenate([positions, false]), rng)
    np.testing.assert_array_equal(fits.kept, np.arange(len(positions)))
    assert (
        len(
            fit_poisson(
                noisy(np.full((80, 80), 50.0, np.float32), rng), false / 4, WIDTH, silent
            ).kept
        )
        == 0
    )


def test_that_an_ellipse_a_tail_and_a_curved_background_leave_no_bias() -> None:
    rng = np.random.default_rng(6)
    positions = jittered_lattice(240, 16, rng)
    core = peaks_image((240, 240), positions, sigma=(2.9, 2.4), amplitudes=900.0)
    tail = peaks_image((240, 240), positions, sigma=(2.9 * 2.2, 2.4 * 2.2), amplitudes=100.0)
    row, column = np.mgrid[:240, :240] / 240
    image = noisy(core + tail + (200 + 300 * row**2 + 100 * column).astype(np.float32), rng)
    fits = fitted(image, positions, rng)
    errors = fits.positions - positions
    assert np.abs(errors.mean(axis=0)).max() < 0.01
    assert np.sqrt(np.mean(errors**2)) < 0.05
    assert (errors / fits.sigmas).std() == pytest.approx(1.0, abs=0.1)


def test_that_gain_and_offset_of_the_detector_change_nothing() -> None:
    rng = np.random.default_rng(7)
    positions = jittered_lattice(120, 20, rng)
    image = noisy(
        peaks_image((120, 120), positions, sigma=SIGMA, amplitudes=300.0, background=50.0), rng
    )
    first = fit_poisson(image, positions, WIDTH, silent)
    second = fit_poisson(image * np.float32(0.25) + 1000, positions, WIDTH, silent)
    np.testing.assert_allclose(second.positions, first.positions, atol=2e-3)
    np.testing.assert_allclose(second.sigmas, first.sigmas, rtol=0.02)
    np.testing.assert_allclose(second.amplitude, first.amplitude / 4, rtol=0.01)


def test_that_progress_never_goes_back() -> None:
    rng = np.random.default_rng(8)
    positions = jittered_lattice(100, 20, rng)
    image = noisy(
        peaks_image((100, 100), positions, sigma=SIGMA, amplitudes=300.0, background=50.0), rng
    )
    reports: list[Progress] = []
    fit_poisson(image, positions, WIDTH, reports.append)
    done = [item.done / item.total for item in reports]
    assert done == sorted(done)
    assert done[-1] <= 1


@pytest.mark.parametrize("factor", [0.65, 1.6])
def test_that_a_wrong_start_width_costs_nothing(factor: float) -> None:
    rng = np.random.default_rng(9)
    positions = jittered_lattice(200, 2.2 * WIDTH, rng)
    mean = peaks_image((200, 200), positions, sigma=SIGMA, amplitudes=400.0, background=100.0)
    starts = positions + rng.normal(0, 0.3, positions.shape)
    fits = fit_poisson(noisy(mean, rng), starts, factor * WIDTH, silent)
    heights = np.full(len(positions), 400.0)
    bound = cramer_rao_errors(TrueImage(positions, heights, WIDTH, mean.astype(np.float64)))
    ratio = (fits.positions - positions[fits.kept]) / bound[fits.kept]
    assert np.sqrt(np.mean(ratio**2)) < 1.1
    assert fits.width_px == pytest.approx(WIDTH, rel=0.03)


def test_that_fitting_wide_columns_on_blocks_of_pixels_costs_hardly_any_precision(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(10)
    sigma = 2.5 * SIGMA
    positions = jittered_lattice(322, 34, rng)
    mean = peaks_image((322, 322), positions, sigma=sigma, amplitudes=100.0, background=40.0)
    starts = positions + rng.normal(0, 0.5, positions.shape)
    image = noisy(mean, rng)
    fits = fit_poisson(image, starts, 2.5 * WIDTH, silent)
    monkeypatch.setattr(poisson_fit, "_WIDTH_ENOUGH_PX", 1000.0)
    with_all_pixels = fit_poisson(image, starts, 2.5 * WIDTH, silent)
    errors = fits.positions - positions
    assert errors.std() < 1.03 * (with_all_pixels.positions - positions).std()
    assert np.all(np.abs(errors.mean(axis=0)) < 0.02)
    assert np.median(fits.sigmas) == pytest.approx(np.median(with_all_pixels.sigmas), rel=0.05)
    assert fits.width_px == pytest.approx(2.5 * WIDTH, rel=0.03)
    assert np.median(fits.amplitude) == pytest.approx(100, rel=0.05)


def test_that_splines_of_the_background_add_up_and_bend() -> None:
    grid = BackgroundGrid.with_spacing((50, 61), 20.0)
    np.testing.assert_allclose(grid.rendered(np.ones(grid.count)), 1, atol=1e-6)
    rng = np.random.default_rng(3)
    weights = rng.random((50, 61)).astype(np.float32)
    each = np.stack([grid.rendered(one).ravel() for one in np.eye(grid.count)]).astype(np.float64)
    normal = (each * weights.ravel()) @ each.T
    np.testing.assert_allclose(grid.normal(weights).toarray(), normal, atol=1e-3)
    # A parabola is within the space of the splines, but not within that of straight lines.
    row, column = np.indices((50, 61)) / 50
    wanted = (row**2 + row * column - 2 * column**2).ravel()
    left = wanted - each.T @ np.linalg.lstsq(each.T, wanted)[0]
    assert np.abs(left).max() < 1e-5


def test_that_tails_of_a_real_probe_move_no_faint_column_beside_a_strong_one() -> None:
    made = simulate_case(Case("RuO2 [001]", 40.0, 8.0, 160, 4))
    inside = np.all((made.positions > 0) & (made.positions < 159), axis=1)
    starts = made.positions[inside]
    fits = fit_poisson(made.image, starts, 8.0, silent, significant=3.0)
    known = fits.kept >= 0
    kept = fits.kept[known]
    chosen = made.is_scored[inside][kept]
    errors = (fits.positions[known] - starts[kept])[chosen] / made.bounds[inside][kept][chosen]
    assert len(errors) > 50
    # With a single tail and a background of straight lines it was 1.7.
    assert np.sqrt(np.mean(errors**2)) < 1.15


def test_that_displaced_lines_are_told_from_displaced_columns() -> None:
    made = simulate_case(Case("CeO2 [001]", 25.0, 5.0, 160, 11, jitter_px=0.5))
    calm = simulate_case(Case("CeO2 [001]", 25.0, 5.0, 160, 11))
    inside = np.all((made.positions > 0) & (made.positions < 159), axis=1) & made.is_scored
    starts = made.positions[inside]
    errors = {}
    for name, image in (("shaken", made.image), ("calm", calm.image)):
        for with_lines in (False, True):
            fits = fit_poisson(image, starts, 5.0, silent, with_lines=with_lines)
            known = fits.kept >= 0
            difference = fits.positions[known] - starts[fits.kept[known]]
            errors[name, with_lines] = float(np.sqrt(np.mean(difference**2)))
    assert errors["shaken", True] < 0.75 * errors["shaken", False]
    assert errors["calm", True] < 1.02 * errors["calm", False]


def test_that_a_column_in_the_last_rows_that_fill_no_block_is_none_too_many() -> None:
    rng = np.random.default_rng(12)
    sigma = 5.2
    positions = np.concatenate([jittered_lattice(104, 26, rng), [[103.4, 52.0], [52.0, 103.4]]])
    mean = peaks_image((104, 104), positions, sigma=sigma, amplitudes=1000.0, background=100.0)
    width = sigma * FWHM_PER_SIGMA
    fits = fit_poisson(noisy(mean, rng), positions, width, silent)
    inner = positions[:-2]
    assert set(range(len(inner))) <= set(fits.kept.tolist())
    known = fits.kept < len(inner)
    assert np.abs(fits.positions[known] - inner[fits.kept[known]]).max() < 0.5
