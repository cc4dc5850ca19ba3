from __future__ import annotations

import numpy as np
import pytest

from atomsegnet.physics.materials import MATERIALS, projected
from atomsegnet.physics.nanocrystal import (
    CutCrystal,
    count_columns,
    cut_crystal,
    family,
    nanocrystal,
)

A_NM = 0.39236
ON_ATOM = np.zeros(3)
IN_HOLE = np.array([0.5, 0.5, 0.5])


def octahedron(edge_layers: float, cube_layers: float, center: np.ndarray) -> CutCrystal:
    """Cut |x| + |y| + |z| <= edge_layers and |x| <= cube_layers, in units of half a cell."""
    faces = {(1, 1, 1): edge_layers * A_NM / 2 / np.sqrt(3), (1, 0, 0): cube_layers * A_NM / 2}
    return cut_crystal(MATERIALS["Pt"].build(), faces, center)


# Magic numbers of face-centered cubic clusters: octahedra, truncated octahedra and cuboctahedra,
# as in Martin, Phys. Rep. 273, 199 (1996), doi 10.1016/0370-1573(95)00083-6.
@pytest.mark.parametrize(
    ("edge_layers", "cube_layers", "center", "atoms"),
    [
        (2, 9, ON_ATOM, 19),
        (3, 9, IN_HOLE, 44),
        (4, 9, ON_ATOM, 85),
        (3, 2, IN_HOLE, 38),
        (5, 4, IN_HOLE, 140),
        (6, 4, ON_ATOM, 201),
        (2, 1, ON_ATOM, 13),
        (4, 2, ON_ATOM, 55),
        (6, 3, ON_ATOM, 147),
    ],
)
def test_that_clusters_have_their_magic_numbers(
    edge_layers: float, cube_layers: float, center: np.ndarray, atoms: int
) -> None:
    assert len(octahedron(edge_layers, cube_layers, center).positions_nm) == atoms


@pytest.mark.parametrize("axis", [(0, 0, 1), (1, 1, 0), (1, 1, 1), (2, 1, 0)])
def test_that_no_atom_is_lost_in_projection(axis: tuple[int, int, int]) -> None:
    columns = count_columns(octahedron(6, 4, ON_ATOM), np.array(axis, dtype=float))
    assert columns.counts.sum() == 201


def test_that_the_columns_of_a_small_cluster_hold_what_is_counted_by_hand() -> None:
    # In units of half a cell from the hole: whole x, y, z of odd sum, |x| + |y| + |z| <= 3 and none
    # beyond 2: (0, 0) has z = 1, -1; (1, 0) has 0, 2, -2; (1, 1) and (2, 0) 1, -1; (2, 1) has 0.
    columns = count_columns(octahedron(3, 2, IN_HOLE), np.array([0.0, 0.0, 1.0]))
    radius = np.round(np.linalg.norm(columns.positions_nm, axis=1) / (A_NM / 2), 3)
    counted = {float(r): sorted(columns.counts[radius == r, 0].tolist()) for r in np.unique(radius)}
    assert counted == {
        0.0: [2],
        1.0: [3, 3, 3, 3],
        1.414: [2, 2, 2, 2],
        2.0: [2, 2, 2, 2],
        2.236: [1] * 8,
    }


def test_that_the_edge_is_dimmer_because_it_is_thinner() -> None:
    columns = count_columns(octahedron(12, 8, ON_ATOM), np.array([1.0, 1.0, 0.0]))
    radius = np.linalg.norm(columns.positions_nm, axis=1)
    atoms = columns.counts[:, 0]
    assert atoms[radius.argmin()] == atoms.max()
    assert atoms[radius > 0.9 * radius.max()].max() < 0.5 * atoms.max()


def test_that_every_species_is_counted() -> None:
    atoms = MATERIALS["SrTiO3"].build()
    cut = cut_crystal(atoms, {(1, 0, 0): 1.0}, np.array([0.3, 0.3, 0.3]))
    columns = count_columns(cut, np.array([0.0, 0.0, 1.0]))
    assert columns.numbers.tolist() == [8, 22, 38]
    assert columns.counts.sum(axis=0).tolist() == [(cut.numbers == n).sum() for n in (8, 22, 38)]
    holds = {tuple(np.flatnonzero(row).tolist()) for row in columns.counts}
    assert holds == {(0,), (0, 1), (2,)}


def test_that_families_hold_every_plane() -> None:
    assert [len(family(f)) for f in ((1, 0, 0), (1, 1, 0), (1, 1, 1))] == [6, 12, 8]


def test_that_drawn_particles_lie_in_the_field_and_repeat_with_the_seed() -> None:
    cell = projected("Pt", (1, 1, 0))
    drawn = [
        nanocrystal(np.random.default_rng(seed), cell, 20.0, 0.1, 1.7) for seed in (1, 1, 2, 3, 4)
    ]
    assert np.array_equal(drawn[0].positions, drawn[1].positions)
    for specimen in drawn:
        assert len(specimen.positions) > 10
        assert specimen.intensity.max() == 1.0
        assert specimen.intensity.min() < 0.5
        assert set(specimen.elements) == {"Pt"}
