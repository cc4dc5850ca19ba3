"""What the microscope adds to an ideal image: scan jitter, counting, detector."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Jitter:
    """Displacement of scan lines.

    Attributes
    ----------
    sigma_px : float
        Standard deviation before the modulation [px].
    frequency : float
        Interference [cycles per line].
    phase : float
        Phase between the two directions [rad].
    """

    sigma_px: float = 0.0
    frequency: float = 0.0
    phase: float = 0.0


def line_jitter(jitter: Jitter, lines: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw the displacement of each scan line.

    delta_x = N(0, 1) sigma sin(2 pi f t), delta_y = N(0, 1) sigma sin(2 pi f t + phi0):
    Lin et al., Sci. Rep. 11, 5386 (2021), doi 10.1038/s41598-021-84499-w, section *Scan noise*;
    t counts lines. Normalized so that the mean square is sigma_px squared.

    Returns
    -------
    tuple of Tensor, shape (lines,)
        Shifts in y and in x [px].
    """
    device = generator.device
    time = torch.arange(lines, device=device)
    normal = torch.randn(2, lines, generator=generator, device=device)
    angle = 2 * math.pi * jitter.frequency * time
    modulation = torch.stack([torch.sin(angle + jitter.phase), torch.sin(angle)])
    shifts = normal * jitter.sigma_px * math.sqrt(2) * modulation
    return shifts[0], shifts[1]


@dataclass(frozen=True)
class Detector:
    """How counts become the numbers of the file.

    Attributes
    ----------
    gain : float
        Numbers of the file for each count.
    offset : float
        Number for no count.
    readout : float
        Standard deviation of the readout noise [counts].
    afterglow : float
        Share of a pixel's signal that lags into the next one of the line, 0 to below 1.
    levels : int
        Number of levels when the image is rounded to integers between its extremes; 0: not rounded.
    saturation : float
        Share of the brightest pixels that are clipped, 0 to 1.
    flicker : float
        Relative standard deviation of the beam current from line to line.
    blur_px : float
        Standard deviation of a Gaussian that smooths the finished image, as limited bandwidth and
        resampling do [px].
    """

    gain: float = 1.0
    offset: float = 0.0
    readout: float = 0.0
    afterglow: float = 0.0
    levels: int = 0
    saturation: float = 0.0
    flicker: float = 0.0
    blur_px: float = 0.0


def count_electrons(expected: Tensor, generator: torch.Generator) -> Tensor:
    """Draw Poisson-distributed counts; `expected` [electrons per pixel] is at least 0."""
    return torch.poisson(expected.clamp(min=0), generator=generator)


def detect(counts: Tensor, detector: Detector, generator: torch.Generator) -> Tensor:
    """Turn counts, shape (H, W), into the numbers of the file, float32."""
    signal = counts
    if detector.flicker > 0:
        lines = torch.randn(len(signal), 1, generator=generator, device=signal.device)
        signal = signal * (1 + detector.flicker * lines)
    if detector.afterglow > 0:
        signal = _afterglow(signal, detector.afterglow)
    if detector.readout > 0:
        noise = torch.randn(signal.shape, generator=generator, device=signal.device)
        signal = signal + detector.readout * noise
    if detector.blur_px > 0:
        signal = _blur(signal, detector.blur_px)
    if detector.saturation > 0:
        rank = max(1, round(signal.numel() * (1 - detector.saturation)))
        signal = signal.clamp(max=float(signal.flatten().kthvalue(rank).values))
    if detector.levels > 0:
        low, high = signal.min(), signal.max()
        step = (high - low).clamp(min=1e-12) / (detector.levels - 1)
        signal = torch.round((signal - low) / step) * step + low
    return signal * detector.gain + detector.offset


def _blur(signal: Tensor, sigma_px: float) -> Tensor:
    reach = max(1, math.ceil(3 * sigma_px))
    offset = torch.arange(-reach, reach + 1, device=signal.device)
    kernel = torch.exp(-(offset**2) / (2 * sigma_px**2))
    kernel = kernel / kernel.sum()
    padded = torch.nn.functional.pad(signal[None, None], (reach,) * 4, mode="replicate")
    across = torch.nn.functional.conv2d(padded, kernel[None, None, None, :])
    return torch.nn.functional.conv2d(across, kernel[None, None, :, None])[0, 0]


def _afterglow(signal: Tensor, lag: float) -> Tensor:
    """Convolve each line with (1 - lag) lag^n, n = 0, 1, 2, ... pixels along the fast axis."""
    length = max(2, math.ceil(math.log(1e-3) / math.log(lag)))
    kernel = (1 - lag) * lag ** torch.arange(length, device=signal.device, dtype=signal.dtype)
    padded = torch.nn.functional.pad(signal[None, None], (length - 1, 0, 0, 0), mode="replicate")
    return torch.nn.functional.conv2d(padded, kernel.flip(0)[None, None, None, :])[0, 0]
