from __future__ import annotations

import math

import numpy as np
import pytest
from peak_images import FWHM_PER_SIGMA, FloatArray, FloatImage, jittered_lattice, peaks_image
from scipy.spatial import cKDTree

from atomsegnet.analysis import fit_tiles
from atomsegnet.analysis.cramer_rao import TrueImage, cramer_rao_errors
from atomsegnet.analysis.fit_tiles import tiles_of
from atomsegnet.analysis.poisson_fit import fit_poisson
from atomsegnet.core.progress import Cancelled, Progress, silent

SIGMA = 1.4
WIDTH = SIGMA * FWHM_PER_SIGMA
SIDE = 272


def crystal(rng: np.random.Generator) -> tuple[FloatArray, FloatImage]:
    """Return the columns of a crystal of 1849, a fifth of them half as high, and their mean."""
    positions = jittered_lattice(SIDE, 6, rng, jitter=0.3)
    heights = np.where(np.arange(len(positions)) % 5, 400.0, 200.0)
    mean = peaks_image((SIDE, SIDE), positions, sigma=SIGMA, amplitudes=heights, background=100.0)
    return positions, mean


@pytest.fixture(autouse=True)
def _small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_tiles, "_MOST_COLUMNS", 500)


def test_that_each_column_belongs_to_one_tile_that_shows_what_is_around_it() -> None:
    positions = np.random.default_rng(1).uniform(-0.5, 999.5, (5000, 2))
    tiles = tiles_of(positions, (1000, 1000), 8.0)
    assert len(tiles) > 8
    owned = np.stack([tile.owns(positions) for tile in tiles])
    assert (owned.sum(axis=0) == 1).all()
    assert owned.sum(axis=1).max() < 2 * owned.sum(axis=1).min()
    for tile in tiles:
        near = positions[tile.owns(positions)][:, None] + [[-24, 0], [24, 0], [0, -24], [0, 24]]
        inside = near.reshape(-1, 2).clip(0, 999)
        assert tile.shows(inside).all()


def test_that_columns_on_one_spot_do_not_part_for_ever() -> None:
    tiles = tiles_of(np.full((3000, 2), 50.0), (100, 100), 8.0)
    assert len(tiles) == 1


def test_that_tiles_measure_a_crystal_as_one_fit_does(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    positions, mean = crystal(rng)
    image = rng.poisson(mean).astype(np.float32)
    starts = positions + rng.normal(0, 0.2, positions.shape)
    by_tiles = fit_poisson(image, starts, 1.1 * WIDTH, silent)
    assert len(tiles_of(starts, image.shape, WIDTH)) >= 4
    monkeypatch.setattr(fit_tiles, "_MOST_COLUMNS", 10**6)
    whole = fit_poisson(image, starts, 1.1 * WIDTH, silent)
    assert by_tiles.kept.tolist() == whole.kept.tolist() == list(range(len(positions)))
    difference = (by_tiles.positions - whole.positions) / whole.sigmas
    assert np.sqrt(np.mean(difference**2)) < 0.05
    assert np.abs(difference).max() < 0.5
    assert by_tiles.sigmas == pytest.approx(whole.sigmas, rel=0.15)
    heights = np.where(np.arange(len(positions)) % 5, 400.0, 200.0)
    bound = cramer_rao_errors(TrueImage(positions, heights, WIDTH, mean.astype(np.float64)))
    errors = by_tiles.positions - positions
    assert math.sqrt(np.mean((errors / bound) ** 2)) == pytest.approx(1.0, abs=0.05)
    assert (errors / by_tiles.sigmas).std() == pytest.approx(1.0, abs=0.08)


def test_that_what_no_start_had_is_found_once_also_where_tiles_meet() -> None:
    rng = np.random.default_rng(3)
    positions, mean = crystal(rng)
    image = rng.poisson(mean).astype(np.float32)
    # Along the middle of the crystal, where its tiles meet, every third column has no start.
    left_out = np.flatnonzero(np.abs(positions[:, 0] - SIDE / 2) < 6)[::3]
    starts = np.delete(positions, left_out, axis=0)
    fits = fit_poisson(image, starts, WIDTH, silent)
    assert (fits.kept == -1).sum() >= len(left_out)
    distance, nearest = cKDTree(fits.positions).query(positions)
    assert distance.max() < 1
    assert len(np.unique(nearest)) == len(positions) == len(fits.kept)


def test_that_a_fit_by_tiles_can_be_stopped() -> None:
    rng = np.random.default_rng(4)
    positions, mean = crystal(rng)
    seen = []

    def stop(progress: Progress) -> None:
        seen.append(progress)
        if progress.total < 10:
            raise Cancelled

    with pytest.raises(Cancelled):
        fit_poisson(rng.poisson(mean).astype(np.float32), positions, WIDTH, stop)
    assert seen
