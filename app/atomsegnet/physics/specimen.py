"""Random arrangements of atomic columns: crystals, particles, clusters.

Lengths are in units of the column's full width at half maximum, so that an arrangement says how
much columns overlap and not how large a pixel is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atomsegnet.physics.structure import ProjectedCell, tile_plane

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Specimen:
    """Columns in the field of view.

    Attributes
    ----------
    positions : ndarray, shape (N, 2)
        (row, column) from the center of the field [column widths].
    intensity : ndarray, shape (N,)
        Height of each peak, relative to the strongest.
    kind : str
        What was drawn.
    elements : tuple of str
        What each column holds, such as "Sr+O"; "" where no material is meant.
    """

    positions: FloatArray
    intensity: FloatArray
    kind: str
    elements: tuple[str, ...] = ()

    def cut(self, half_size: float) -> Specimen:
        """Return the columns within the square of this half side."""
        inside = np.all(np.abs(self.positions) < half_size, axis=1)
        elements = tuple(e for e, keep in zip(self.elements, inside, strict=False) if keep)
        return Specimen(self.positions[inside], self.intensity[inside], self.kind, elements)


@dataclass(frozen=True, eq=False)
class PlaneCell:
    """A plane crystal in column widths: basis vectors (2, 2), points (n, 2), heights, contents."""

    vectors: FloatArray
    points: FloatArray
    intensity: FloatArray
    elements: tuple[str, ...]


def cell_of_crystal(cell: ProjectedCell, width_nm: float, exponent: float) -> PlaneCell:
    """Return a projected crystal in units of the column width [nm]."""
    strength = cell.scattering(exponent)
    elements = tuple("+".join(sorted(column)) for column in cell.species)
    return PlaneCell(
        cell.vectors_nm / width_nm,
        cell.positions_nm / width_nm,
        strength / strength.max(),
        elements,
    )


def random_cell(rng: np.random.Generator, nearest: float) -> PlaneCell:
    """Draw a crystal that no one has seen: random lattice, one to eight columns per cell.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    nearest : float
        Smallest distance between two columns [column widths].
    """
    count = int(rng.integers(1, 9))
    for _ in range(20):
        area = count * nearest**2 * rng.uniform(1.0, 2.2)
        ratio = np.exp(rng.uniform(0, np.log(2.0)))
        angle = rng.uniform(np.deg2rad(60), np.deg2rad(120))
        if rng.random() < 0.5:
            angle = rng.choice([np.pi / 2, np.pi / 3])
        short = np.sqrt(area / (ratio * np.sin(angle)))
        vectors = np.array([[0.0, short * ratio], [np.sin(angle) * short, np.cos(angle) * short]])
        points = _spaced_points(rng, vectors, count, nearest)
        if points is not None:
            break
    else:
        vectors, points = np.eye(2) * nearest, np.zeros((1, 2))
    return PlaneCell(vectors, points, _random_heights(rng, len(points)), ("",) * len(points))


def _spaced_points(
    rng: np.random.Generator, vectors: FloatArray, count: int, nearest: float
) -> FloatArray | None:
    images = np.array([[i, j] for i in (-1, 0, 1) for j in (-1, 0, 1)]) @ vectors
    others = images[np.any(images != 0, axis=1)]
    if np.linalg.norm(others, axis=1).min() < nearest:
        return None
    points = np.zeros((1, 2))
    for _ in range(40 * count):
        if len(points) == count:
            break
        candidate = rng.random(2) @ vectors
        distance = np.linalg.norm(candidate - (points[:, None] + images[None]), axis=2)
        if distance.min() >= nearest:
            points = np.vstack([points, candidate])
    return points


def _random_heights(rng: np.random.Generator, count: int) -> FloatArray:
    """Heights over a range of 50:1; often one strong column beside weak ones."""
    draw = rng.random()
    if draw < 0.3:
        heights = rng.uniform(0.7, 1.0, count)
    elif draw < 0.65:
        heights = np.exp(rng.uniform(np.log(0.03), np.log(0.25), count))
        heights[rng.random(count) < 0.35] = 1.0
        heights[0] = 1.0
    else:
        heights = np.exp(rng.uniform(np.log(0.05), 0, count))
    return np.asarray(heights / heights.max())


def fill(
    rng: np.random.Generator, cell: PlaneCell, half_size: float, shear: float = 0.02
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.intp]]:
    """Fill a square with a crystal at a random rotation, origin and small strain.

    Returns
    -------
    positions : ndarray, shape (N, 2)
    intensity : ndarray, shape (N,)
    kinds : ndarray of int, shape (N,)
        Which column of the cell each one is.
    """
    angle = rng.uniform(0, 2 * np.pi)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if rng.random() < 0.5:
        rotation = rotation @ np.array([[1.0, 0.0], [0.0, -1.0]])
    matrix = rotation @ (np.eye(2) + rng.normal(0, shear, (2, 2)))
    vectors = cell.vectors @ matrix
    origin = rng.random(2) @ vectors
    points, kinds = tile_plane(vectors, cell.points @ matrix + origin, half_size)
    inside = (np.abs(points) < half_size).all(axis=1)
    return points[inside], cell.intensity[kinds[inside]], kinds[inside]


def crystal(rng: np.random.Generator, cell: PlaneCell, half_size: float, kind: str) -> Specimen:
    """Return a single crystal that fills the field."""
    positions, intensity, kinds = fill(rng, cell, half_size)
    return Specimen(positions, intensity, kind, tuple(cell.elements[k] for k in kinds))


def polycrystal(
    rng: np.random.Generator, cells: list[PlaneCell], half_size: float, nearest: float
) -> Specimen:
    """Return two to four grains, divided by straight boundaries (Voronoi cells of random seeds)."""
    count = int(rng.integers(2, 5))
    seeds = rng.uniform(-half_size, half_size, (count, 2))
    step = rng.uniform(0.4, 1.0, count) if rng.random() < 0.5 else np.ones(count)
    positions, intensity, elements = [], [], []
    for index in range(count):
        cell = cells[int(rng.integers(len(cells)))]
        points, heights, kinds = fill(rng, cell, half_size)
        distance = np.linalg.norm(points[:, None] - seeds[None], axis=2)
        chosen = distance.argmin(axis=1) == index
        positions.append(points[chosen])
        intensity.append(heights[chosen] * step[index])
        elements += [cell.elements[k] for k in kinds[chosen]]
    joined = Specimen(np.vstack(positions), np.concatenate(intensity), "grains", tuple(elements))
    return _without_close_pairs(joined, nearest)


def particle(
    rng: np.random.Generator, cell: PlaneCell, half_size: float, kind: str = "particle"
) -> Specimen:
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
    elements = tuple(cell.elements[k] for k in kinds[chosen])
    return Specimen(positions[chosen], heights, kind, elements)


def clusters(rng: np.random.Generator, half_size: float, nearest: float) -> Specimen:
    """Return isolated columns and small groups without order."""
    count = int(rng.integers(1, 60))
    spread = half_size * rng.uniform(0.2, 1.0)
    center = rng.uniform(-0.5, 0.5, 2) * (half_size - 0.5 * spread)
    positions = center + rng.uniform(-spread, spread, (count, 2))
    heights = np.exp(rng.uniform(np.log(0.05), 0, count))
    return _without_close_pairs(Specimen(positions, heights, "clusters", ("",) * count), nearest)


def empty() -> Specimen:
    """Return no column at all."""
    return Specimen(np.zeros((0, 2)), np.zeros(0), "empty")


def disturb(rng: np.random.Generator, specimen: Specimen) -> Specimen:
    """Displace columns, take some away, make some heavier or lighter, thin the field out."""
    positions, intensity = specimen.positions.copy(), specimen.intensity.copy()
    count = len(positions)
    if not count:
        return specimen
    positions += rng.normal(0, np.abs(rng.normal(0, 0.05)), positions.shape)
    if rng.random() < 0.3:
        direction = rng.normal(0, 1, 2)
        ramp = positions @ direction / (np.abs(positions @ direction).max() + 1e-9)
        intensity = intensity * (1 + rng.uniform(0, 0.8) * ramp)
    if rng.random() < 0.3:
        changed = rng.random(count) < rng.uniform(0, 0.15)
        intensity = np.where(changed, intensity * rng.uniform(0.3, 1.6, count), intensity)
    kept = np.ones(count, dtype=bool)
    if rng.random() < 0.3:
        kept = rng.random(count) > rng.uniform(0, 0.15)
    elements = tuple(e for e, keep in zip(specimen.elements, kept, strict=False) if keep)
    return Specimen(positions[kept], intensity[kept], specimen.kind, elements)


def _without_close_pairs(specimen: Specimen, nearest: float) -> Specimen:
    """Drop the later one of any two columns nearer than `nearest`."""
    from scipy.spatial import cKDTree

    kept = np.ones(len(specimen.positions), dtype=bool)
    for first, second in sorted(cKDTree(specimen.positions).query_pairs(nearest)):
        if kept[first]:
            kept[second] = False
    elements = tuple(e for e, keep in zip(specimen.elements, kept, strict=False) if keep)
    return Specimen(specimen.positions[kept], specimen.intensity[kept], specimen.kind, elements)
