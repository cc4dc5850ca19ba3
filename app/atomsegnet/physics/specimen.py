"""Atomic columns in the field of view, and plane crystals that fill it.

Lengths are in units of the column's full width at half maximum, so that an arrangement says how
much columns overlap and not how large a pixel is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from atomsegnet.physics.structure import ProjectedCell, tile_plane

FloatArray = npt.NDArray[np.float64]
StringArray = npt.NDArray[np.str_]


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
        Its morphology, such as "crystal" or "particle".
    elements : ndarray of str, shape (N,)
        What each column holds, such as "O+Sr"; "" where no material is meant.
    material : str
        Material and zone, such as "SrTiO3 [001]"; "" where none is meant.
    boundary : tuple of float or None
        Where two phases meet, along a line: the angle of its normal [rad], 0 along the columns of
        the image and pi/2 along its rows, and its distance from the center [column widths].
    """

    positions: FloatArray
    intensity: FloatArray
    kind: str
    elements: StringArray
    material: str = ""
    boundary: tuple[float, float] | None = None

    def cut(self, half_size: float) -> Specimen:
        """Return the columns within the square of this half side."""
        return self.chosen(np.all(np.abs(self.positions) < half_size, axis=1))

    def chosen(self, kept: npt.NDArray[np.bool_]) -> Specimen:
        """Return the columns that are marked, shape (N,)."""
        return replace(
            self,
            positions=self.positions[kept],
            intensity=self.intensity[kept],
            elements=self.elements[kept],
        )


@dataclass(frozen=True, eq=False)
class PlaneCell:
    """A plane crystal in column widths: basis vectors (2, 2), points (n, 2), heights, contents."""

    vectors: FloatArray
    points: FloatArray
    intensity: FloatArray
    elements: StringArray
    name: str = ""


def cell_of_crystal(cell: ProjectedCell, width_nm: float, exponent: float) -> PlaneCell:
    """Return a projected crystal in units of the column width [nm]."""
    strength = cell.scattering(exponent)
    elements = np.array(["+".join(sorted(column)) for column in cell.species])
    return PlaneCell(
        cell.vectors_nm / width_nm,
        cell.positions_nm / width_nm,
        strength / strength.max(),
        elements,
        cell.name,
    )


def place(rng: np.random.Generator, cell: PlaneCell, shear: float = 0.02) -> PlaneCell:
    """Return a crystal at a random rotation, handedness and origin, with a small random strain."""
    matrix = random_turn(rng) @ (np.eye(2) + rng.normal(0, shear, (2, 2)))
    vectors = cell.vectors @ matrix
    origin = rng.random(2) @ vectors
    return replace(cell, vectors=vectors, points=cell.points @ matrix + origin)


def random_turn(rng: np.random.Generator) -> FloatArray:
    """Return a random rotation, mirrored half of the time, shape (2, 2)."""
    angle = rng.uniform(0, 2 * np.pi)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if rng.random() < 0.5:
        rotation = rotation @ np.array([[1.0, 0.0], [0.0, -1.0]])
    return rotation


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
    placed = place(rng, cell, shear)
    points, kinds = tile_plane(placed.vectors, placed.points, half_size)
    inside = (np.abs(points) < half_size).all(axis=1)
    return points[inside], cell.intensity[kinds[inside]], kinds[inside]


def empty() -> Specimen:
    """Return no column at all."""
    return Specimen(np.zeros((0, 2)), np.zeros(0), "empty", np.zeros(0, np.str_))


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
    return replace(specimen, positions=positions, intensity=intensity).chosen(kept)


def without_close_pairs(specimen: Specimen, nearest: float) -> Specimen:
    """Drop the later one of any two columns nearer than `nearest`."""
    from scipy.spatial import cKDTree

    kept = np.ones(len(specimen.positions), dtype=bool)
    for first, second in sorted(cKDTree(specimen.positions).query_pairs(nearest)):
        if kept[first]:
            kept[second] = False
    return specimen.chosen(kept)
