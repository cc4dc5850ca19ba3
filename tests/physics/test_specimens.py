from __future__ import annotations

import numpy as np
import pytest

from atomsegnet.physics.arrangements import wedge
from atomsegnet.physics.draw_specimen import SHARES, draw_specimen
from atomsegnet.physics.grains import interface, mirrored, twin
from atomsegnet.physics.materials import projected
from atomsegnet.physics.scene import draw_scene
from atomsegnet.physics.scene_settings import SceneSettings
from atomsegnet.physics.specimen import cell_of_crystal

PLATINUM = cell_of_crystal(projected("Pt", (1, 1, 0)), 0.1, 1.7)
NICKEL_OXIDE = cell_of_crystal(projected("NiO", (0, 0, 1)), 0.1, 1.7)
FILLED = SceneSettings(empty_share=0.0)


def test_that_a_wedge_gets_thicker_by_whole_atoms() -> None:
    for seed in range(6):
        specimen = wedge(np.random.default_rng(seed), PLATINUM, 20.0)
        if not len(specimen.positions):
            continue
        steps = specimen.intensity / specimen.intensity.min()
        layers = np.round(1 / np.diff(np.unique(np.r_[0, specimen.intensity])).min())
        assert np.allclose(specimen.intensity * layers, np.round(specimen.intensity * layers))
        assert steps.max() <= 81


def test_that_mirroring_keeps_one_side_and_copies_it() -> None:
    points = np.array([[-1.0, 0.0], [0.0, 3.0], [2.0, 5.0], [-2.0, 1.0]])
    made, origin = mirrored(points, np.array([0.0, 1.0]), np.zeros(2))
    below = {tuple(p) for p in made.tolist()}
    # The line runs along x through the origin: what lies on one side of y = 0 is mirrored.
    assert origin.tolist() in ([0, 1, 3, 0, 3], [1, 2, 2])
    assert (0.0, 3.0) in below
    assert all((-y, x) in below for y, x in below)


def test_that_a_twin_is_a_crystal_on_both_sides() -> None:
    for seed in range(4):
        specimen = twin(np.random.default_rng(seed), PLATINUM, 25.0)
        area = abs(np.linalg.det(PLATINUM.vectors))
        assert len(specimen.positions) == pytest.approx(50.0**2 / area, rel=0.12)


def test_that_an_interface_divides_two_phases_at_its_line() -> None:
    specimen = interface(np.random.default_rng(3), (PLATINUM, NICKEL_OXIDE), 20.0, 0.5)
    assert specimen.boundary is not None
    angle, offset = specimen.boundary
    side = specimen.positions @ [np.sin(angle), np.cos(angle)] - offset
    is_platinum = np.array([element == "Pt" for element in specimen.elements])
    assert np.array_equal(side > 0, is_platinum)
    assert specimen.material == "Pt [110] / NiO [001]"


def test_that_the_background_has_its_step_where_the_phases_meet() -> None:
    found = 0
    for seed in range(80):
        scene = draw_scene(FILLED, np.random.default_rng(seed), 64, 64, 6.0)
        if scene.specimen.boundary is None:
            continue
        found += 1
        angle, offset = scene.specimen.boundary
        assert scene.background.steps[-1, :2] == pytest.approx([angle, offset * 6.0 / 64])
    assert found > 0


def test_that_every_arrangement_is_drawn_and_the_same_for_the_same_seed() -> None:
    assert sum(SHARES.values()) == pytest.approx(1.0)
    kinds = set()
    for seed in range(150):
        one, again = (
            draw_specimen(FILLED, np.random.default_rng(seed), 12.0, 0.1) for _ in range(2)
        )
        assert np.array_equal(one.positions, again.positions)
        assert len(one.elements) == len(one.positions) == len(one.intensity)
        kinds.add(one.kind)
    assert kinds == set(SHARES)


@pytest.mark.parametrize("kind", ["wedge", "clusters", "interface"])
def test_that_morphologies_can_be_chosen(kind: str) -> None:
    settings = SceneSettings(empty_share=0.0, kinds=(kind,))
    for seed in range(4):
        assert draw_specimen(settings, np.random.default_rng(seed), 8.0, 0.1).kind == kind
