from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase.build import bulk
from scipy.spatial import cKDTree

from atomsegnet.core.errors import ReadError, SettingError
from atomsegnet.physics.held_out import held_out_crystals
from atomsegnet.physics.materials import MATERIALS, projected
from atomsegnet.physics.structure import ProjectedCell, project, read_cif, tile_plane


def nearest_spacing(name: str, zone: tuple[int, int, int]) -> float:
    cell = projected(name, zone)
    points, _ = tile_plane(cell.vectors_nm, cell.positions_nm, 2.0)
    inner = points[np.linalg.norm(points, axis=1) < 1.0]
    return float(np.sort(cKDTree(points).query(inner, k=2)[0][:, 1])[0])


def structure_factor_of(cell: ProjectedCell, spacing_nm: float) -> float:
    """Return the strongest Fourier coefficient of the columns at a spatial frequency, 0 to 1."""
    reciprocal = np.linalg.inv(cell.vectors_nm).T
    orders = np.array([[h, k] for h in range(-4, 5) for k in range(-4, 5)])
    waves = orders @ reciprocal
    near = np.abs(np.linalg.norm(waves, axis=1) * spacing_nm - 1) < 2e-3
    if not near.any():
        return 0.0
    heights = cell.scattering(1.7)
    phases = np.exp(2j * np.pi * waves[near] @ cell.positions_nm.T)
    return float((np.abs(phases @ heights) / heights.sum()).max())


# Plane spacings [nm] from the lattice parameters and 1/d^2 = h^2/a^2 + k^2/b^2 + l^2/c^2, for a
# hexagonal cell 4/3 (h^2 + hk + k^2)/a^2 + l^2/c^2, by hand; the planes contain the zone axis and
# are no forbidden ones. The parameters are those of the literature: Pt 0.39236, NiO 0.4178, SrTiO3
# 0.3905, DyScO3 0.5440 0.5717 0.7903, Si 0.54310, graphene 0.2461, MoS2 0.3160, TiO2 0.45937
# 0.29587, LiCoO2 0.28161 1.40536.
@pytest.mark.parametrize(
    ("name", "zone", "spacings_nm"),
    [
        ("Pt", (0, 0, 1), {"200": 0.19618, "220": 0.13872}),
        ("Pt", (1, 1, 0), {"111": 0.22653, "002": 0.19618, "220": 0.13872}),
        ("NiO", (0, 0, 1), {"200": 0.2089, "220": 0.14771}),
        ("NiO", (1, 1, 0), {"111": 0.24122, "002": 0.2089}),
        ("SrTiO3", (0, 0, 1), {"100": 0.3905, "110": 0.27613, "200": 0.19525}),
        ("SrTiO3", (1, 1, 0), {"001": 0.3905, "1-10": 0.27613, "1-11": 0.22546}),
        ("DyScO3", (1, 1, 0), {"1-10": 0.39409, "002": 0.39515, "2-20": 0.19705}),
        ("Si", (1, 1, 0), {"111": 0.31356, "220": 0.19202, "004": 0.13578}),
        ("graphene", (0, 0, 1), {"100": 0.21313, "110": 0.12305}),
        ("MoS2", (0, 0, 1), {"100": 0.27366, "110": 0.15800}),
        ("TiO2", (0, 0, 1), {"110": 0.32482, "200": 0.22969}),
        ("TiO2", (1, 0, 0), {"011": 0.24874, "020": 0.22969}),
        ("TiO2", (1, 1, 0), {"1-10": 0.32482, "002": 0.14794, "1-11": 0.21874}),
        ("LiCoO2", (0, 1, 0), {"003": 0.46845, "101": 0.24025, "104": 0.20034}),
    ],
)
def test_that_planes_are_as_far_apart_as_published(
    name: str, zone: tuple[int, int, int], spacings_nm: dict[str, float]
) -> None:
    cell = projected(name, zone)
    for plane, spacing_nm in spacings_nm.items():
        assert structure_factor_of(cell, spacing_nm) > 0.02, plane


# Measured by others than those whose parameters the cells have: SrTiO3 by gamma-ray diffraction,
# Jauch and Reehuis, Acta Cryst. A 61, 411 (2005), and NiO as the mineral bunsenite. Along [001] of
# NiO each column holds both elements, half a cell from the next.
@pytest.mark.parametrize(
    ("name", "zone", "sides_nm"),
    [
        ("SrTiO3", (0, 0, 1), (0.39053, 0.39053)),
        ("NiO", (0, 0, 1), (0.41769 / 2, 0.41769 / 2)),
    ],
)
def test_that_cells_agree_with_other_measurements(
    name: str, zone: tuple[int, int, int], sides_nm: tuple[float, float]
) -> None:
    found = np.sort(np.linalg.norm(projected(name, zone).vectors_nm, axis=1))
    assert found == pytest.approx(sides_nm, rel=1e-3)


