"""Crystals and their projection along a zone axis.

A lattice direction projects every lattice onto a plane lattice, so that a thick crystal seen along
it is a periodic pattern of columns. All lengths are in nm.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from atomsegnet.core.errors import ReadError, SettingError
from atomsegnet.physics.scattering import scattering_power

if TYPE_CHECKING:
    from ase import Atoms

FloatArray = npt.NDArray[np.float64]

# Atoms whose projections are closer than this belong to one column [nm]; they stand at its mean
# position. A zigzag as that of Dy along DyScO3 [110], 13 pm, is resolved by no microscope, and the
# narrowest probe is about 50 pm wide.
SAME_COLUMN_NM = 0.03


@dataclass(frozen=True, eq=False)
class ProjectedCell:
    """The plane unit cell of a crystal seen along a zone axis.

    Attributes
    ----------
    name : str
        Material and zone, such as "SrTiO3 [001]".
    vectors_nm : ndarray, shape (2, 2)
        Rows are the two basis vectors (y, x) of the plane lattice [nm].
    positions_nm : ndarray, shape (n, 2)
        (y, x) of the columns of one cell [nm].
    species : tuple of dict
        For each column, element symbol -> atoms in one repeat along the zone.
    repeat_nm : float
        Length of one repeat along the zone [nm].
    atoms : ase.Atoms or None
        The unit cell that was projected [angstrom].
    zone : tuple of int
        The direction u, v, w of its projection.
    is_amorphous : bool
        Whether the cell is a random network that repeats only for convenience.
    measured : ndarray, shape (n,), or None
        Signal of each column where it was measured on an image, in place of that of its atoms.
    """

    name: str
    vectors_nm: FloatArray
    positions_nm: FloatArray
    species: tuple[dict[str, float], ...]
    repeat_nm: float
    atoms: Atoms | None = None
    zone: tuple[int, int, int] = (0, 0, 1)
    is_amorphous: bool = False
    measured: FloatArray | None = None

    @property
    def is_bulk(self) -> bool:
        """Whether the crystal goes on in all three directions, so that particles can be cut."""
        return self.atoms is not None and bool(np.all(self.atoms.pbc))

    def scattering(self, exponent: float) -> FloatArray:
        """Return the relative dark-field signal of each column for one repeat, shape (n,)."""
        if self.measured is not None:
            return self.measured
        from ase.data import atomic_numbers

        return np.array(
            [
                sum(count * atomic_numbers[symbol] ** exponent for symbol, count in column.items())
                for column in self.species
            ]
        )


def read_cif(path: Path) -> Atoms:
    """Read a crystal structure from a CIF.

    Raises
    ------
    ReadError
        The file is no readable CIF.
    """
    from ase.io import read

    try:
        atoms: Atoms = read(path, index=0, format="cif")  # type: ignore[assignment]
    except FileNotFoundError:
        raise ReadError(path, "does not exist") from None
    except Exception as error:  # the parser of ase raises whatever its code meets
        raise ReadError(path, f"is not a CIF that can be read ({error})") from error
    return atoms


def project(atoms: Atoms, zone: tuple[int, int, int], name: str = "") -> ProjectedCell:
    """Project a crystal along the lattice direction [u v w] of its cell.

    Parameters
    ----------
    atoms : ase.Atoms
        Unit cell [angstrom].
    zone : tuple of int
        Direction u, v, w in multiples of the cell vectors, not all 0.

    Raises
    ------
    SettingError
        The zone is [0 0 0].
    """
    if not any(zone):
        raise SettingError("The zone axis [0 0 0] is no direction.")
    cell = np.asarray(atoms.cell) * 0.1
    primitive = _primitive_vectors(cell, atoms)
    axis = np.asarray(zone) @ cell
    axis_length = float(np.linalg.norm(axis))
    frame = plane_frame(axis / axis_length)
    plane = _reduce_plane_lattice(primitive @ frame.T)
    repeat = _shortest_repeat(primitive, axis / axis_length, axis_length)
    flat = (atoms.get_positions() * 0.1) @ frame.T
    positions, species = _merge_columns(flat, atoms.get_chemical_symbols(), plane)
    # Each atom of the cell stands for one atom in the cell's volume; a column of the plane cell
    # holds the volume (plane area x repeat).
    share = abs(np.linalg.det(plane)) * repeat / abs(np.linalg.det(cell))
    scaled = tuple({s: float(n * share) for s, n in column.items()} for column in species)
    label = name or f"{atoms.get_chemical_formula()} [{' '.join(map(str, zone))}]"
    return ProjectedCell(label, plane, positions, scaled, repeat, atoms, zone)


def tile_plane(
    vectors: FloatArray, positions: FloatArray, half_size: float
) -> tuple[FloatArray, npt.NDArray[np.intp]]:
    """Repeat a plane cell over the disc that holds a square of the given half side.

    Parameters
    ----------
    vectors : ndarray, shape (2, 2)
        Basis vectors, rows.
    positions : ndarray, shape (n, 2)
        Points of one cell.
    half_size : float
        Half side of the square, in the unit of the vectors.

    Returns
    -------
    points : ndarray, shape (N, 2)
        All points within half_size * sqrt(2) of the origin.
    kinds : ndarray of int, shape (N,)
        Which point of the cell each one is.
    """
    radius = half_size * np.sqrt(2)
    reach = radius + float(np.abs(positions).sum(axis=1).max(initial=0.0))
    area = abs(np.linalg.det(vectors))
    lengths = np.linalg.norm(vectors, axis=1)
    bound = [int(np.ceil(reach * lengths[1 - i] / area)) + 1 for i in (0, 1)]
    i, j = np.mgrid[-bound[0] : bound[0] + 1, -bound[1] : bound[1] + 1]
    origins = np.stack([i.ravel(), j.ravel()], axis=1) @ vectors
    points = (origins[:, None, :] + positions[None, :, :]).reshape(-1, 2)
    kinds = np.tile(np.arange(len(positions)), len(origins))
    inside = (points**2).sum(axis=1) <= radius**2
    return points[inside], kinds[inside]


def _primitive_vectors(cell: FloatArray, atoms: Atoms) -> FloatArray:
    """Return three generators and the centering translations of the lattice, shape (k, 3) [nm]."""
    fractions = atoms.get_scaled_positions(wrap=True)
    numbers = atoms.get_atomic_numbers()
    found = [*np.eye(3)]
    for candidate in fractions[numbers == numbers[0]] - fractions[0]:
        moved = (fractions + candidate) % 1.0
        gap = np.abs(moved[:, None, :] - fractions[None, :, :])
        gap = np.minimum(gap, 1 - gap).max(axis=2)
        same = numbers[:, None] == numbers[None, :]
        if np.any(np.abs(candidate) > 1e-3) and bool(((gap < 1e-3) & same).any(axis=1).all()):
            found.append(candidate)
    return np.array(found) @ cell


def plane_frame(axis: FloatArray) -> FloatArray:
    """Return two unit vectors (y, x) normal to a unit vector, shape (2, 3)."""
    helper = np.eye(3)[int(np.argmin(np.abs(axis)))]
    x = np.cross(helper, axis)
    x /= np.linalg.norm(x)
    return np.stack([np.cross(axis, x), x])


def _integer_combinations(vectors: FloatArray, reach: int) -> FloatArray:
    span = range(-reach, reach + 1)
    weights = np.array(list(itertools.product(span, repeat=3)))
    combined = weights @ vectors[:3]
    extra = [np.zeros(vectors.shape[1]), *vectors[3:]]
    return np.concatenate([combined + e for e in extra])


def _reduce_plane_lattice(projections: FloatArray) -> FloatArray:
    """Return the two shortest independent vectors of the lattice that the projections generate."""
    points = _integer_combinations(projections, 4)
    lengths = np.linalg.norm(points, axis=1)
    points = points[lengths > 1e-4]
    points = points[np.argsort(np.linalg.norm(points, axis=1), kind="stable")]
    first = points[0]
    cross = np.abs(first[0] * points[:, 1] - first[1] * points[:, 0])
    second = points[cross > 1e-3 * np.linalg.norm(first)][0]
    return np.stack([first, second])


def _shortest_repeat(primitive: FloatArray, direction: FloatArray, axis_length: float) -> float:
    points = _integer_combinations(primitive, 4)
    along = points @ direction
    off = np.linalg.norm(points - along[:, None] * direction, axis=1)
    repeats = along[(off < 1e-4) & (along > 1e-4)]
    return float(repeats.min(initial=axis_length))


def _merge_columns(
    flat: FloatArray, symbols: list[str], plane: FloatArray
) -> tuple[FloatArray, list[dict[str, float]]]:
    """Return the columns of a plane cell: mean positions, weighted by the signal, and contents."""
    inverse = np.linalg.inv(plane)
    positions: list[FloatArray] = []
    species: list[dict[str, float]] = []
    weights: list[float] = []
    for point, symbol, weight in zip(flat, symbols, _signals(symbols), strict=True):
        fraction = point @ inverse
        wrapped = (fraction - np.floor(fraction + 1e-6)) @ plane
        for index, known in enumerate(positions):
            difference = (wrapped - known) @ inverse
            difference = (difference - np.round(difference)) @ plane
            if np.linalg.norm(difference) < SAME_COLUMN_NM:
                content = species[index]
                content[symbol] = content.get(symbol, 0.0) + 1.0
                weights[index] += weight
                positions[index] = known + difference * weight / weights[index]
                break
        else:
            positions.append(wrapped)
            species.append({symbol: 1.0})
            weights.append(weight)
    return np.array(positions), species


def _signals(symbols: list[str]) -> FloatArray:
    from ase.data import atomic_numbers

    return scattering_power([atomic_numbers[symbol] for symbol in symbols])
