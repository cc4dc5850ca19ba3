"""Draw an arrangement of columns: which crystal, and what it looks like."""

from __future__ import annotations

from functools import cache

import numpy as np

from atomsegnet.physics.amorphous import NETWORKS, network_cell
from atomsegnet.physics.arrangements import clusters, crystal, particle, wedge
from atomsegnet.physics.grains import interface, polycrystal, twin
from atomsegnet.physics.materials import MATERIALS, projected
from atomsegnet.physics.nanocrystal import nanocrystal
from atomsegnet.physics.random_crystal import random_cell
from atomsegnet.physics.scene_settings import SceneSettings
from atomsegnet.physics.specimen import PlaneCell, Specimen, cell_of_crystal, disturb, empty
from atomsegnet.physics.structure import ProjectedCell

# How often each arrangement is drawn. A nanocrystal needs the atoms of a bulk crystal; of others a
# particle is drawn in its place.
SHARES = {
    "crystal": 0.42,
    "wedge": 0.06,
    "grains": 0.12,
    "twin": 0.05,
    "interface": 0.06,
    "particle": 0.06,
    "nanocrystal": 0.14,
    "clusters": 0.09,
}


def draw_specimen(
    settings: SceneSettings, rng: np.random.Generator, half_size: float, width_nm: float
) -> Specimen:
    """Draw an arrangement of columns.

    Parameters
    ----------
    settings : SceneSettings
        Ranges.
    rng : Generator
        Source of randomness.
    half_size : float
        Half side of the field [column widths].
    width_nm : float
        Column width [nm].
    """
    if rng.random() < settings.empty_share:
        return empty()
    nearest = float(np.exp(rng.uniform(0, np.log(4.0))))
    known = _draw_known(settings, rng)
    exponent = float(rng.uniform(1.5, 2.0))
    cell = _plane_cell(known, rng, width_nm, nearest, exponent)
    kinds = settings.kinds or tuple(SHARES)
    shares = np.array([SHARES[kind] for kind in kinds])
    kind = str(rng.choice(kinds, p=shares / shares.sum()))
    if kind == "nanocrystal" and known is not None and known.is_bulk:
        return disturb(rng, nanocrystal(rng, known, half_size, width_nm, exponent))
    if kind == "interface":
        other = _plane_cell(_draw_known(settings, rng), rng, width_nm, nearest, exponent)
        specimen = interface(rng, (cell, other), half_size, min(nearest, 0.9))
    elif kind == "grains":
        specimen = polycrystal(rng, [cell], half_size, min(nearest, 0.9))
    elif kind == "clusters":
        specimen = clusters(rng, half_size, min(nearest, 1.5))
    else:
        arrange = {"crystal": crystal, "wedge": wedge, "twin": twin}.get(kind, particle)
        specimen = arrange(rng, cell, half_size)
    return disturb(rng, specimen)


@cache
def all_crystals() -> tuple[ProjectedCell, ...]:
    """Return every material of the list along each of its zones."""
    return tuple(projected(m.name, zone) for m in MATERIALS.values() for zone in m.zones)


def _draw_known(settings: SceneSettings, rng: np.random.Generator) -> ProjectedCell | None:
    """Draw one of the named crystals, or None for a random one."""
    if rng.random() >= settings.crystal_share:
        return None
    known = settings.crystals or all_crystals()
    chosen = known[int(rng.integers(len(known)))]
    return network_cell(int(rng.integers(NETWORKS))) if chosen.is_amorphous else chosen


def _plane_cell(
    known: ProjectedCell | None,
    rng: np.random.Generator,
    width_nm: float,
    nearest: float,
    exponent: float,
) -> PlaneCell:
    if known is None:
        return random_cell(rng, nearest)
    return cell_of_crystal(known, width_nm, exponent)
