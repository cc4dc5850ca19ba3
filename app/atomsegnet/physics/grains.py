"""Boundaries between crystals: grains, twins, and interfaces of two phases."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atomsegnet.physics.specimen import (
    PlaneCell,
    Specimen,
    fill,
    place,
    without_close_pairs,
)
from atomsegnet.physics.structure import tile_plane

FloatArray = npt.NDArray[np.float64]


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
        elements.append(cell.elements[kinds[chosen]])
    name = " / ".join(dict.fromkeys(cell.name for cell in cells))
    joined = Specimen(
        np.vstack(positions), np.concatenate(intensity), "grains", np.concatenate(elements), name
    )
    return without_close_pairs(joined, nearest)


def twin(rng: np.random.Generator, cell: PlaneCell, half_size: float) -> Specimen:
    """Return a coherent twin: a crystal and its mirror image, across a row of its lattice.

    The mirror line runs along a short lattice vector and through a column, so that the columns on
    it belong to both.
    """
    placed = place(rng, cell)
    row = placed.vectors[0] + rng.integers(-1, 2) * placed.vectors[1]
    center = rng.uniform(-0.5, 0.5, 2) * half_size
    through = placed.points[int(rng.integers(len(placed.points)))]
    center = through - _nearest_lattice_point(placed.vectors, through - center)
    points, kinds = tile_plane(placed.vectors, placed.points, 2.5 * half_size)
    twinned, origin = mirrored(points, row, center)
    kinds = kinds[origin]
    elements = cell.elements[kinds]
    specimen = Specimen(twinned, cell.intensity[kinds], "twin", elements, cell.name).cut(half_size)
    return without_close_pairs(specimen, 0.8 * _smallest_distance(points))


def mirrored(
    points: FloatArray, row: FloatArray, center: FloatArray
) -> tuple[FloatArray, npt.NDArray[np.intp]]:
    """Keep one side of a line, and put its mirror image on the other side.

    Parameters
    ----------
    points : ndarray, shape (N, 2)
        Positions.
    row : ndarray, shape (2,)
        Direction of the line.
    center : ndarray, shape (2,)
        A point of the line.

    Returns
    -------
    points : ndarray, shape (M, 2)
        Those below the line or on it, then the mirror images of those below.
    origin : ndarray of int, shape (M,)
        Which of the given points each one is or mirrors.
    """
    normal = np.array([-row[1], row[0]]) / np.linalg.norm(row)
    height = (points - center) @ normal
    on_line = 1e-6 * np.linalg.norm(row)
    kept, reflected = np.flatnonzero(height < on_line), np.flatnonzero(height < -on_line)
    images = points[reflected] - 2 * height[reflected, None] * normal
    return np.vstack([points[kept], images]), np.concatenate([kept, reflected])


def interface(
    rng: np.random.Generator, cells: tuple[PlaneCell, PlaneCell], half_size: float, nearest: float
) -> Specimen:
    """Return two phases that meet along a straight line, one brighter than the other.

    The specimen says where the line is, so that the background can have its step there.
    """
    angle, offset = rng.uniform(0, 2 * np.pi), rng.uniform(-0.3, 0.3) * half_size
    normal = np.array([np.sin(angle), np.cos(angle)])
    step = (1.0, float(np.exp(rng.uniform(np.log(0.2), 0))))
    sides = []
    for cell, side, height in zip(cells, (1, -1), step, strict=True):
        points, heights, kinds = fill(rng, cell, half_size)
        chosen = side * (points @ normal - offset) > 0
        sides.append((points[chosen], height * heights[chosen], cell, kinds[chosen]))
    joined = Specimen(
        np.vstack([points for points, *_ in sides]),
        np.concatenate([heights for _, heights, *_ in sides]),
        "interface",
        np.concatenate([cell.elements[kinds] for *_, cell, kinds in sides]),
        " / ".join(dict.fromkeys(cell.name for cell in cells)),
        (float(angle), float(offset)),
    )
    return without_close_pairs(joined, nearest)


def _smallest_distance(points: FloatArray) -> float:
    from scipy.spatial import cKDTree

    some = points[:: len(points) // 500 + 1]  # of a crystal, they are all alike
    return float(cKDTree(points).query(some, k=2)[0][:, 1].min())


def _nearest_lattice_point(vectors: FloatArray, point: FloatArray) -> FloatArray:
    nearest: FloatArray = np.round(point @ np.linalg.inv(vectors)) @ vectors
    return nearest
