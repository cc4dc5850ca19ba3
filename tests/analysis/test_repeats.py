from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from atomsegnet.analysis.repeats import are_columns, unfilled_places

WIDTH_PX = 8.0
CELL_PX = 20.0
SIZE_PX = 300
# Where the faint columns stand in the cell.
OFFSET_PX = np.array([6.0, 10.0])


@pytest.fixture
def strong() -> np.ndarray:
    """Return the strong columns of a crystal, (N, 2), as well measured as a network does."""
    steps = np.arange(CELL_PX / 2, SIZE_PX, CELL_PX)
    grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    return grid + np.random.default_rng(1).normal(0, 0.5, grid.shape)


def asked(
    strong: np.ndarray, others: np.ndarray, confidence: float, by_map: bool, *, sure: float = 0.99
) -> np.ndarray:
    """Tell which of some other maxima are columns."""
    positions = np.concatenate([strong, others])
    counts = np.repeat([True, by_map], [len(strong), len(others)])
    sureness = np.repeat([sure, confidence], [len(strong), len(others)])
    return are_columns(positions, sureness, counts, WIDTH_PX)[len(strong) :]


def bumps(count: int, strong: np.ndarray) -> np.ndarray:
    """Return places anywhere but on the columns, as the bumps of a film are."""
    places = np.random.default_rng(2).uniform(0, SIZE_PX, (4 * count, 2))
    is_apart = cKDTree(strong).query(places)[0] > 0.7 * WIDTH_PX
    return places[is_apart][:count]


def test_that_bumps_anywhere_are_no_columns(strong: np.ndarray) -> None:
    assert asked(strong, bumps(60, strong), 0.7, by_map=True).mean() < 0.1


def test_that_what_the_crystal_repeats_stays(strong: np.ndarray) -> None:
    faint = strong + OFFSET_PX
    assert asked(strong, faint, 0.7, by_map=True).all()
    # Some of them are as good as all.
    some = faint[np.random.default_rng(3).random(len(faint)) < 0.4]
    assert asked(strong, some, 0.7, by_map=True).mean() > 0.9


def test_that_the_crystal_brings_in_columns_below_the_threshold(strong: np.ndarray) -> None:
    faint = strong + OFFSET_PX
    assert asked(strong, faint, 0.55, by_map=False).mean() > 0.9
    assert not asked(strong, bumps(60, strong), 0.55, by_map=False).any()
    # What a peak leaves beside it is repeated as well, but the network is less sure of it.
    assert not asked(strong, faint, 0.4, by_map=False).any()


def test_that_a_column_off_its_place_stays_if_the_network_is_sure(strong: np.ndarray) -> None:
    assert asked(strong, bumps(20, strong), 0.93, by_map=True).all()


def test_that_without_a_crystal_the_map_decides(strong: np.ndarray) -> None:
    loose = np.random.default_rng(4).uniform(0, 3 * SIZE_PX, (200, 2))
    assert asked(loose, bumps(30, strong), 0.7, by_map=True).all()
    assert not asked(loose, bumps(30, strong), 0.4, by_map=False).any()
    few = strong[:10]
    assert asked(few, bumps(30, strong), 0.7, by_map=True).all()
    assert asked(strong, bumps(30, strong), 0.7, by_map=True, sure=0.8).all()


def test_that_nothing_is_asked_where_nothing_is(strong: np.ndarray) -> None:
    nothing = np.zeros((0, 2))
    assert len(asked(strong, nothing, 0.7, by_map=True)) == 0
    assert len(asked(nothing, nothing, 0.7, by_map=True)) == 0


def test_that_a_crystal_tells_where_columns_are_missing(strong: np.ndarray) -> None:
    faint = strong[(strong < SIZE_PX - CELL_PX).all(axis=1)] + OFFSET_PX
    is_found = np.random.default_rng(4).random(len(faint)) < 0.5
    positions = np.concatenate([strong[1:], faint[is_found]])
    surest = np.arange(len(strong) - 1)
    missing = faint[~is_found & (faint > CELL_PX).all(axis=1)]
    places = unfilled_places(positions, surest, WIDTH_PX, (SIZE_PX, SIZE_PX))
    assert (cKDTree(places).query(missing)[0] < 0.3 * WIDTH_PX).mean() > 0.95
    # None elsewhere, beyond the last row of a particle neither.
    everything = np.concatenate([strong, strong + OFFSET_PX, strong - CELL_PX + OFFSET_PX])
    assert (cKDTree(everything).query(places)[0] < 0.3 * WIDTH_PX).all()
    particle = unfilled_places(positions, surest, WIDTH_PX, (2 * SIZE_PX, 2 * SIZE_PX))
    assert particle.max() < SIZE_PX


def test_that_bumps_tell_of_no_missing_columns(strong: np.ndarray) -> None:
    assert not len(unfilled_places(strong, np.arange(len(strong)), WIDTH_PX, (SIZE_PX, SIZE_PX)))
    many = bumps(150, np.zeros((1, 2)))
    assert not len(unfilled_places(many, np.arange(len(many)), WIDTH_PX, (SIZE_PX, SIZE_PX)))
