from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from peak_images import FWHM_PER_SIGMA, jittered_lattice, map_of, peaks_image

from atomsegnet.analysis.calibration import map_value
from atomsegnet.analysis.matching import match
from atomsegnet.analysis.peaks import Regions, find_regions
from atomsegnet.analysis.refine import METHODS, measure
from atomsegnet.core.errors import SettingError
from atomsegnet.core.progress import Cancelled, Progress

SIGMA = 2.5
WIDTH = SIGMA * FWHM_PER_SIGMA
SHAPE = (120, 120)


@pytest.fixture
def positions() -> np.ndarray:
    return jittered_lattice(SHAPE[0], 24, np.random.default_rng(1))


@pytest.fixture
def image(positions: np.ndarray) -> np.ndarray:
    return peaks_image(SHAPE, positions, sigma=SIGMA, amplitudes=50.0, background=10.0)


@pytest.fixture
def regions(positions: np.ndarray) -> Regions:
    return find_regions(map_of(SHAPE, SHAPE, positions), shape=SHAPE)


@pytest.mark.parametrize("method", METHODS)
def test_that_every_method_measures_every_column(
    method: str, image: np.ndarray, regions: Regions, positions: np.ndarray
) -> None:
    columns = measure(image, regions, method=method, column_width_px=WIDTH)
    matching = match(columns.positions, positions, 1.0)
    assert matching.f1 == 1.0
    assert max(matching.rms) < {"otsu-centroid": 0.2, "weighted-centroid": 0.03}.get(method, 1e-3)
    assert columns.method == method
    assert np.isfinite(columns.sigmas).all() == ("centroid" not in method)
    np.testing.assert_allclose(columns.amplitude, 50, rtol=0.02)
    np.testing.assert_allclose(columns.background, 10, atol=0.5)
    np.testing.assert_allclose(columns.width, WIDTH, rtol=1e-3)
    # A disc of one width leaves 6 % of the peak outside.
    volume = 2 * math.pi * SIGMA**2 * 50
    assert np.all(columns.integrated_intensity > 0.9 * volume)
    assert np.all(columns.integrated_intensity < 1.01 * volume)
    np.testing.assert_array_equal(columns.confidence, regions.confidence)
    assert not columns.is_edge.any()


def test_that_the_weighted_center_beats_the_geometric_one(
    image: np.ndarray, regions: Regions, positions: np.ndarray
) -> None:
    rms = {
        method: max(match(measure(image, regions, method=method).positions, positions, 1.0).rms)
        for method in ("otsu-centroid", "weighted-centroid")
    }
    assert rms["weighted-centroid"] < 0.5 * rms["otsu-centroid"]


def test_that_an_unknown_method_is_refused_and_the_known_ones_named(
    image: np.ndarray, regions: Regions
) -> None:
    with pytest.raises(SettingError, match=r"'magic'.*otsu-centroid, weighted-centroid"):
        measure(image, regions, method="magic")


@pytest.mark.parametrize("width", [0.0, -3.0, math.nan])
def test_that_an_impossible_width_is_refused(
    width: float, image: np.ndarray, regions: Regions
) -> None:
    with pytest.raises(SettingError, match="width"):
        measure(image, regions, method="gaussian-2d", column_width_px=width)


def test_that_regions_of_another_image_are_refused(regions: Regions) -> None:
    with pytest.raises(ValueError, match="shape"):
        measure(np.zeros((4, 4), np.float32), regions, method="gaussian-2d")


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.4])
def test_that_the_width_is_read_from_the_map_if_nobody_knows_it(
    factor: float, image: np.ndarray, positions: np.ndarray
) -> None:
    map_shape = (round(SHAPE[0] * factor), round(SHAPE[1] * factor))
    values = map_of(SHAPE, map_shape, positions, sigma=0.2 * WIDTH * factor)
    columns = measure(image, find_regions(values, shape=SHAPE), method="weighted-centroid")
    assert columns.width[0] == pytest.approx(WIDTH, rel=0.15)


