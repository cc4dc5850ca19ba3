from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from atomsegnet.physics.gridding import structure_factor
from atomsegnet.physics.imaging import (
    crop_spectrum,
    frequencies,
    highest_sampled,
    image_of,
    padded_size,
    scanned_image_of,
)
from atomsegnet.physics.probe import gaussian_transfer

SIZE = 64
COUNT = padded_size(SIZE)
WIDTH_PX = 5.0


def spectrum_of(
    positions_px: list[tuple[float, float]], heights: list[float], highest: int = 40
) -> torch.Tensor:
    start = (COUNT - SIZE) / 2
    fractions = (torch.tensor(positions_px, dtype=torch.float64) + start + 0.5) / COUNT
    factor = structure_factor(fractions, torch.tensor(heights), highest)
    ky, kx = (f / COUNT for f in frequencies(highest))
    sigma = WIDTH_PX / 2.354820045
    integral = 2 * math.pi * sigma**2
    return factor * gaussian_transfer(WIDTH_PX, ky, kx, integral) / COUNT**2


def centroid(image: torch.Tensor) -> tuple[float, float]:
    index = torch.arange(SIZE, dtype=torch.float64)
    values = image.double()
    return (
        float((values.sum(1) * index).sum() / values.sum()),
        float((values.sum(0) * index).sum() / values.sum()),
    )


def test_that_a_column_is_the_gaussian_of_the_formula() -> None:
    image = image_of(spectrum_of([(30.3, 33.7)], [2.0]), SIZE).double()
    row, column = np.mgrid[:SIZE, :SIZE]
    sigma = WIDTH_PX / 2.354820045
    expected = 2.0 * np.exp(-((row - 30.3) ** 2 + (column - 33.7) ** 2) / (2 * sigma**2))
    assert image.numpy() == pytest.approx(expected, abs=2e-4)


@pytest.mark.parametrize("offset", [0.0, 0.11, 0.25, 0.5, 0.77])
def test_that_positions_have_no_bias_between_pixels(offset: float) -> None:
    row, column = centroid(image_of(spectrum_of([(31 + offset, 32 - offset)], [1.0]), SIZE))
    assert row == pytest.approx(31 + offset, abs=0.01)
    assert column == pytest.approx(32 - offset, abs=0.01)


def test_that_the_flux_is_kept_wherever_columns_stand() -> None:
    sigma = WIDTH_PX / 2.354820045
    expected = 2 * math.pi * sigma**2 * 3.5
    for shift in (0.0, 0.4):
        image = image_of(spectrum_of([(20 + shift, 30), (40, 25 + shift)], [1.0, 2.5]), SIZE)
        assert float(image.sum()) == pytest.approx(expected, rel=1e-4)


def test_that_spreading_points_over_a_grid_gives_the_sum_over_points() -> None:
    rng = np.random.default_rng(2)
    fractions, amplitude = rng.random((150, 2)), rng.random(150)
    fractions[:3] = [[0.0, 0.0], [1.0, 0.5], [0.9999, 1e-5]]
    for highest in (3, 31, 97):
        rows = np.concatenate([np.arange(highest + 1), np.arange(-highest, 0)])
        left = np.exp(-2j * np.pi * np.outer(rows, fractions[:, 0]))
        right = np.exp(-2j * np.pi * np.outer(fractions[:, 1], np.arange(highest + 1)))
        found = structure_factor(
            torch.from_numpy(fractions), torch.from_numpy(amplitude).float(), highest
        )
        error = np.abs(found.numpy() - (left * amplitude) @ right).max()
        assert error < 1e-6 * amplitude.sum(), highest


def test_that_no_points_give_nothing() -> None:
    nothing = structure_factor(torch.zeros(0, 2, dtype=torch.float64), torch.zeros(0), 20)
    assert float(nothing.abs().max()) == 0


def test_that_a_coarser_and_a_finer_grid_show_the_same_scene() -> None:
    spectrum = spectrum_of([(30.3, 33.7), (12.0, 50.5)], [1.0, 0.5])
    variance = 2 * (WIDTH_PX / 2.354820045) ** 2
    for size in (48, 2 * SIZE):
        row, column = (np.mgrid[:size, :size] + 0.5) * SIZE / size - 0.5
        expected = sum(
            height * np.exp(-((row - y) ** 2 + (column - x) ** 2) / variance)
            for y, x, height in ((30.3, 33.7, 1.0), (12.0, 50.5, 0.5))
        )
        assert image_of(spectrum, size).numpy() == pytest.approx(expected, abs=1e-3)


def test_that_frequencies_beyond_those_of_the_grid_are_left_out() -> None:
    spectrum = spectrum_of([(30.3, 33.7), (12.0, 50.5)], [1.0, 0.5])
    assert highest_sampled(48) == 31
    assert crop_spectrum(spectrum, 31).shape == (63, 32)
    assert torch.equal(image_of(spectrum, 48), image_of(crop_spectrum(spectrum, 31), 48))


def test_that_a_scan_without_displacement_changes_nothing() -> None:
    spectrum = spectrum_of([(30.3, 33.7)], [1.0])
    still = torch.zeros(SIZE)
    assert torch.allclose(
        scanned_image_of(spectrum, SIZE, still, still), image_of(spectrum, SIZE), atol=1e-4
    )


def test_that_a_displaced_scan_moves_the_column() -> None:
    spectrum = spectrum_of([(30.0, 32.0)], [1.0])
    image = scanned_image_of(spectrum, SIZE, torch.full((SIZE,), 1.3), torch.full((SIZE,), -0.6))
    assert centroid(image) == pytest.approx((31.3, 31.4), abs=0.01)


def test_that_single_lines_move_by_their_own_displacement() -> None:
    spectrum = spectrum_of([(30.0, 32.0)], [1.0])
    shift = torch.zeros(SIZE)
    shift[30] = 1.5
    image = scanned_image_of(spectrum, SIZE, torch.zeros(SIZE), shift)
    index = torch.arange(SIZE)
    centers = (image * index).sum(1) / image.sum(1)
    assert float(centers[30]) == pytest.approx(33.5, abs=0.01)
    assert float(centers[29]) == pytest.approx(32.0, abs=0.01)


def test_that_a_size_that_does_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 16"):
        padded_size(100)
