from __future__ import annotations

import pytest

from atomsegnet.physics.electron import wavelength_nm


# Kirkland, Advanced Computing in Electron Microscopy, 2nd ed. (2010), table 2.2, in angstrom.
@pytest.mark.parametrize(
    ("energy_ev", "angstrom"),
    [(100e3, 0.0370), (200e3, 0.0251), (300e3, 0.0197), (400e3, 0.0164), (1000e3, 0.0087)],
)
def test_that_wavelengths_are_those_of_the_textbook(energy_ev: float, angstrom: float) -> None:
    assert wavelength_nm(energy_ev) * 10 == pytest.approx(angstrom, abs=6e-5)