@pytest.mark.parametrize("method", METHODS)
def test_that_no_column_is_no_problem(method: str, image: np.ndarray) -> None:
    regions = find_regions(np.zeros(SHAPE, np.float32), shape=SHAPE)
    columns = measure(image, regions, method=method)
    assert len(columns) == 0
    assert columns.positions.shape == (0, 2)


@pytest.mark.parametrize("method", METHODS)
def test_that_a_single_column_can_be_measured(method: str) -> None:
    position = np.array([[14.3, 17.8]])
    image = peaks_image((30, 40), position, sigma=SIGMA)
    regions = find_regions(map_of((30, 40), (30, 40), position), shape=(30, 40))
    columns = measure(image, regions, method=method)
    np.testing.assert_allclose(columns.positions, position, atol=0.35)


@pytest.mark.parametrize("method", METHODS)
def test_that_columns_near_the_border_are_kept_and_flagged(method: str) -> None:
    # Half of the width is 2.9 px: the third is 2.2 px, the last one 4.6 px from the border.
    positions = np.array([[0.4, 30.0], [20.0, 0.1], [29.2, 59.0 - 1.7], [44.0, 59.0 - 4.1]])
    image = peaks_image((60, 60), positions, sigma=SIGMA, amplitudes=30.0)
    regions = find_regions(map_of((60, 60), (60, 60), positions), shape=(60, 60))
    columns = measure(image, regions, method=method, column_width_px=WIDTH)
    assert match(columns.positions, positions, 1.0).f1 == 1.0
    np.testing.assert_array_equal(columns.is_edge, [True, True, True, False])


def test_that_work_is_reported_up_to_its_end(image: np.ndarray, regions: Regions) -> None:
    reports: list[Progress] = []
    measure(image, regions, method="gaussian-2d", report=reports.append)
    done = [item.done / item.total for item in reports]
    assert (done[0], done[-1]) == (0, 1)
    assert done == sorted(done)


