"""The crystals this program simulates, with the source of their lattice parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from atomsegnet.core.errors import SettingError
from atomsegnet.physics.structure import ProjectedCell, project

if TYPE_CHECKING:
    from ase import Atoms


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
    zones: tuple[tuple[int, int, int], ...]
    source: str


def _face_centered(symbol: str, a: float) -> Callable[[], Atoms]:
    def build() -> Atoms:
        from ase.build import bulk

        return bulk(symbol, "fcc", a=a, cubic=True)

    return build


def _diamond(symbol: str, a: float) -> Callable[[], Atoms]:
    def build() -> Atoms:
        from ase.build import bulk

        return bulk(symbol, "diamond", a=a, cubic=True)

    return build


def _perovskite(formula: tuple[str, str, str], a: float) -> Callable[[], Atoms]:
    def build() -> Atoms:
        from ase import Atoms

        corner, center, oxygen = formula
        return Atoms(
            [corner, center, oxygen, oxygen, oxygen],
            scaled_positions=[
                (0, 0, 0),
                (0.5, 0.5, 0.5),
                (0.5, 0.5, 0),
                (0.5, 0, 0.5),
                (0, 0.5, 0.5),
            ],
            cell=(a, a, a),
            pbc=True,
        )

    return build


def _graphene() -> Atoms:
    from ase import Atoms

    return Atoms(
        "C2",
        scaled_positions=[(1 / 3, 2 / 3, 0.5), (2 / 3, 1 / 3, 0.5)],
        cell=(2.461, 2.461, 6.7, 90, 90, 120),
        pbc=True,
    )


def _molybdenum_disulfide() -> Atoms:
    from ase import Atoms

    return Atoms(
        "MoS2",
        scaled_positions=[(1 / 3, 2 / 3, 0.5), (2 / 3, 1 / 3, 0.365), (2 / 3, 1 / 3, 0.635)],
        cell=(3.160, 3.160, 11.6, 90, 90, 120),
        pbc=True,
    )


MATERIALS = {
    entry.name: entry
    for entry in (
        Material(
            "Pt",
            _face_centered("Pt", 3.9236),
            ((0, 0, 1), (1, 1, 0)),
            "Arblaster, Platinum Metals Rev. 41, 12 (1997)",
        ),
        Material(
            "Si",
            _diamond("Si", 5.4310),
            ((1, 1, 0),),
            "CODATA 2018 lattice parameter of silicon, doi 10.1103/RevModPhys.93.025010",
        ),
        Material(
            "SrTiO3",
            _perovskite(("Sr", "Ti", "O"), 3.905),
            ((0, 0, 1), (1, 1, 0)),
            "Abramov et al., Acta Cryst. B 51, 942 (1995), doi 10.1107/S0108768195003752",
        ),
        Material(
            "graphene",
            _graphene,
            ((0, 0, 1),),
            "in-plane parameter of graphite: Baskin and Meyer, Phys. Rev. 100, 544 (1955), "
            "doi 10.1103/PhysRev.100.544",
        ),
        Material(
            "MoS2",
            _molybdenum_disulfide,
            ((0, 0, 1),),
            "Wildervanck and Jellinek, Z. Anorg. Allg. Chem. 328, 309 (1964), "
            "doi 10.1002/zaac.19643280514",
        ),
    )
}


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
def projected(name: str, zone: tuple[int, int, int]) -> ProjectedCell:
    """Return a material of the list seen along a zone axis.

    Raises
    ------
    SettingError
        No material of this name is known, or the zone is [0 0 0].
    """
    return project(material(name).build(), zone, f"{name} [{''.join(map(str, zone))}]")
