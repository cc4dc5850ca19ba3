"""The electron probe: aperture, aberrations, source size, and its transfer function."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from atomsegnet.physics.electron import wavelength_nm

# sigma = FWHM / FWHM_PER_SIGMA of a Gaussian.
FWHM_PER_SIGMA = 2 * math.sqrt(2 * math.log(2))
# Side of the grid on which probes are computed [samples]; at the sampling of `probe_pitch_nm` it
# spans about 20 times the width of an unaberrated probe.
PROBE_GRID = 96
# Share of the transfer at frequency 0 below which a frequency counts as not passed; it is what
# float32 cannot tell from nothing.
NOTHING = 1e-6
# The wide part of the source, in units of its core's width.
TAIL_WIDTH = 3.0


@dataclass(frozen=True)
class Probe:
    """Settings of the probe.

    Attributes
    ----------
    energy_ev : float
        Energy of the electrons [eV].
    aperture_mrad : float
        Semi-angle of convergence [mrad].
    defocus_nm : float
        Defocus [nm], positive for underfocus: C10 = -defocus.
    c3_nm, c5_nm : float
        Spherical aberration of third and fifth order [nm].
    astigmatism_nm, coma_nm, trefoil_nm : float
        C12, C21 and C23 [nm].
    angles : tuple of float
        Azimuths of these three [rad].
    source_fwhm_nm : float
        Effective source size, thermal motion included: FWHM of a Gaussian [nm].
    tail_share : float
        Share of the intensity in a tail `TAIL_WIDTH` times as wide, 0 to 1.
    """

    energy_ev: float = 200e3
    aperture_mrad: float = 25.0
    defocus_nm: float = 0.0
    c3_nm: float = 0.0
    c5_nm: float = 0.0
    astigmatism_nm: float = 0.0
    coma_nm: float = 0.0
    trefoil_nm: float = 0.0
    angles: tuple[float, float, float] = (0.0, 0.0, 0.0)
    source_fwhm_nm: float = 0.08
    tail_share: float = 0.0


@dataclass(frozen=True, eq=False)
class PointSpread:
    """A sampled point spread function.

    Attributes
    ----------
    values : Tensor, shape (S, S)
        Intensity, 1 at its highest; the centroid of its core is at `center`.
    pitch_nm : float
        Sampling [nm].
    center : tuple of float
        (row, column) of the core's centroid [samples].
    fwhm_nm : float
        Full width at half maximum of the azimuthal mean [nm].
    highest_per_nm : float
        Row and column frequency beyond which less than `NOTHING` of it is left [1 / nm].
    """

    values: Tensor
    pitch_nm: float
    center: tuple[float, float]
    fwhm_nm: float
    highest_per_nm: float


def probe_pitch_nm(probe: Probe) -> float:
    """Return the sampling that holds the whole transfer function, lambda / (4 alpha) [nm]."""
    return wavelength_nm(probe.energy_ev) / (4 * probe.aperture_mrad * 1e-3)


def aberration_phase(probe: Probe, angle_rad: Tensor, azimuth: Tensor) -> Tensor:
    """Return chi [rad] at the given angles.

    chi = (2 pi / lambda) [ a^2/2 (C10 + C12 cos 2(p - p12)) + a^3/3 (C21 cos(p - p21)
    + C23 cos 3(p - p23)) + a^4/4 C30 + a^6/6 C50 ]: Krivanek, Dellby and Lupini,
    Ultramicroscopy 78, 1 (1999), doi 10.1016/S0304-3991(99)00013-3, eq. 1.
    """
    p12, p21, p23 = probe.angles
    second = -probe.defocus_nm + probe.astigmatism_nm * torch.cos(2 * (azimuth - p12))
    third = probe.coma_nm * torch.cos(azimuth - p21) + probe.trefoil_nm * torch.cos(
        3 * (azimuth - p23)
    )
    path = (
        angle_rad**2 / 2 * second
        + angle_rad**3 / 3 * third
        + angle_rad**4 / 4 * probe.c3_nm
        + angle_rad**6 / 6 * probe.c5_nm
    )
    return 2 * math.pi / wavelength_nm(probe.energy_ev) * path


def point_spread(probe: Probe, device: torch.device | str = "cpu") -> PointSpread:
    """Compute the point spread function |FT{A exp(-i chi)}|^2, blurred by the source.

    Lin et al., Sci. Rep. 11, 5386 (2021), doi 10.1038/s41598-021-84499-w, second equation of the
    section *Forward model*, with H = A there.
    """
    pitch = probe_pitch_nm(probe)
    intensity = _unblurred(probe, device)
    ky = torch.fft.fftfreq(PROBE_GRID, d=pitch, device=device)[:, None]
    kx = torch.fft.rfftfreq(PROBE_GRID, d=pitch, device=device)[None, :]
    core = _gaussian_transfer(probe.source_fwhm_nm, ky, kx)
    tail = _gaussian_transfer(TAIL_WIDTH * max(probe.source_fwhm_nm, pitch), ky, kx)
    source = core * (1 - probe.tail_share + probe.tail_share * tail)
    blurred = torch.fft.rfft2(intensity) * source
    values = torch.fft.fftshift(torch.fft.irfft2(blurred, s=intensity.shape)).clamp(min=0)
    values = values / values.max()
    center = _core_center(values)
    passed = blurred.abs() > NOTHING * blurred[0, 0].abs()
    highest = max(float((ky.abs() * passed).max()), float((kx * passed).max()))
    return PointSpread(values, pitch, center, _full_width(values, center) * pitch, highest)


def _unblurred(probe: Probe, device: torch.device | str) -> Tensor:
    """Return the intensity of the wave on the grid, its middle at the first sample."""
    # The aperture's radius is a quarter of the grid; the wave is 0 beyond it.
    radius = PROBE_GRID // 4
    index = torch.arange(-radius, radius + 1, device=device, dtype=torch.float32)
    ky, kx = index[:, None], index[None, :]
    distance = torch.sqrt(ky**2 + kx**2)
    unit = probe.aperture_mrad * 1e-3 / radius
    phase = aberration_phase(probe, unit * distance, torch.atan2(ky, kx))
    inside = (radius - distance + 0.5).clamp(0, 1)
    wave = torch.zeros(PROBE_GRID, PROBE_GRID, dtype=torch.complex64, device=device)
    # Only the intensity is asked for, so that the middle of the aperture may stand anywhere.
    side = 2 * radius + 1
    wave[:side, :side] = torch.complex(inside * torch.cos(phase), -inside * torch.sin(phase))
    amplitude: Tensor = torch.fft.ifft2(wave)
    return amplitude.real**2 + amplitude.imag**2


def transfer_function(
    psf: PointSpread, frequency_y: Tensor, frequency_x: Tensor, scale_nm: float
) -> Tensor:
    """Fourier-transform a point spread function to any frequencies, without interpolation.

    Parameters
    ----------
    psf : PointSpread
        The function, centered at its core.
    frequency_y, frequency_x : Tensor, shapes (Ky,), (Kx,)
        Frequencies [1 / unit].
    scale_nm : float
        Length of that unit [nm].

    Returns
    -------
    Tensor of complex64, shape (Ky, Kx)
        Integral of psf(r) exp(-2 pi i k.r) d^2r, in unit^2.
    """
    step = psf.pitch_nm / scale_nm
    cosine_y, sine_y = _waves(frequency_y, psf.values.shape[0], psf.center[0], step)
    cosine_x, sine_x = _waves(frequency_x, psf.values.shape[0], psf.center[1], step)
    count = len(frequency_y)
    across = psf.values @ torch.cat([cosine_x, sine_x]).T
    both = torch.cat([cosine_y, sine_y]) @ across
    # (c_y - i s_y) (c_x - i s_x), in real numbers.
    even_even, even_odd = both[:count].tensor_split((len(frequency_x),), dim=1)
    odd_even, odd_odd = both[count:].tensor_split((len(frequency_x),), dim=1)
    return torch.complex(even_even - odd_odd, -(odd_even + even_odd)) * step**2


def _waves(frequency: Tensor, count: int, center: float, step: float) -> tuple[Tensor, Tensor]:
    """Return cos and sin of 2 pi k r at the samples r of a probe, shape (K, count)."""
    distance = torch.arange(count, device=frequency.device) - center
    angle = 2 * math.pi * step * frequency[:, None] * distance[None, :]
    # Nothing passes beyond twice the aperture, which is where the sampled function would repeat.
    passed = (frequency.abs() * step < 0.5).float()[:, None]
    return torch.cos(angle) * passed, torch.sin(angle) * passed


def gaussian_transfer(
    fwhm: float | Tensor, frequency_y: Tensor, frequency_x: Tensor, integral: float | Tensor
) -> Tensor:
    """Return the transform of a Gaussian peak, shape (Ky, Kx), real.

    Parameters
    ----------
    fwhm : float or Tensor
        Full width at half maximum.
    frequency_y, frequency_x : Tensor, shapes (Ky,), (Kx,)
        Frequencies [1 / unit of fwhm].
    integral : float or Tensor
        Integral of the peak.
    """
    return integral * _gaussian_transfer(fwhm, frequency_y[:, None], frequency_x[None, :])


def _gaussian_transfer(fwhm: float | Tensor, ky: Tensor, kx: Tensor) -> Tensor:
    sigma = fwhm / FWHM_PER_SIGMA
    return torch.exp(-2 * (math.pi * sigma) ** 2 * (ky**2 + kx**2))


def _core_center(values: Tensor) -> tuple[float, float]:
    weight = (values - 0.5).clamp(min=0)
    index = torch.arange(values.shape[0], device=values.device, dtype=values.dtype)
    total = weight.sum()
    row, column = (weight.sum(1) * index).sum(), (weight.sum(0) * index).sum()
    return float(row / total), float(column / total)


def _full_width(values: Tensor, center: tuple[float, float]) -> float:
    """Return the full width at half maximum of the azimuthal mean [samples]."""
    radius = torch.arange(0, 4 * 24, device=values.device) / 4
    angle = torch.arange(16, device=values.device) * (2 * math.pi / 16)
    row = center[0] + radius[:, None] * torch.sin(angle)
    column = center[1] + radius[:, None] * torch.cos(angle)
    size = values.shape[0]
    points = torch.stack([2 * column + 1, 2 * row + 1], dim=-1) / size - 1
    sampled = torch.nn.functional.grid_sample(
        values[None, None], points[None].to(values.dtype), mode="bicubic", align_corners=False
    )[0, 0].mean(dim=1)
    half = sampled[0] / 2
    below = int((sampled < half).to(torch.int8).argmax())
    before, after = sampled[below - 1], sampled[below]
    return float(2 * (radius[below - 1] + 0.25 * (before - half) / (before - after)))