def test_that_measuring_can_be_cancelled(image: np.ndarray, regions: Regions) -> None:
    def refuse(progress: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        measure(image, regions, method="gaussian-2d", report=refuse)


def test_that_a_micrograph_may_be_read_only(image: np.ndarray, regions: Regions) -> None:
    image.flags.writeable = False
    assert len(measure(image, regions, method="gaussian-2d")) == len(regions)


def with_doubt(
    map_positions: np.ndarray, image_positions: np.ndarray, heights: float | np.ndarray
) -> tuple[np.ndarray, Regions]:
    """Return a noisy image, and a map on which the last of its columns is doubtful."""
    rng = np.random.default_rng(5)
    mean = peaks_image(SHAPE, image_positions, sigma=SIGMA, amplitudes=heights, background=100.0)
    on_map = np.full(len(map_positions), 0.8)
    on_map[-1] = map_value(0.4)
    values = map_of(SHAPE, SHAPE, map_positions, heights=on_map)
    regions = find_regions(values, shape=SHAPE, threshold=0.65, with_doubtful=False)
    doubtful = find_regions(values, shape=SHAPE, threshold=0.2)
    assert len(doubtful) == len(regions) + 1
    return rng.poisson(mean).astype(np.float32), replace(
        doubtful, threshold=0.65, is_doubtful=doubtful.confidence < 0.65
    )


def test_that_the_image_decides_on_a_column_that_the_map_is_in_doubt_of(
    positions: np.ndarray,
) -> None:
    image, regions = with_doubt(positions, positions, 400.0)
    columns = measure(image, regions, method="poisson-ml", column_width_px=WIDTH)
    assert match(columns.positions, positions, 1.0).f1 == 1.0
    nothing_there = np.concatenate([positions, positions[-1:] - 12])
    image, regions = with_doubt(nothing_there, positions, 400.0)
    columns = measure(image, regions, method="poisson-ml", column_width_px=WIDTH)
    assert match(columns.positions, positions, 1.0).f1 == 1.0


def test_that_a_joint_fit_finds_a_column_that_the_map_shows_beside_its_place(
    positions: np.ndarray, image: np.ndarray
) -> None:
    moved = positions.copy()
    moved[0] += [0.0, 0.7 * WIDTH]
    regions = find_regions(map_of(SHAPE, SHAPE, moved), shape=SHAPE)
    noisy = np.random.default_rng(6).poisson(image).astype(np.float32)
    columns = measure(noisy, regions, method="poisson-ml", column_width_px=WIDTH)
    assert match(columns.positions, positions, 1.0).f1 == 1.0
    assert np.isfinite(columns.sigmas).all()


def test_that_without_a_sure_column_the_doubtful_ones_do_not_count(
    positions: np.ndarray, image: np.ndarray
) -> None:
    values = map_of(SHAPE, SHAPE, positions, heights=map_value(0.4))
    regions = find_regions(values, shape=SHAPE, with_doubtful=True)
    assert len(regions) == len(positions)
    noisy = np.random.default_rng(7).poisson(image).astype(np.float32)
    assert len(measure(noisy, regions, method="poisson-ml", column_width_px=WIDTH)) == 0


def test_that_faint_columns_that_only_the_image_shows_count_where_there_are_many() -> None:
    steps = np.arange(12.0, 190.0, 15.0)
    strong = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    values = map_of((200, 200), (200, 200), strong)
    regions = find_regions(values, shape=(200, 200))
    for every, least, most in ((1, 0.85, 1.0), (6, 0.0, 0.0)):
        faint = strong[steps.size : -steps.size : every] + 7.5
        heights = np.concatenate([np.full(len(strong), 300.0), np.full(len(faint), 20.0)])
        everything = np.concatenate([strong, faint])
        mean = peaks_image((200, 200), everything, sigma=SIGMA, amplitudes=heights, background=90.0)
        image = np.random.default_rng(8).poisson(mean).astype(np.float32)
        columns = measure(image, regions, method="poisson-ml", column_width_px=WIDTH)
        assert match(columns.positions, strong, 1.0).recall == 1.0
        assert least <= match(columns.positions, faint, 1.5).recall <= most


def test_that_the_crystal_tells_where_columns_as_faint_as_the_noise_stand() -> None:
    steps = np.arange(12.0, 190.0, 15.0)
    strong = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    faint = strong[(strong < steps[-1]).all(axis=1)] + 7.5
    everything = np.concatenate([strong, faint])
    heights = np.concatenate([np.full(len(strong), 300.0), np.full(len(faint), 14.0)])
    rng = np.random.default_rng(9)
    shown = np.concatenate([strong, faint[rng.random(len(faint)) < 0.6]])
    regions = find_regions(map_of((200, 200), (200, 200), shown), shape=(200, 200))
    mean = peaks_image((200, 200), everything, sigma=SIGMA, amplitudes=heights, background=90.0)
    image = rng.poisson(mean).astype(np.float32)
    columns = measure(image, regions, method="poisson-ml", column_width_px=WIDTH)
    assert match(columns.positions, everything, 2.5).false_count == 0
    found = match(columns.positions, faint, 2.5)
    assert found.recall > 0.8
    assert np.sqrt(np.mean((found.errors / columns.sigmas[found.found]) ** 2)) < 1.15


def test_that_the_fit_with_scan_lines_sees_through_their_displacements() -> None:
    rng = np.random.default_rng(4)
    positions = jittered_lattice(SHAPE[0], 12, rng)
    still = peaks_image(SHAPE, positions, sigma=SIGMA, amplitudes=50.0, background=10.0)
    along = np.arange(SHAPE[1])
    shaken = np.stack([np.interp(along + rng.normal(0, 1.0), along, line) for line in still])
    image = rng.normal(shaken, 1.0).astype(np.float32)
    regions = find_regions(map_of(SHAPE, SHAPE, positions), shape=SHAPE)
    errors = {}
    for method in ("poisson-ml", "poisson-ml-lines"):
        columns = measure(image, regions, method=method, column_width_px=WIDTH)
        errors[method] = match(columns.positions, positions, 1.0).rms[1]
    assert errors["poisson-ml-lines"] < 0.7 * errors["poisson-ml"]
