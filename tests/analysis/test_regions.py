from __future__ import annotations

import numpy as np
import pytest
from peak_images import jittered_lattice, map_of, peaks_image

from atomsegnet.analysis.calibration import map_value
from atomsegnet.analysis.centroid import geometric_centroids, weighted_centroids
from atomsegnet.analysis.matching import match
from atomsegnet.analysis.peaks import find_regions
from atomsegnet.core.errors import SettingError


def test_that_every_column_of_a_lattice_is_found_once() -> None:
    positions = jittered_lattice(160, 12, np.random.default_rng(1))
    regions = find_regions(peaks_image((160, 160), positions, sigma=1.2), shape=(160, 160))
    matching = match(weighted_centroids(regions), positions, 1.0)
    assert (matching.f1, matching.hit_count) == (1.0, len(positions))


@pytest.mark.parametrize("separation", [4.0, 5.0, 6.0])
def test_that_a_touching_pair_is_split(separation: float) -> None:
    positions = np.array([[20.2, 20.0], [20.2, 20.0 + separation]])
    regions = find_regions(map_of((40, 48), (40, 48), positions), shape=(40, 48))
    assert match(weighted_centroids(regions), positions, 0.6).f1 == 1.0


def test_that_a_touching_pair_is_one_column_if_splitting_is_off() -> None:
    positions = np.array([[20.0, 20.0], [20.0, 25.0]])
    values = map_of((40, 48), (40, 48), positions)
    regions = find_regions(values, shape=(40, 48), split_touching=False)
    np.testing.assert_allclose(geometric_centroids(regions), [[20, 22.5]], atol=1e-6)


def test_that_a_weak_column_beside_a_strong_one_is_found() -> None:
    positions = np.array([[20.3, 20.1], [20.9, 26.0]])
    values = map_of((40, 48), (40, 48), positions, heights=np.array([0.95, 0.12]))
    regions = find_regions(values, shape=(40, 48), threshold=0.5)
    assert match(weighted_centroids(regions), positions, 0.5).f1 == 1.0
    assert regions.confidence[1] < regions.confidence[0]


def test_that_weak_and_strong_columns_have_regions_of_the_same_size() -> None:
    positions = np.array([[20.0, 12.0], [20.0, 36.0]])
    values = map_of((40, 48), (40, 48), positions, heights=np.array([0.9, 0.1]))
    area = find_regions(values, shape=(40, 48), threshold=0.5).area_px
    assert area[0] == area[1]


