"""How strongly an atom scatters to the annular dark-field detector."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# Z-contrast exponent between Thomas-Fermi screening (about 1.5) and Rutherford scattering (2):
# Hartel, Rose and Dinges, Ultramicroscopy 63, 93 (1996), doi 10.1016/0304-3991(96)00020-4;
# Treacy, Microsc. Microanal. 17, 847 (2011), doi 10.1017/S1431927611012074.
TYPICAL_EXPONENT = 1.7


def scattering_power(
    atomic_number: npt.ArrayLike, exponent: float = TYPICAL_EXPONENT
) -> npt.NDArray[np.float64]:
    """Return the relative dark-field signal Z^n of single atoms.

    Parameters
    ----------
    atomic_number : array_like
        Z, at least 1.
    exponent : float
        n, between 1.5 and 2.
    """
    return np.asarray(atomic_number, dtype=np.float64) ** exponent
