from __future__ import annotations

import numpy as np
import pytest

from atomsegnet.core.errors import SettingError
from atomsegnet.physics.amorphous import BOND_NM, network_cell, random_network
from atomsegnet.physics.materials import projected

SIDE_NM = 4.0


@pytest.fixture(scope="module")
def network() -> tuple[np.ndarray, np.ndarray]:
    return random_network(np.random.default_rng(7), SIDE_NM)


def distances(atoms: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    difference = atoms[pairs[:, 1]] - atoms[pairs[:, 0]]
    return np.linalg.norm(difference - SIDE_NM * np.round(difference / SIDE_NM), axis=1)


def test_that_the_network_has_the_density_of_graphene(network) -> None:
    # Two atoms in a cell of 0.2461 nm.
    density = 2 / (0.2461**2 * np.sqrt(3) / 2)
    assert len(network[0]) / SIDE_NM**2 == pytest.approx(density, rel=0.01)


def test_that_every_atom_has_three_neighbors(network) -> None:
    atoms, bonds = network
    assert set(np.bincount(bonds.ravel(), minlength=len(atoms))) == {3}


def test_that_the_mean_bond_is_that_of_graphene(network) -> None:
    lengths = distances(*network)
    assert lengths.mean() == pytest.approx(BOND_NM, rel=0.02)
    assert lengths.min() > 0.75 * BOND_NM


def test_that_the_network_has_no_order(network) -> None:
    # The strongest peak of graphene, at 1 / 0.2131 nm, would be 1 for a crystal.
    angle = np.linspace(0, np.pi, 90, endpoint=False)
    waves = np.stack([np.sin(angle), np.cos(angle)], axis=1) / 0.2131
    strength = np.abs(np.exp(2j * np.pi * waves @ network[0].T).mean(axis=1))
    assert strength.max() < 0.3


def test_that_networks_differ_and_are_the_same_each_time() -> None:
    first = network_cell(0).positions_nm
    assert np.array_equal(first, network_cell.__wrapped__(0).positions_nm)
    assert not np.array_equal(first[:50], network_cell(1).positions_nm[:50])


def test_that_a_sheet_is_not_seen_from_its_side() -> None:
    with pytest.raises(SettingError, match="sheet"):
        projected("amorphous graphene", (1, 0, 0))
