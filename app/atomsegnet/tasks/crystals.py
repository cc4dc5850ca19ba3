"""The crystals that a user means by a material of the list or a CIF."""

from __future__ import annotations

from pathlib import Path

from atomsegnet.core.errors import SettingError
from atomsegnet.physics.materials import MATERIALS, material, projected, zone_name
from atomsegnet.physics.structure import ProjectedCell, project, read_cif

# Zones that are taken of a CIF whose zone axis is not given.
USUAL_ZONES = ((0, 0, 1), (1, 0, 0), (0, 1, 0), (1, 1, 0))

# The name that means every material of the list.
EVERY_MATERIAL = "all"


def crystals_of(
    name: str | None, cif: Path | None, zone: tuple[int, int, int] | None
) -> tuple[ProjectedCell, ...]:
    """Return projected crystals; none where neither material nor CIF is given.

    Parameters
    ----------
    name : str or None
        A material of the list; with no zone, each of its usual zones is taken. "all" for every
        material along each of its zones.
    cif : Path or None
        A CIF; with no zone, the four low-index ones are taken.
    zone : tuple of int or None
        Direction of view u, v, w.

    Raises
    ------
    ReadError
        The CIF cannot be read.
    SettingError
        The material is not known, or the zone is [0 0 0], or one zone is asked of all materials.
    """
    if cif is not None:
        atoms = read_cif(cif)
        zones = [zone] if zone else USUAL_ZONES
        return tuple(project(atoms, z, f"{cif.stem} {zone_name(z)}") for z in zones)
    if name == EVERY_MATERIAL:
        if zone is not None:
            raise SettingError("A zone axis belongs to one material, not to all of them.")
        return tuple(projected(m.name, z) for m in MATERIALS.values() for z in m.zones)
    if name:
        return tuple(projected(name, z) for z in ([zone] if zone else material(name).zones))
    return ()
