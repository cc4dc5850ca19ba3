from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from scipy.spatial import cKDTree

from atomsegnet.core.errors import ReadError, SettingError
from atomsegnet.physics.materials import MATERIALS, projected
from atomsegnet.physics.structure import project, read_cif, tile_plane


def nearest_spacing(name: str, zone: tuple[int, int, int]) -> float:
    cell = projected(name, zone)
    points, _ = tile_plane(cell.vectors_nm, cell.positions_nm, 2.0)
    inner = points[np.linalg.norm(points, axis=1) < 1.0]
    return float(np.sort(cKDTree(points).query(inner, k=2)[0][:, 1])[0])


# Published lattice parameters: Pt 0.39236 nm, Si 0.54310 nm, SrTiO3 0.3905 nm, graphene 0.2461 nm,
# MoS2 0.3160 nm; the shortest projected distance of each zone by hand.
@pytest.mark.parametrize(
    ("name", "zone", "spacing_nm"),
    [
        ("Pt", (0, 0, 1), 0.39236 / 2),
        ("Pt", (1, 1, 0), 0.39236 * np.sqrt(3 / 8)),
        ("Si", (1, 1, 0), 0.54310 / 4),
        ("SrTiO3", (0, 0, 1), 0.3905 / 2),
        ("SrTiO3", (1, 1, 0), 0.3905 * np.sqrt(2) / 4),
        ("graphene", (0, 0, 1), 0.2461 / np.sqrt(3)),
        ("MoS2", (0, 0, 1), 0.3160 / np.sqrt(3)),
    ],
)
def test_that_columns_are_as_far_apart_as_published(
    name: str, zone: tuple[int, int, int], spacing_nm: float
) -> None:
    assert nearest_spacing(name, zone) == pytest.approx(spacing_nm, rel=2e-3)


def test_that_projection_keeps_the_number_of_atoms_per_volume() -> None:
    for entry in MATERIALS.values():
        atoms = entry.build()
        density = len(atoms) / (atoms.get_volume() * 1e-3)
        for zone in entry.zones:
            cell = projected(entry.name, zone)
            volume = abs(np.linalg.det(cell.vectors_nm)) * cell.repeat_nm
            count = sum(sum(column.values()) for column in cell.species)
            assert count / volume == pytest.approx(density, rel=1e-6), cell.name


def test_that_strontium_titanate_001_has_four_columns_of_the_right_kind() -> None:
    cell = projected("SrTiO3", (0, 0, 1))
    kinds = sorted("".join(sorted(column)) for column in cell.species)
    assert kinds == ["O", "O", "OTi", "Sr"]


def test_that_a_zone_of_length_zero_is_refused() -> None:
    with pytest.raises(SettingError, match="no direction"):
        project(bulk("Si"), (0, 0, 0))


def test_that_a_primitive_cell_gives_the_same_columns_as_a_cubic_one() -> None:
    cubic = project(bulk("Cu", "fcc", a=3.6, cubic=True), (0, 0, 1))
    # [001] of the cubic cell is a1 + a2 - a3 of ase's primitive fcc cell.
    primitive = project(bulk("Cu", "fcc", a=3.6), (1, 1, -1))
    assert len(cubic.positions_nm) == len(primitive.positions_nm) == 1
    for cell in (cubic, primitive):
        assert np.linalg.norm(cell.vectors_nm, axis=1) == pytest.approx(0.18)


def test_that_no_cif_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "text.cif"
    path.write_text("this is a letter, not a crystal")
    with pytest.raises(ReadError, match="CIF"):
        read_cif(path)
    with pytest.raises(ReadError, match="does not exist"):
        read_cif(tmp_path / "missing.cif")


def test_that_a_cif_is_read_and_projected(tmp_path: Path) -> None:
    path = tmp_path / "cscl.cif"
    path.write_text(
        "data_CsCl\n_cell_length_a 4.123\n_cell_length_b 4.123\n_cell_length_c 4.123\n"
        "_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n"
        "_symmetry_space_group_name_H-M 'P m -3 m'\nloop_\n_atom_site_label\n"
        "_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
        "Cs1 Cs 0 0 0\nCl1 Cl 0.5 0.5 0.5\n"
    )
    cell = project(read_cif(path), (0, 0, 1))
    assert sorted(next(iter(column)) for column in cell.species) == ["Cl", "Cs"]
    assert np.linalg.norm(cell.vectors_nm, axis=1) == pytest.approx(0.4123)
