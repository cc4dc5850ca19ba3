"""What one crystal, or none, can look like: a slab, a wedge, a particle, loose clusters."""

from __future__ import annotations

import numpy as np

from atomsegnet.physics.specimen import PlaneCell, Specimen, fill, without_close_pairs


def crystal(rng: np.random.Generator, cell: PlaneCell, half_size: float) -> Specimen:
    """Return a single crystal that fills the field."""
    positions, intensity, kinds = fill(rng, cell, half_size)
    return Specimen(positions, intensity, "crystal", cell.elements[kinds], cell.name)


def wedge(rng: np.random.Generator, cell: PlaneCell, half_size: float) -> Specimen:
    """Return a crystal that gets thicker by steps of one atom from an edge or from one side.

    Often the edge lies within the field, and beyond it is vacuum.
    """
    positions, intensity, kinds = fill(rng, cell, half_size)
    angle = rng.uniform(0, 2 * np.pi)
    edge = rng.uniform(-1.6, 0.6) * half_size
    slope = np.exp(rng.uniform(np.log(0.2), np.log(4.0)))
    thickness = slope * (positions @ [np.sin(angle), np.cos(angle)] - edge)
    atoms = np.ceil(np.minimum(thickness, rng.uniform(8, 80)))
    heights = intensity * atoms / max(1.0, atoms.max(initial=1.0))
    specimen = Specimen(positions, heights, "wedge", cell.elements[kinds], cell.name)
    return specimen.chosen(atoms > 0)


def particle(rng: np.random.Generator, cell: PlaneCell, half_size: float) -> Specimen:
    """Return a faceted particle on vacuum, thinner by steps of one atom towards its rim."""
    positions, intensity, kinds = fill(rng, cell, half_size)
    facets = int(rng.integers(4, 9))
    center = rng.uniform(-0.4, 0.4, 2) * half_size
    angles = rng.uniform(0, 2 * np.pi) + np.sort(rng.uniform(0, 2 * np.pi, facets))
    radii = half_size * rng.uniform(0.3, 0.9, facets)
    normals = np.stack([np.sin(angles), np.cos(angles)], axis=1)
    depth = (radii - (positions - center) @ normals.T).min(axis=1)
    layers = int(rng.integers(4, 40))
    slope = np.exp(rng.uniform(np.log(0.3), np.log(3.0)))
    atoms = np.minimum(np.ceil(depth * slope), layers)
    chosen = atoms > 0
    heights = intensity[chosen] * atoms[chosen] / max(1.0, atoms.max(initial=1.0))
    elements = cell.elements[kinds[chosen]]
    return Specimen(positions[chosen], heights, "particle", elements, cell.name)


def clusters(rng: np.random.Generator, half_size: float, nearest: float) -> Specimen:
    """Return isolated columns and small groups without order."""
    count = int(rng.integers(1, 60))
    spread = half_size * rng.uniform(0.2, 1.0)
    center = rng.uniform(-0.5, 0.5, 2) * (half_size - 0.5 * spread)
    positions = center + rng.uniform(-spread, spread, (count, 2))
    heights = np.exp(rng.uniform(np.log(0.05), 0, count))
    return without_close_pairs(
        Specimen(positions, heights, "clusters", np.full(count, "")), nearest
    )
