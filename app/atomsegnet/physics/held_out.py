"""Crystals that no training may see: on them the program is measured."""

from __future__ import annotations

from functools import cache

from atomsegnet.physics import unit_cells
from atomsegnet.physics.materials import Material, zone_name
from atomsegnet.physics.structure import ProjectedCell, project

_ENTRIES = (
    Material(
        "CdTe",
        unit_cells.cubic("CdTe", "zincblende", a=6.482),
        ((1, 1, 0),),
        "Madelung, Semiconductors: Data Handbook (2004), doi 10.1007/978-3-642-18865-7",
    ),
    Material(
        "Fe",
        unit_cells.cubic("Fe", "bcc", a=2.8665),
        ((1, 1, 1),),
        "Wyckoff, Crystal Structures, vol. 1 (1963)",
    ),
    Material(
        "CeO2",
        unit_cells.cubic("CeO2", "fluorite", a=5.411),
        ((0, 0, 1),),
        "Wyckoff, Crystal Structures, vol. 1 (1963)",
    ),
    Material(
        "RuO2",
        unit_cells.rutile("Ru", a=4.4919, c=3.1066, u=0.3058),
        ((0, 0, 1),),
        "Boman, Acta Chem. Scand. 24, 116 (1970), doi 10.3891/acta.chem.scand.24-0116",
    ),
)


@cache
def held_out_crystals() -> dict[str, ProjectedCell]:
    """Return every held-out crystal along its zone by name, such as "CdTe [110]"."""
    projections = {}
    for entry in _ENTRIES:
        for zone in entry.zones:
            name = f"{entry.name} {zone_name(zone)}"
            projections[name] = project(entry.build(), zone, name)
    return projections
