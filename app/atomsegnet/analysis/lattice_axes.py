"""Choose the basis vectors a and b that a crystallographer would name."""

from __future__ import annotations

import itertools
import math

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.lattice_cell import reduced

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Drift and calibration bend angles by a few degrees and stretch one axis by some percent; the
# rhombic cell of a face-centered crystal along [110] is 15 % off a hexagonal one.
_RIGHT_ANGLE_DEG = 4.0
_HEXAGONAL_PART = 0.075


def choose_axes(basis: FloatArray) -> IntArray:
    """Return a and b as whole multiples of the basis vectors, shape (2, 2), rows.

    Hexagonal lattices keep their smallest cell, with 120 degrees; else a rectangular cell is
    taken where there is one, primitive or centered, else the smallest cell. a is the vector nearer
    to the horizontal and points right, b points down.

    Parameters
    ----------
    basis : ndarray of float64, shape (2, 2)
        Shortest basis vectors (row, column), rows.
    """
    short = reduced(basis)
    pairs = _rectangular(short)
    axes = _obtuse(short) if _is_hexagonal(short) or not pairs else pairs[0]
    horizontal = np.abs(axes[:, 1]) / np.linalg.norm(axes, axis=1)
    if horizontal[1] > horizontal[0] + 1e-9:
        axes = axes[::-1]
    signs = np.array([1.0 if axes[0, 1] >= 0 else -1.0, 1.0 if axes[1, 0] >= 0 else -1.0])
    axes = axes * signs[:, None]
    if _is_hexagonal(short) and axes[0] @ axes[1] > 0:
        axes[1] -= axes[0]
    return np.asarray(np.rint(axes @ np.linalg.inv(basis)), dtype=np.int64)


def _is_hexagonal(short: FloatArray) -> bool:
    lengths = np.linalg.norm([*short, _obtuse(short).sum(axis=0)], axis=1)
    return bool(lengths.max() / lengths.min() < 1 + _HEXAGONAL_PART)


def _obtuse(short: FloatArray) -> FloatArray:
    first, second = short
    return np.array([first, second if first @ second <= 0 else -second])


def _rectangular(short: FloatArray) -> list[FloatArray]:
    """Return the pairs of vectors with a right angle, primitive cells first, by rising area."""
    steps = [np.array(s) for s in itertools.product(range(-2, 3), repeat=2)]
    found = []
    for one, two in itertools.combinations(steps, 2):
        times = abs(round(one[0] * two[1] - one[1] * two[0]))
        if times not in (1, 2):
            continue
        first, second = one @ short, two @ short
        cosine = first @ second / (np.linalg.norm(first) * np.linalg.norm(second))
        if abs(cosine) < math.sin(math.radians(_RIGHT_ANGLE_DEG)):
            # A centered cell whose corners are twice a primitive vector is no cell.
            is_cell = times == 1 or not np.any((one + two) % 2)
            if is_cell:
                found.append((times, abs(float(cosine)), np.array([first, second])))
    found.sort(key=lambda item: item[:2])
    return [pair for _, _, pair in found]
