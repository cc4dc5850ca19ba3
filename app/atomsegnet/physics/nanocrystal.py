"""Faceted nanocrystals: cut out of the lattice in three dimensions, then projected.

The thickness follows from the atoms: a column holds as many as lie on its line, so that the columns
at the edge are dim for the true reason.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from atomsegnet.physics.scattering import scattering_power
from atomsegnet.physics.specimen import Specimen, random_turn
from atomsegnet.physics.structure import SAME_COLUMN_NM, ProjectedCell, plane_frame

if TYPE_CHECKING:
    from ase import Atoms

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

# Surface energies of {111}, {100} and {110} of platinum relative to that of {111}, which Wulff's
# construction makes the distances of the faces: Vitos, Ruban, Skriver and Kollar, Surf. Sci. 411,
# 186 (1998), doi 10.1016/S0039-6028(98)00363-X, 2.30, 2.73 and 2.82 J/m^2.
PLATINUM_WULFF = {(1, 1, 1): 1.0, (1, 0, 0): 1.19, (1, 1, 0): 1.23}
# Real particles depart from the shape of equilibrium by about this much.
_SPREAD = 0.15
# Smallest and largest radius that is drawn [nm]; beyond it the atoms take too long to count.
SMALLEST_NM, LARGEST_NM = 0.6, 4.0


@dataclass(frozen=True, eq=False)
class CutCrystal:
    """The atoms of a particle: positions (N, 3) [nm] and atomic numbers (N,)."""

    positions_nm: FloatArray
    numbers: IntArray


@dataclass(frozen=True, eq=False)
class CountedColumns:
    """The columns of a particle along a direction.

    Attributes
    ----------
    positions_nm : ndarray, shape (M, 2)
        (y, x) from the center of the particle [nm].
    numbers : ndarray of int, shape (E,)
        Atomic numbers of the elements of the particle.
    counts : ndarray of int, shape (M, E)
        Atoms of each element in each column.
    """

    positions_nm: FloatArray
    numbers: IntArray
    counts: IntArray


def family(indices: tuple[int, int, int]) -> FloatArray:
    """Return the planes {h k l}: every order and sign of the indices, shape (k, 3)."""
    signs = itertools.product((1, -1), repeat=3)
    every = {
        tuple(a * s for a, s in zip(order, sign, strict=True))
        for order, sign in itertools.product(itertools.permutations(indices), list(signs))
    }
    return np.array(sorted(every), dtype=np.float64)


def cut_crystal(
    atoms: Atoms, faces: dict[tuple[int, int, int], float], center: FloatArray
) -> CutCrystal:
    """Cut a convex particle out of a crystal.

    Parameters
    ----------
    atoms : ase.Atoms
        Unit cell [angstrom].
    faces : dict
        Plane indices h, k, l -> distance of the planes of that family from the center [nm].
    center : ndarray, shape (3,)
        Center of the particle, in fractions of the cell.

    Returns
    -------
    CutCrystal
        The atoms that no face cuts off, about the center.
    """
    from scipy.spatial import HalfspaceIntersection

    cell = np.asarray(atoms.cell) * 0.1
    normals, distances = [], []
    for indices, distance in faces.items():
        planes = family(indices) @ np.linalg.inv(cell).T
        normals.append(planes / np.linalg.norm(planes, axis=1, keepdims=True))
        distances += [distance] * len(planes)
    directions, limits = np.vstack(normals), np.array(distances)
    planes = np.column_stack([directions, -limits])
    corners = HalfspaceIntersection(planes, np.zeros(3)).intersections
    reach = float(np.linalg.norm(corners, axis=1).max())
    bound = np.ceil(reach * np.linalg.norm(np.linalg.inv(cell), axis=0)).astype(int) + 1
    cells = np.indices(2 * bound + 1).reshape(3, -1).T - bound
    near = np.linalg.norm((cells - center) @ cell, axis=1) < reach + np.linalg.norm(cell.sum(0))
    offsets = atoms.get_scaled_positions(wrap=True) - center
    points = ((cells[near][:, None] + offsets[None]) @ cell).reshape(-1, 3)
    numbers = np.tile(atoms.get_atomic_numbers(), int(near.sum()))
    kept = (points @ directions.T <= limits + 1e-6).all(axis=1)
    return CutCrystal(points[kept], numbers[kept])


def count_columns(cut: CutCrystal, axis: FloatArray) -> CountedColumns:
    """Project a particle along a direction and count the atoms of its columns.

    Parameters
    ----------
    cut : CutCrystal
        The particle.
    axis : ndarray, shape (3,)
        Direction of view, in the coordinates of the positions.
    """
    flat = cut.positions_nm @ plane_frame(axis / np.linalg.norm(axis)).T
    # Atoms on one line of the crystal agree to rounding; few different lines are left to join.
    lines, line = np.unique(np.round(flat, 4), axis=0, return_inverse=True)
    joined = _groups(lines)
    column = joined[line.ravel()]
    numbers, element = np.unique(cut.numbers, return_inverse=True)
    counts = np.zeros((int(joined.max(initial=-1)) + 1, len(numbers)), dtype=np.intp)
    np.add.at(counts, (column, element), 1)
    weight = scattering_power(cut.numbers)
    total = np.bincount(column, weight, len(counts))
    means = [np.bincount(column, weight * flat[:, k], len(counts)) / total for k in (0, 1)]
    return CountedColumns(np.stack(means, axis=1), numbers.astype(np.intp), counts)


def _groups(points: FloatArray) -> IntArray:
    """Return for each point the number of its group; within a group, steps are short."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    pairs = cKDTree(points).query_pairs(SAME_COLUMN_NM, output_type="ndarray")
    count = len(points)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    groups: IntArray = connected_components(graph, directed=False)[1]
    return groups


def nanocrystal(
    rng: np.random.Generator,
    cell: ProjectedCell,
    half_size: float,
    width_nm: float,
    exponent: float,
) -> Specimen:
    """Draw a faceted nanocrystal within the field.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    cell : ProjectedCell
        A bulk crystal and its zone.
    half_size : float
        Half side of the field [column widths].
    width_nm : float
        Column width [nm].
    exponent : float
        Exponent n of the signal Z^n of an atom.
    """
    from ase.data import chemical_symbols

    if cell.atoms is None:
        raise ValueError(f"{cell.name} has no atoms to cut a particle from")
    radius = np.clip(rng.uniform(0.3, 0.9) * half_size * width_nm, SMALLEST_NM, LARGEST_NM)
    faces = {
        indices: float(radius * distance * np.exp(rng.normal(0, _SPREAD)))
        for indices, distance in PLATINUM_WULFF.items()
    }
    cut = cut_crystal(cell.atoms, faces, rng.random(3))
    columns = count_columns(cut, np.asarray(cell.zone) @ np.asarray(cell.atoms.cell))
    heights = columns.counts @ scattering_power(columns.numbers, exponent)
    symbols = [chemical_symbols[number] for number in columns.numbers]
    kinds, kind = np.unique(columns.counts > 0, axis=0, return_inverse=True)
    names = ["+".join(sorted(s for s, n in zip(symbols, row, strict=True) if n)) for row in kinds]
    elements = np.array(names)[kind.ravel()]
    matrix = random_turn(rng) @ (np.eye(2) + rng.normal(0, 0.01, (2, 2)))
    spare = max(0.0, half_size - radius / width_nm)
    positions = columns.positions_nm @ matrix / width_nm + rng.uniform(-0.5, 0.5, 2) * spare
    return Specimen(
        positions, heights / max(heights.max(initial=0.0), 1e-9), "nanocrystal", elements, cell.name
    )
