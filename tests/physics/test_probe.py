from __future__ import annotations

import math

import pytest
import torch
from scipy.special import j1

from atomsegnet.physics.electron import wavelength_nm
from atomsegnet.physics.probe import (
    Probe,
    aberration_phase,
    point_spread,
    transfer_function,
)

SHARP = Probe(energy_ev=200e3, aperture_mrad=20.0, source_fwhm_nm=0.0)


def test_that_an_unaberrated_probe_is_an_airy_disc() -> None:
    psf = point_spread(SHARP)
    center = round(psf.center[0])
    radii = torch.arange(1, 20)
    found = psf.values[center, center + radii]
    # Born and Wolf, Principles of Optics, 8.5.2: I = (2 J1(v) / v)^2, v = 2 pi alpha r / lambda.
    v = 2 * math.pi * 20e-3 / wavelength_nm(200e3) * radii.numpy() * psf.pitch_nm
    assert found.numpy() == pytest.approx((2 * j1(v) / v) ** 2, abs=6e-3)


def test_that_the_width_of_an_airy_disc_is_the_textbook_one() -> None:
    # Full width at half maximum 0.5145 lambda / alpha.
    assert point_spread(SHARP).fwhm_nm == pytest.approx(
        0.5145 * wavelength_nm(200e3) / 20e-3, rel=0.02
    )


def test_that_the_source_adds_its_width() -> None:
    probe = Probe(aperture_mrad=40.0, source_fwhm_nm=0.15)
    assert point_spread(probe).fwhm_nm == pytest.approx(math.hypot(0.15, 0.032), rel=0.05)


def test_that_scherzer_conditions_give_the_known_phase() -> None:
    # chi = (2 pi / lambda) (C3 a^4 / 4 - df a^2 / 2): at a = sqrt(2 df / C3) both cancel.
    probe = Probe(defocus_nm=50.0, c3_nm=1e6)
    angle = torch.tensor([math.sqrt(2 * 50.0 / 1e6)], dtype=torch.float64)
    assert float(aberration_phase(probe, angle, torch.zeros(1))) == pytest.approx(0, abs=1e-6)


def test_that_nothing_passes_beyond_twice_the_aperture() -> None:
    psf = point_spread(SHARP)
    limit = 2 * 20e-3 / wavelength_nm(200e3)
    beyond = torch.tensor([1.05 * limit, 2 * limit, 3.7 * limit])
    passed = transfer_function(psf, torch.zeros(1), beyond, 1.0).abs()
    through = transfer_function(psf, torch.zeros(1), torch.zeros(1), 1.0).abs()
    assert float(passed.max() / through) < 2e-3


def test_that_coma_does_not_move_the_column() -> None:
    psf = point_spread(Probe(coma_nm=120.0, source_fwhm_nm=0.06))
    index = torch.arange(psf.values.shape[0])
    core = (psf.values - 0.5).clamp(min=0)
    assert float((core.sum(0) * index).sum() / core.sum()) == pytest.approx(psf.center[1])
