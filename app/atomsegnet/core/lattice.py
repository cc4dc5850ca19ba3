"""The lattice of a micrograph: what was found, column by column and as a whole."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# Makes the median of absolute deviations of normal errors their standard deviation.
_SD_PER_MAD = 1.4826


@dataclass(frozen=True, eq=False)
class Spacing:
    """The distances between equivalent columns that are one basis vector apart.

    Attributes
    ----------
    axis : str
        "a" or "b".
    pairs : ndarray of int64, shape (M, 2)
        Indices of the two columns of each pair.
    lengths : ndarray of float64, shape (M,)
        Their distances [unit of the lattice].
    """

    axis: str
    pairs: IntArray
    lengths: FloatArray

    @property
    def count(self) -> int:
        """Number of pairs."""
        return len(self.lengths)

    @property
    def mean(self) -> float:
        """Mean distance; NaN without a pair."""
        return float(self.lengths.mean()) if self.count else math.nan

    @property
    def sd(self) -> float:
        """Standard deviation of all pairs, none left out; NaN for fewer than two."""
        return float(self.lengths.std(ddof=1)) if self.count > 1 else math.nan

    @property
    def robust_sd(self) -> float:
        """Standard deviation from the median absolute deviation, which few outliers change."""
        if self.count < 2:
            return math.nan
        deviations = np.abs(self.lengths - np.median(self.lengths))
        return float(_SD_PER_MAD * np.median(deviations))

    def frames_for(self, error: float) -> float:
        """Return how many frames make the error of the mean as small as ``error``.

        The square of the standard deviation over the error: R. Lin et al., Sci. Rep. 11, 5386
        (2021), doi 10.1038/s41598-021-84499-w, below Fig. 11.

        Parameters
        ----------
        error : float
            Error wanted of one distance [unit of the lattice], above 0.
        """
        return (self.sd / error) ** 2


@dataclass(frozen=True, eq=False)
class Sublattice:
    """One set of equivalent columns.

    Attributes
    ----------
    name : str
        "A" for the one of the brightest columns, and so on.
    fraction : tuple of float
        Place in the cell, in parts of a and b, from 0 to below 1, or by noise a little less than
        0; that of "A" is (0, 0).
    count : int
        Number of its columns.
    amplitude : float
        Median height of its columns [intensity of the micrograph]; NaN where unknown.
    """

    name: str
    fraction: tuple[float, float]
    count: int
    amplitude: float


@dataclass(frozen=True, eq=False)
class MissingSites:
    """Sites of the lattice without a column, inside of what the columns cover; M of them.

    Attributes
    ----------
    positions : ndarray of float64, shape (M, 2)
        Where a column is expected, (row, column) [unit of the lattice].
    indices : ndarray of float64, shape (M, 2)
        Cell of the site, in multiples of a and b.
    sublattice : ndarray of int64, shape (M,)
        Its sublattice.
    is_vacancy : ndarray of bool, shape (M,)
        Whether nearly all sites around it are occupied, so that a column is missing, not a region.
    """

    positions: FloatArray
    indices: FloatArray
    sublattice: IntArray
    is_vacancy: BoolArray

    def __len__(self) -> int:
        """Return the number of sites."""
        return len(self.positions)


@dataclass(frozen=True, eq=False)
class Lattice:
    """The lattice of N columns; lengths are in ``unit``, vectors are (row, column).

    Where a crystal has a rectangular cell, a and b are its sides, even if that cell is centered and
    holds twice as many columns as the smallest one; indices are half-integers then, too.

    Attributes
    ----------
    unit : str
        "nm", or "px" for a micrograph without a pixel size.
    pixel_size : tuple of float
        Height and width of a pixel [unit]; (1, 1) for "px".
    a, b : ndarray of float64, shape (2,)
        Mean basis vectors [unit]; a is the one nearer to the horizontal.
    origin : ndarray of float64, shape (2,)
        Site of the sublattice "A" with the indices (0, 0) [unit].
    sublattices : tuple of Sublattice
        The sets of equivalent columns, the brightest first.
    positions : ndarray of float64, shape (N, 2)
        The columns [unit].
    indices : ndarray of float64, shape (N, 2)
        Cell of each column in multiples of a and b; NaN for a column that is not of the lattice.
    sublattice : ndarray of int64, shape (N,)
        Which of the sublattices; -1 for a column that is not of the lattice.
    displacements : ndarray of float64, shape (N, 2)
        Position minus that of the site in the mean lattice [unit]; NaN as above.
    strain : ndarray of float64, shape (N, 3)
        Strain around each column against the mean lattice: along x, along y, and half of the shear
        angle, xy [1]; NaN where fewer than three neighbors are there.
    rotation : ndarray of float64, shape (N,)
        Rotation around each column against the mean lattice [rad], positive from x (right) to y
        (down); NaN as above.
    is_edge : ndarray of bool, shape (N,)
        Whether a column is cut by the border of the image; such columns take part in no figure.
    is_duplicate : ndarray of bool, shape (N,)
        Whether another column sits nearer to the same site.
    missing : MissingSites
        Sites without a column.
    spacings : tuple of Spacing
        The distances along a and along b.
    """

    unit: str
    pixel_size: tuple[float, float]
    a: FloatArray
    b: FloatArray
    origin: FloatArray
    sublattices: tuple[Sublattice, ...]
    positions: FloatArray
    indices: FloatArray
    sublattice: IntArray
    displacements: FloatArray
    strain: FloatArray
    rotation: FloatArray
    is_edge: BoolArray
    is_duplicate: BoolArray
    missing: MissingSites
    spacings: tuple[Spacing, Spacing]

    @property
    def is_indexed(self) -> BoolArray:
        """Which columns belong to the lattice, shape (N,)."""
        return self.sublattice >= 0

    @property
    def angle_deg(self) -> float:
        """Angle between a and b [degrees]."""
        cosine = self.a @ self.b / (np.linalg.norm(self.a) * np.linalg.norm(self.b))
        return math.degrees(math.acos(float(np.clip(cosine, -1, 1))))

    def in_pixels(self, positions: FloatArray) -> FloatArray:
        """Convert positions or vectors, shape (..., 2) [unit], to [px]."""
        return np.asarray(positions / np.asarray(self.pixel_size), dtype=np.float64)
