from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from lattice_points import MOS2, SI_110, SIDE_PX, SRTIO3_001, SRTIO3_110, columns_on, without

from atomsegnet.analysis.lattice import Points, find_lattice
from atomsegnet.core.errors import NoLatticeError

KNOWN = {
    "Si [110]": (SI_110, (1.0, 1.0), 54.3, 38.4, 90.0, 2),
    "SrTiO3 [001]": (SRTIO3_001, (1.0, 0.5), 40.0, 40.0, 90.0, 2),
    "SrTiO3 [110]": (SRTIO3_110, (1.0, 0.5, 0.2, 0.2), 56.0, 40.0, 90.0, 4),
    "MoS2": (MOS2, (1.0, 0.4), 32.0, 32.0, 120.0, 2),
}


@pytest.mark.parametrize("turned_rad", [0.0, 0.2])
@pytest.mark.parametrize("name", KNOWN)
def test_that_a_known_lattice_is_found_with_its_sublattices(name: str, turned_rad: float) -> None:
    crystal, heights, a, b, angle_deg, sublattices = KNOWN[name]
    found = find_lattice(columns_on(crystal, heights, turned_rad=turned_rad))
    assert np.linalg.norm(found.a) == pytest.approx(a, rel=1e-3)
    assert np.linalg.norm(found.b) == pytest.approx(b, rel=1e-3)
    assert found.angle_deg == pytest.approx(angle_deg, abs=0.1)
    assert len(found.sublattices) == sublattices
    assert found.is_indexed.all()
    assert len(found.missing) == 0
    for spacing in found.spacings:
        # Both ends of a pair scatter by 0.2 px.
        assert spacing.sd == pytest.approx(0.2 * np.sqrt(2), rel=0.15)
        assert spacing.robust_sd == pytest.approx(0.2 * np.sqrt(2), rel=0.2)


def test_that_heights_tell_sublattices_apart_that_positions_do_not() -> None:
    alike = find_lattice(columns_on(SRTIO3_001, (1.0, 1.0)))
    assert len(alike.sublattices) == 1
    assert np.linalg.norm(alike.a) == pytest.approx(40 / np.sqrt(2), rel=1e-3)
    points = columns_on(SRTIO3_001, (1.0, 0.5))
    found = find_lattice(points)
    is_bright = points.amplitude > 0.75
    np.testing.assert_array_equal(found.sublattice == 0, is_bright)
    assert found.sublattices[1].fraction == pytest.approx((0.5, 0.5), abs=0.01)


def test_that_an_index_is_the_place_of_a_column_in_cells() -> None:
    points = columns_on(SI_110, (1.0, 0.9), noise_px=0.0)
    found = find_lattice(points)
    fractions = np.array([item.fraction for item in found.sublattices])
    cells = found.indices + fractions[found.sublattice]
    np.testing.assert_allclose(
        found.origin + cells @ np.stack([found.a, found.b]), points.positions, atol=1e-6
    )
    # The rectangular cell is centered.
    np.testing.assert_allclose(found.indices * 2, np.rint(found.indices * 2), atol=1e-9)


def test_that_strain_and_rotation_that_were_put_in_come_out() -> None:
    middle = SIDE_PX / 2

    def moved(positions: np.ndarray) -> np.ndarray:
        # exx rises from left to right; the mean lattice takes its mean, 0.
        x = positions[:, 1] - middle
        bent = positions.copy()
        bent[:, 1] += 1e-4 * x**2 / 2
        return bent

    points = columns_on(SRTIO3_001, (1.0, 0.5), noise_px=0.02, moved=moved)
    found = find_lattice(points)
    inner = np.isfinite(found.rotation) & (np.abs(points.positions - middle).max(axis=1) < 180)
    x = found.positions[inner, 1] - middle
    slope, mean = np.polyfit(x, found.strain[inner, 0], 1)
    assert slope == pytest.approx(1e-4, rel=0.05)
    assert abs(mean) < 2e-3
    assert np.abs(found.strain[inner, 1:]).max() < 2e-3
    assert np.abs(found.rotation[inner]).max() < 2e-3


def test_that_a_turned_half_shows_its_angle_and_sense() -> None:
    def moved(positions: np.ndarray) -> np.ndarray:
        # Lower half: x moves with y, by an angle of 0.01 rad from y to minus x: sense x to y is
        # the other one, half of it rotation and half of it shear.
        bent = positions.copy()
        bent[:, 1] -= 0.01 * np.maximum(positions[:, 0] - SIDE_PX / 2, 0)
        return bent

    found = find_lattice(columns_on(SRTIO3_001, (1.0, 0.5), noise_px=0.02, moved=moved))
    upper = found.positions[:, 0] < SIDE_PX / 2 - 60
    lower = found.positions[:, 0] > SIDE_PX / 2 + 60
    rotation = np.nanmedian(found.rotation[lower]) - np.nanmedian(found.rotation[upper])
    shear = np.nanmedian(found.strain[lower, 2]) - np.nanmedian(found.strain[upper, 2])
    assert rotation == pytest.approx(0.005, rel=0.1)
    assert shear == pytest.approx(-0.005, rel=0.1)


def test_that_a_displaced_column_shows_its_displacement() -> None:
    points = columns_on(SRTIO3_001, (1.0, 0.5), noise_px=0.0)
    chosen = int(np.linalg.norm(points.positions - 250, axis=1).argmin())
    positions = points.positions.copy()
    positions[chosen] += (1.5, -2.0)
    found = find_lattice(replace(points, positions=positions))
    np.testing.assert_allclose(found.displacements[chosen], (1.5, -2.0), atol=0.03)