def test_that_exact_ties_between_neighbors_give_one_column() -> None:
    # Half-way between pixels, and rounded to eight bits as bfloat16 does.
    positions = jittered_lattice(160, 12, np.random.default_rng(2), jitter=0.0) + 0.5
    values = peaks_image((160, 160), positions, sigma=1.2, amplitudes=0.9)
    rounded = (values.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
    regions = find_regions(rounded, shape=(160, 160))
    assert len(regions) == len(positions)


def test_that_ripples_on_top_of_a_column_give_no_twins() -> None:
    rng = np.random.default_rng(3)
    positions = jittered_lattice(160, 14, rng)
    values = peaks_image((160, 160), positions, sigma=2.0, amplitudes=0.8)
    values *= rng.uniform(0.9, 1.1, values.shape).astype(np.float32)
    assert len(find_regions(values, shape=(160, 160))) == len(positions)


@pytest.mark.parametrize("level", [0.0, 0.003, 0.02])
def test_that_an_empty_map_gives_no_columns(level: float) -> None:
    rng = np.random.default_rng(4)
    values = rng.uniform(0, 2 * level, (64, 80)).astype(np.float32)
    regions = find_regions(values, shape=(64, 80))
    assert len(regions) == 0
    assert not regions.labels.any()
    assert regions.confidence.shape == regions.area_px.shape == regions.is_cut.shape == (0,)


@pytest.mark.parametrize("factor", [0.37, 1.0, 2.4, (0.7, 1.3)])
def test_that_coordinates_map_back_exactly(factor: float | tuple[float, float]) -> None:
    shape = (301, 257)
    factors = np.broadcast_to(factor, 2)
    map_shape = tuple(int(n) for n in np.rint(np.array(shape) * factors))
    regions = find_regions(np.zeros(map_shape, np.float32), shape=shape)
    # The corners of both grids coincide: half a pixel before the first and after the last center.
    corners = np.array([[-0.5, -0.5], [map_shape[0] - 0.5, map_shape[1] - 0.5]])
    expected = [[-0.5, -0.5], [shape[0] - 0.5, shape[1] - 0.5]]
    np.testing.assert_allclose(regions.in_micrograph(corners), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("factor", [0.37, 1.0, 2.4, (0.7, 1.3)])
def test_that_columns_of_a_resampled_map_are_at_their_place(
    factor: float | tuple[float, float],
) -> None:
    shape = (301, 257)
    factors = np.broadcast_to(factor, 2)
    map_shape = tuple(int(n) for n in np.rint(np.array(shape) * factors))
    positions = jittered_lattice(250, 16 / factors.min(), np.random.default_rng(5))
    regions = find_regions(map_of(shape, map_shape, positions), shape=shape)
    matching = match(weighted_centroids(regions), positions, 2 / factors.min())
    assert matching.f1 == 1.0
    # 0.03 px of the map.
    assert max(np.abs(matching.bias)) < 0.01 / factors.min()
    assert max(matching.rms) < 0.03 / factors.min()


def test_that_area_is_that_of_the_micrograph() -> None:
    position = np.array([[50.0, 50.0]])
    coarse = find_regions(map_of((100, 100), (100, 100), position, sigma=4.0), shape=(100, 100))
    half = find_regions(map_of((100, 100), (50, 50), position, sigma=2.0), shape=(100, 100))
    assert half.area_px[0] == pytest.approx(coarse.area_px[0], rel=0.2)


def test_that_small_regions_can_be_left_out() -> None:
    values = np.zeros((60, 60), np.float32)
    values += map_of((60, 60), (60, 60), np.array([[15.0, 15.0]]), sigma=1.0)
    values += map_of((60, 60), (60, 60), np.array([[40.0, 40.0]]), sigma=3.0)
    everything = find_regions(values, shape=(60, 60))
    limit = float(everything.area_px.mean())
    large = find_regions(values, shape=(60, 60), minimum_area_px=limit)
    np.testing.assert_allclose(weighted_centroids(large), [[40, 40]], atol=0.01)
    assert large.labels.max() == 1


def test_that_the_threshold_is_a_confidence() -> None:
    positions = np.array([[20.0, 12.0], [20.0, 36.0]])
    heights = np.array([map_value(0.9), map_value(0.6)])
    values = map_of((40, 48), (40, 48), positions, heights=heights)
    both = find_regions(values, shape=(40, 48), threshold=0.5)
    np.testing.assert_allclose(both.confidence, [0.9, 0.6], 1e-4)
    assert len(find_regions(values, shape=(40, 48), threshold=0.59)) == 2
    assert len(find_regions(values, shape=(40, 48), threshold=0.61)) == 1
    assert len(find_regions(values, shape=(40, 48), threshold=0.91)) == 0


def test_that_regions_at_the_border_are_known_to_be_cut() -> None:
    positions = np.array([[0.2, 12.0], [20.0, 20.0], [25.0, 47.3]])
    regions = find_regions(map_of((40, 48), (40, 48), positions), shape=(40, 48))
    np.testing.assert_array_equal(regions.is_cut, [True, False, True])


@pytest.mark.parametrize("options", [{"threshold": 1.5}, {"minimum_area_px": -1.0}])
def test_that_settings_outside_of_their_limits_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(SettingError):
        find_regions(np.zeros((8, 8), np.float32), shape=(8, 8), **options)


def test_that_the_map_is_not_changed() -> None:
    values = map_of((40, 48), (40, 48), np.array([[20.0, 20.0]]))
    before = values.copy()
    find_regions(values, shape=(40, 48))
    np.testing.assert_array_equal(values, before)


def test_that_doubtful_columns_come_along_only_when_asked_for() -> None:
    positions = jittered_lattice(160, 14, np.random.default_rng(3))
    heights = np.full(len(positions), 0.9)
    heights[::9] = map_value(0.3)
    values = map_of((160, 160), (160, 160), positions, heights=heights)
    sure = find_regions(values, shape=(160, 160))
    all_of_them = find_regions(values, shape=(160, 160), with_doubtful=True)
    assert len(sure) == np.count_nonzero(heights == 0.9)
    assert len(all_of_them) == len(positions)
    assert all_of_them.threshold == sure.threshold
    np.testing.assert_array_equal(all_of_them.is_doubtful, all_of_them.confidence < sure.threshold)
    rest = all_of_them.without_doubtful()
    np.testing.assert_array_equal(rest.labels, sure.labels)
    np.testing.assert_array_equal(rest.area_px, sure.area_px)
    np.testing.assert_array_equal(rest.is_cut, sure.is_cut)