def test_that_oxygen_in_the_layers_of_lithium_cobaltate_is_as_close_as_measured() -> None:
    # The edge that two octahedra share, by single-crystal diffraction: Takahashi et al., J. Solid
    # State Chem. 180, 313 (2007), 2.6180(9) angstrom.
    atoms = MATERIALS["LiCoO2"].build().repeat((3, 3, 1))
    oxygen = atoms.positions[np.array(atoms.get_chemical_symbols()) == "O"]
    shortest = np.sort(cKDTree(oxygen).query(oxygen, k=2)[0][:, 1])[0]
    assert shortest == pytest.approx(2.6180, abs=0.002)


def test_that_every_zone_of_the_paper_is_there() -> None:
    zones = {(entry.name, zone) for entry in MATERIALS.values() for zone in entry.zones}
    assert len(zones) == 15


# The shortest projected distance between columns by hand.
@pytest.mark.parametrize(
    ("name", "zone", "spacing_nm"),
    [
        ("Pt", (0, 0, 1), 0.39236 / 2),
        ("Pt", (1, 1, 0), 0.39236 * np.sqrt(3 / 8)),
        ("NiO", (0, 0, 1), 0.4178 / 2),
        ("NiO", (1, 1, 0), 0.4178 * np.sqrt(2) / 4),
        ("Si", (1, 1, 0), 0.54310 / 4),
        ("SrTiO3", (0, 0, 1), 0.3905 / 2),
        ("SrTiO3", (1, 1, 0), 0.3905 * np.sqrt(2) / 4),
        ("graphene", (0, 0, 1), 0.2461 / np.sqrt(3)),
        ("MoS2", (0, 0, 1), 0.3160 / np.sqrt(3)),
        ("TiO2", (0, 0, 1), 0.45937 * np.sqrt(2) * (0.5 - 0.3048)),
        ("TiO2", (1, 0, 0), 0.45937 * 0.3048),
        ("LiCoO2", (0, 1, 0), np.hypot(0.28161 / np.sqrt(12), 1.40536 * (1 / 3 - 0.2603))),
    ],
)
def test_that_columns_are_as_far_apart_as_published(
    name: str, zone: tuple[int, int, int], spacing_nm: float
) -> None:
    assert nearest_spacing(name, zone) == pytest.approx(spacing_nm, rel=2e-3)


# Bonds of the real structures [nm]: Li and Co in their octahedra, Akimoto et al. (1998); the two of
# Ti in rutile, Abrahams and Bernstein (1971); the mean of Sc from the radii of Shannon (1976),
# doi 10.1107/S0567739476001551, 0.0745 + 0.136.
@pytest.mark.parametrize(
    ("name", "symbol", "bonds_nm", "tolerance"),
    [
        ("LiCoO2", "Co", [0.1922] * 6, 0.005),
        ("LiCoO2", "Li", [0.2092] * 6, 0.005),
        ("TiO2", "Ti", [0.1949] * 4 + [0.1980] * 2, 0.002),
        ("DyScO3", "Sc", [0.2105] * 6, 0.02),
    ],
)
def test_that_metals_stand_in_octahedra_of_the_known_size(
    name: str, symbol: str, bonds_nm: list[float], tolerance: float
) -> None:
    atoms = MATERIALS[name].build().repeat(3)
    symbols = np.array(atoms.get_chemical_symbols())
    center = atoms.cell.array.sum(axis=0) / 2
    metals = atoms.positions[symbols == symbol]
    middle = metals[np.linalg.norm(metals - center, axis=1).argmin()]
    found = np.sort(np.linalg.norm(atoms.positions[symbols == "O"] - middle, axis=1))[:7] / 10
    assert found[:6] == pytest.approx(bonds_nm, rel=tolerance)
    assert found[6] > 1.4 * found[5]


def test_that_the_dysprosium_zigzag_along_110_is_one_column() -> None:
    cell = projected("DyScO3", (1, 1, 0))
    heavy = [column["Dy"] for column in cell.species if "Dy" in column]
    assert heavy == pytest.approx([2.0, 2.0])


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


@pytest.mark.parametrize(
    ("name", "nearest_nm"),
    [
        # Projected distances by hand: a / 4, a sqrt(2 / 3), a sqrt(2) / 4, (1 / 2 - u) a sqrt(2).
        ("CdTe [110]", 0.6482 / 4),
        ("Fe [111]", 0.28665 * (2 / 3) ** 0.5),
        ("CeO2 [001]", 0.5411 * 2**0.5 / 4),
        ("RuO2 [001]", 0.44919 * (0.5 - 0.3058) * 2**0.5),
    ],
)
def test_that_crystals_kept_for_measuring_have_their_distances(
    name: str, nearest_nm: float
) -> None:
    cell = held_out_crystals()[name]
    points, _ = tile_plane(cell.vectors_nm, cell.positions_nm, 2.0)
    inner = points[np.linalg.norm(points, axis=1) < 1.0]
    distance = cKDTree(points).query(inner, k=2)[0][:, 1].min()
    assert distance == pytest.approx(nearest_nm, rel=1e-3)


def test_that_crystals_kept_for_measuring_are_in_no_list() -> None:
    assert not {name.split()[0] for name in held_out_crystals()} & set(MATERIALS)