def test_that_vacancies_are_found_and_a_hole_is_none() -> None:
    points = columns_on(MOS2, (1.0, 0.4), turned_rad=0.1)
    from_middle = np.linalg.norm(points.positions - 250, axis=1)
    hole = np.flatnonzero(from_middle < 70)
    vacancies = np.array([np.linalg.norm(points.positions - (90, y), axis=1).argmin()
                          for y in (120, 250, 380)])  # fmt: skip
    found = find_lattice(without(points, np.r_[hole, vacancies]))
    missing = found.missing
    assert len(missing) == len(hole) + 3
    places = missing.positions[missing.is_vacancy]
    true = points.positions[vacancies]
    assert len(places) == 3
    nearest = np.linalg.norm(places[:, None] - true, axis=-1).min(axis=1)
    assert nearest.max() < 1.0


def test_that_a_column_found_twice_is_a_duplicate() -> None:
    points = columns_on(SRTIO3_001, (1.0, 0.5))
    chosen = int(np.linalg.norm(points.positions - 250, axis=1).argmin())
    twin = points.positions[chosen] + (2.5, 0.0)
    twice = Points(
        np.vstack([points.positions, twin]),
        np.r_[points.amplitude, points.amplitude[chosen]],
        np.r_[points.is_edge, False],
        shape=points.shape,
    )
    found = find_lattice(twice)
    assert np.flatnonzero(found.is_duplicate).tolist() == [len(points.positions)]
    assert all(len(points.positions) not in spacing.pairs for spacing in found.spacings)


def test_that_of_two_grains_the_larger_one_is_indexed() -> None:
    first = columns_on(SRTIO3_001, (1.0, 1.0))
    second = columns_on(SRTIO3_001, (1.0, 1.0), turned_rad=0.4)
    left = first.positions[:, 1] < 310
    right = second.positions[:, 1] > 315
    positions = np.vstack([first.positions[left], second.positions[right]])
    points = Points(positions, np.ones(len(positions)), np.zeros(len(positions), dtype=bool))
    found = find_lattice(points)
    assert found.is_indexed[: left.sum()].mean() > 0.98
    assert found.is_indexed[left.sum() :].mean() < 0.1
    assert np.linalg.norm(found.a) == pytest.approx(40 / np.sqrt(2), rel=0.01)


def test_that_a_lattice_is_followed_where_the_image_is_bent() -> None:
    def moved(positions: np.ndarray) -> np.ndarray:
        from_middle = positions - SIDE_PX / 2
        bend = np.stack([8 * np.sin(from_middle[:, 1] / 90), 10 * (from_middle[:, 0] / 250) ** 2])
        return positions + bend.T

    found = find_lattice(columns_on(SI_110, (1.0, 1.0), turned_rad=0.3, moved=moved))
    assert found.is_indexed.all()
    assert len(found.sublattices) == 2
    # Much larger than the noise of 0.2 px, since the mean lattice is straight.
    assert np.nanstd(found.displacements) > 2


@pytest.mark.parametrize("distance", [0.0, 14.0])
def test_that_columns_without_order_are_refused(distance: float) -> None:
    rng = np.random.default_rng(4)
    kept: list[np.ndarray] = []
    while len(kept) < 300:
        point = rng.uniform(0, 400, 2)
        if all(np.hypot(*(point - other)) >= distance for other in kept):
            kept.append(point)
    points = Points(np.array(kept), np.ones(300), np.zeros(300, dtype=bool), shape=(400, 400))
    with pytest.raises(NoLatticeError, match="300 columns do not repeat"):
        find_lattice(points)


@pytest.mark.parametrize("count", [0, 1, 11])
def test_that_too_few_columns_are_refused(count: int) -> None:
    positions = np.stack(np.divmod(np.arange(count), 4), axis=1) * 10.0
    with pytest.raises(NoLatticeError, match="too few"):
        find_lattice(Points(positions, np.ones(count), np.zeros(count, dtype=bool)))


@pytest.mark.parametrize("shape", ["line", "one place"])
def test_that_degenerate_columns_are_refused(shape: str) -> None:
    positions = np.zeros((40, 2))
    if shape == "line":
        positions[:, 1] = np.arange(40) * 12.0
    with pytest.raises(NoLatticeError, match="do not repeat"):
        find_lattice(Points(positions, np.ones(40), np.zeros(40, dtype=bool)))


def test_that_a_small_particle_is_enough() -> None:
    points = columns_on(SRTIO3_001, (1.0, 1.0), noise_px=0.5)
    outside = np.linalg.norm(points.positions - 250, axis=1) > 75
    found = find_lattice(without(points, np.flatnonzero(outside)))
    assert found.is_indexed.all()
    assert len(found.missing) == 0


def test_that_the_frames_for_a_picometer_are_those_of_the_paper() -> None:
    points = columns_on(SRTIO3_001, (1.0, 0.5))
    spacing = find_lattice(points).spacings[0]
    # Lin et al. (2021): 6.77 pm for one frame is 1 pm for 45.8, of which they say 45.
    lengths = (spacing.lengths - spacing.mean) / spacing.sd * 6.77 + 543
    assert replace(spacing, lengths=lengths).frames_for(1.0) == pytest.approx(45.83, abs=0.01)
