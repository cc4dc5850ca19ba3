"""Which columns deserve a look before anyone trusts the table."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.neighbors import nearest_neighbor_distances
from atomsegnet.core.columns import Columns
from atomsegnet.core.lattice import Lattice

FloatArray = npt.NDArray[np.float64]

# Nearer than this part of the median distance of nearest neighbors, two columns may be one.
_DUPLICATE_IN_SPACINGS = 0.5
# Beyond this many robust standard deviations a width is odd: one in fifteen thousand by chance.
_ODD_IN_DEVIATIONS = 4.0
_SD_PER_MAD = 1.4826
# Fewer columns have no usual width.
_FEWEST_COLUMNS = 20


class Suspicion(NamedTuple):
    """One place that deserves a look.

    Attributes
    ----------
    position : tuple of float
        (row, column) [px].
    reason : str
        Why, in a few words.
    column : int or None
        The column; None for a place without one.
    """

    position: tuple[float, float]
    reason: str
    column: int | None = None


def suspicious_columns(columns: Columns, lattice: Lattice | None = None) -> list[Suspicion]:
    """Return the places that deserve a look, from the top down.

    Parameters
    ----------
    columns : Columns
        Located columns [px].
    lattice : Lattice, optional
        Their lattice, which tells columns beside it and sites without a column.
    """
    found: list[Suspicion] = []
    for is_odd, reason in _checks(columns, lattice):
        for index in np.flatnonzero(is_odd):
            row, across = columns.positions[index]
            found.append(Suspicion((float(row), float(across)), reason, int(index)))
    if lattice is not None:
        vacancies = lattice.in_pixels(lattice.missing.positions)[lattice.missing.is_vacancy]
        found += [Suspicion((float(row), float(column)), "no column") for row, column in vacancies]
    return sorted(found, key=lambda item: item.position)


def _checks(columns: Columns, lattice: Lattice | None) -> list[tuple[npt.NDArray[np.bool_], str]]:
    distances = nearest_neighbor_distances(columns.positions)
    spacing = np.nanmedian(distances) if len(columns) > 1 else np.nan
    has_errors = np.isfinite(columns.sigmas).all(axis=1)
    is_odd_width = np.zeros(len(columns), dtype=bool)
    if len(columns) >= _FEWEST_COLUMNS:
        is_odd_width = _is_odd(columns.width)
    checks: list[tuple[npt.NDArray[np.bool_], str]] = [
        (distances < _DUPLICATE_IN_SPACINGS * spacing, "duplicate"),
        (np.logical_and(~has_errors & ~columns.is_edge, has_errors.any()), "fit failed"),
        (is_odd_width & ~columns.is_edge, "odd width"),
    ]
    if lattice is not None:
        checks.append((~lattice.is_indexed & ~columns.is_edge, "beside the lattice"))
    return checks


def _is_odd(values: FloatArray) -> npt.NDArray[np.bool_]:
    away = np.abs(values - np.nanmedian(values))
    deviation = _SD_PER_MAD * np.nanmedian(away)
    return np.asarray((away > _ODD_IN_DEVIATIONS * deviation) & (deviation > 0))
