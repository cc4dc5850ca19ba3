"""The crystals this program simulates, with the source of their lattice parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from atomsegnet.core.errors import SettingError
from atomsegnet.physics import unit_cells
from atomsegnet.physics.amorphous import AMORPHOUS_GRAPHENE, SIDE_NM, network_cell
from atomsegnet.physics.structure import ProjectedCell, project

if TYPE_CHECKING:
    from ase import Atoms

Zone = tuple[int, int, int]


@dataclass(frozen=True)
class Material:
    """A crystal and the zone axes it is simulated along.

    Attributes
    ----------
    name : str
        Formula.
    build : callable
        Returns the unit cell [angstrom].
    zones : tuple
        Zone axes [u v w] in multiples of the vectors of that cell.
    source : str
        Where the lattice parameters come from.
    """

    name: str
    build: Callable[[], Atoms]
    zones: tuple[Zone, ...]
    source: str


def _amorphous_graphene() -> Atoms:
    from ase import Atoms

    cell = network_cell(0)
    return Atoms(
        f"C{len(cell.positions_nm)}",
        positions=[(10 * x, 10 * y, 0.0) for y, x in cell.positions_nm],
        cell=(10 * SIDE_NM, 10 * SIDE_NM, unit_cells.SHEET_CELL_HEIGHT),
        pbc=(True, True, False),
    )


# Materials and zones of Lin et al. (2021), doi 10.1038/s41598-021-84499-w, section *Library
# composition and augmentation*.
_ENTRIES = (
    Material(
        "Pt",
        unit_cells.face_centered("Pt", 3.9236),
        ((0, 0, 1), (1, 1, 0)),
        "Arblaster, Platinum Metals Rev. 41, 12 (1997)",
    ),
    Material(
        "NiO",
        unit_cells.rock_salt("NiO", 4.178),
        ((0, 0, 1), (1, 1, 0)),
        "Sasaki, Fujino and Takeuchi, Proc. Jpn. Acad. B 55, 43 (1979), doi 10.2183/pjab.55.43",
    ),
    Material(
        "SrTiO3",
        unit_cells.perovskite(("Sr", "Ti", "O"), 3.905),
        ((0, 0, 1), (1, 1, 0)),
        "Jauch and Reehuis, Acta Cryst. A 61, 411 (2005), 3.9053 angstrom at 293 K",
    ),
    Material(
        "DyScO3",
        unit_cells.orthorhombic_perovskite(
            ("Dy", "Sc"),
            (5.440, 5.717, 7.903),
            a_site=(0.983, 0.061),
            apex=(0.119, 0.445),
            base=(0.692, 0.305, 0.062),
        ),
        ((1, 1, 0),),
        "setting Pbnm, positions rounded to 0.001: Velickov, Kahlenberg, Bertram and Bernhagen, "
        "Z. Kristallogr. 222, 466 (2007), doi 10.1524/zkri.2007.222.9.466",
    ),
    Material(
        "Si",
        unit_cells.diamond("Si", 5.4310),
        ((1, 1, 0),),
        "CODATA 2018 lattice parameter of silicon, doi 10.1103/RevModPhys.93.025010",
    ),
    Material(
        "graphene",
        unit_cells.graphene,
        ((0, 0, 1),),
        "in-plane parameter of graphite: Baskin and Meyer, Phys. Rev. 100, 544 (1955), "
        "doi 10.1103/PhysRev.100.544",
    ),
    Material(
        AMORPHOUS_GRAPHENE,
        _amorphous_graphene,
        ((0, 0, 1),),
        "density and mean bond of graphene; made as told in atomsegnet.physics.amorphous",
    ),
    Material(
        "MoS2",
        unit_cells.molybdenum_disulfide,
        ((0, 0, 1),),
        "one layer: Wildervanck and Jellinek, Z. Anorg. Allg. Chem. 328, 309 (1964), "
        "doi 10.1002/zaac.19643280514",
    ),
    Material(
        "TiO2",
        unit_cells.rutile("Ti", a=4.5937, c=2.9587, u=0.3048),
        ((0, 0, 1), (1, 0, 0), (1, 1, 0)),
        "rutile: Abrahams and Bernstein, J. Chem. Phys. 55, 3206 (1971), doi 10.1063/1.1676569",
    ),
    Material(
        "LiCoO2",
        unit_cells.layered_oxide("Li", "Co", a=2.8161, c=14.0536, z=0.2603),
        ((0, 1, 0),),
        "hexagonal cell of R-3m: Akimoto, Gotoh and Oosawa, J. Solid State Chem. 141, 298 (1998), "
        "doi 10.1006/jssc.1998.7966",
    ),
)
MATERIALS = {entry.name: entry for entry in _ENTRIES}


def material(name: str) -> Material:
    """Return a material of the list.

    Raises
    ------
    SettingError
        No material of this name is known.
    """
    if name not in MATERIALS:
        known = ", ".join(MATERIALS)
        raise SettingError(f"There is no material {name!r}; known are {known}.")
    return MATERIALS[name]


@cache
def projected(name: str, zone: Zone) -> ProjectedCell:
    """Return a material of the list seen along a zone axis.

    Raises
    ------
    SettingError
        No material of this name is known, or the zone is [0 0 0], or an amorphous sheet is to be
        seen from its side.
    """
    if name == AMORPHOUS_GRAPHENE:
        if zone[:2] != (0, 0) or not zone[2]:
            raise SettingError(f"{name} is a sheet and is seen along [001] alone.")
        return network_cell(0)
    return project(material(name).build(), zone, f"{name} {zone_name(zone)}")


def zone_name(zone: Zone) -> str:
    """Return a zone axis in brackets, such as "[110]"; "[1 -1 0]" where a sign needs room."""
    separator = " " if any(index < 0 or index > 9 for index in zone) else ""
    return f"[{separator.join(map(str, zone))}]"
