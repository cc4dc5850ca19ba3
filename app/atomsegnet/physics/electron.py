"""The fast electron: its wavelength."""

from __future__ import annotations

import math

# CODATA 2018 (Tiesinga et al., Rev. Mod. Phys. 93, 025010, 2021, doi 10.1103/RevModPhys.93.025010).
PLANCK_J_S = 6.62607015e-34
ELECTRON_MASS_KG = 9.1093837015e-31
ELEMENTARY_CHARGE_C = 1.602176634e-19
LIGHT_SPEED_M_PER_S = 299792458.0


def wavelength_nm(energy_ev: float) -> float:
    """Return the relativistic de Broglie wavelength of an electron.

    lambda = h / sqrt(2 m E (1 + E / (2 m c^2))): Kirkland, Advanced Computing in Electron
    Microscopy, 2nd ed. (2010), doi 10.1007/978-1-4419-6533-2, eq. 2.5.

    Parameters
    ----------
    energy_ev : float
        Kinetic energy [eV], above 0.

    Returns
    -------
    float
        Wavelength [nm].
    """
    energy_j = energy_ev * ELEMENTARY_CHARGE_C
    rest_j = ELECTRON_MASS_KG * LIGHT_SPEED_M_PER_S**2
    momentum = math.sqrt(2 * ELECTRON_MASS_KG * energy_j * (1 + energy_j / (2 * rest_j)))
    return PLANCK_J_S / momentum * 1e9
