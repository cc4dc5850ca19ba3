"""Amorphous graphene: random networks in which every carbon atom has three neighbors.

Random points with a least distance are the centers of rings. The triangles of their Delaunay
triangulation are the atoms and triangles that share an edge are bonded, so that every atom has
exactly three neighbors and rings have six members on average (Euler). Springs along the bonds and
between second neighbors then bring the bonds to the length they have in graphene. Such networks
are what is seen in monolayer amorphous carbon: Toh et al., Nature 577, 199 (2020),
doi 10.1038/s41586-019-1871-2; Kotakoski et al., Phys. Rev. Lett. 106, 105505 (2011),
doi 10.1103/PhysRevLett.106.105505.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from atomsegnet.physics.structure import ProjectedCell
from atomsegnet.physics.unit_cells import SHEET_CELL_HEIGHT

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

AMORPHOUS_GRAPHENE = "amorphous graphene"
# Mean distance of bonded atoms, as in graphite: Baskin and Meyer, Phys. Rev. 100, 544 (1955),
# doi 10.1103/PhysRev.100.544: 0.2461 nm / sqrt(3).
BOND_NM = 0.1421
# Atoms of graphene per area [1 / nm^2]; the network has the same.
DENSITY_PER_NM2 = 4 / (3 * np.sqrt(3) * BOND_NM**2)
# Side of the periodic square that is made [nm]; wider than most fields of view.
SIDE_NM = 6.0
# How many different networks there are to draw from.
NETWORKS = 12
# Least distance of two ring centers, in units of that in graphene. At 1 the rings are all hexagons;
# at 0.72 about four in ten are, as Toh et al. (2020) count them in their figure 1.
_RING_SPACING = 0.72
_RELAXATIONS = 300


def random_network(rng: np.random.Generator, side_nm: float) -> tuple[FloatArray, IntArray]:
    """Return a random network in a periodic square.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    side_nm : float
        Side of the square [nm], at least about 2.

    Returns
    -------
    positions : ndarray, shape (N, 2)
        Atoms [nm].
    bonds : ndarray of int, shape (3 N / 2, 2)
        Pairs of bonded atoms.
    """
    rings = _ring_centers(rng, side_nm, round(DENSITY_PER_NM2 * side_nm**2 / 2))
    atoms, bonds = _dual_of_triangles(rings, side_nm)
    second = _second_neighbors(bonds, len(atoms))
    for _ in range(_RELAXATIONS):
        force = _spring_force(atoms, bonds, BOND_NM, side_nm)
        force += 0.3 * _spring_force(atoms, second, np.sqrt(3) * BOND_NM, side_nm)
        atoms = (atoms + 0.2 * force) % side_nm
    return atoms, bonds


@cache
def network_cell(number: int) -> ProjectedCell:
    """Return one of the `NETWORKS` networks, repeated with a period of `SIDE_NM`."""
    positions, _ = random_network(np.random.default_rng([20, number]), SIDE_NM)
    return ProjectedCell(
        f"{AMORPHOUS_GRAPHENE} [001]",
        np.eye(2) * SIDE_NM,
        positions,
        ({"C": 1.0},) * len(positions),
        0.1 * SHEET_CELL_HEIGHT,
        is_amorphous=True,
    )


def _ring_centers(rng: np.random.Generator, side_nm: float, count: int) -> FloatArray:
    """Return points in a periodic square that keep their distance, as well as they can."""
    spacing = _RING_SPACING * np.sqrt(3) * BOND_NM
    points = rng.random((count, 2)) * side_nm
    for _ in range(100):
        pairs = _periodic_tree(points, side_nm, spacing)
        if not len(pairs):
            break
        points = (points + 0.55 * _spring_force(points, pairs, spacing, side_nm)) % side_nm
    return points


def _periodic_tree(points: FloatArray, side_nm: float, reach: float) -> IntArray:
    from scipy.spatial import cKDTree

    pairs: IntArray = cKDTree(points, boxsize=side_nm).query_pairs(reach, output_type="ndarray")
    return pairs


def _dual_of_triangles(rings: FloatArray, side_nm: float) -> tuple[FloatArray, IntArray]:
    """Return the centers of the triangles between points, and which of them share an edge."""
    from scipy.spatial import Delaunay

    shifts = np.array([[i, j] for i in (0, -1, 1) for j in (0, -1, 1)]) * side_nm
    copies = (rings[None] + shifts[:, None]).reshape(-1, 2)
    triangles = Delaunay(copies).simplices
    centers = copies[triangles].mean(axis=1)
    inside = np.all((centers >= 0) & (centers < side_nm), axis=1)
    corners = np.sort(triangles % len(rings), axis=1)
    corners, first = np.unique(corners[inside], axis=0, return_index=True)
    shared: dict[tuple[int, int], list[int]] = {}
    for index, (a, b, c) in enumerate(corners.tolist()):
        for edge in ((a, b), (a, c), (b, c)):
            shared.setdefault(edge, []).append(index)
    bonds = np.array([pair for pair in shared.values() if len(pair) == 2], dtype=np.intp)
    return centers[inside][first], bonds


def _second_neighbors(bonds: IntArray, count: int) -> IntArray:
    """Return the pairs of atoms that have a neighbor in common."""
    neighbors: list[list[int]] = [[] for _ in range(count)]
    for a, b in bonds.tolist():
        neighbors[a].append(b)
        neighbors[b].append(a)
    pairs = {(min(a, b), max(a, b)) for near in neighbors for a in near for b in near if a != b}
    return np.array(sorted(pairs), dtype=np.intp).reshape(-1, 2)


def _spring_force(points: FloatArray, pairs: IntArray, length: float, side_nm: float) -> FloatArray:
    """Return the force on each point if the pairs are springs of unit stiffness."""
    difference = points[pairs[:, 1]] - points[pairs[:, 0]]
    difference -= side_nm * np.round(difference / side_nm)
    distance = np.maximum(np.linalg.norm(difference, axis=1, keepdims=True), 1e-6)
    pull = 0.5 * (distance - length) * difference / distance
    force = np.zeros_like(points)
    np.add.at(force, pairs[:, 0], pull)
    np.add.at(force, pairs[:, 1], -pull)
    return force
