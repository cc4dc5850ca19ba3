"""Columns and a transfer function -> ideal images, exact at sub-pixel positions.

The field of view is periodic with a margin around the part that is kept. Positions are measured in
fractions u of the period; pixel i of a grid of M pixels has its center at u = (i + 1/2) / M, so
grids of different sampling show the same scene.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from atomsegnet.core.micrograph import FloatImage

# The period is this many sixteenths of the part that is kept; the rest is margin.
PERIOD_SIXTEENTHS = 21


def padded_size(size: int) -> int:
    """Return the period [px] for a kept part of `size` pixels, a multiple of 16.

    Raises
    ------
    ValueError
        The size is no multiple of 16.
    """
    if size <= 0 or size % 16:
        raise ValueError(f"the size of a simulated image is a multiple of 16, not {size}")
    return size * PERIOD_SIXTEENTHS // 16


def frequencies(count: int, device: torch.device | str = "cpu") -> tuple[Tensor, Tensor]:
    """Return the row and column frequencies of a real transform [cycles per period]."""
    return (
        torch.fft.fftfreq(count, 1 / count, device=device),
        torch.fft.rfftfreq(count, 1 / count, device=device),
    )


def structure_factor(fractions: Tensor, amplitude: Tensor, count: int) -> Tensor:
    """Transform points at exact positions.

    Parameters
    ----------
    fractions : Tensor, shape (N, 2)
        (row, column) positions in fractions of the period.
    amplitude : Tensor, shape (N,)
        Weight of each point.
    count : int
        Frequencies in each direction.

    Returns
    -------
    Tensor of complex64, shape (count, count // 2 + 1)
        Sum of amplitude exp(-2 pi i k.u).
    """
    _, k = frequencies(count, fractions.device)
    phase_y = -2 * math.pi * k[:, None] * fractions[None, :, 0]
    phase_x = -2 * math.pi * k[:, None] * fractions[None, :, 1]
    positive = torch.polar(amplitude.expand_as(phase_y), phase_y)
    # Negative row frequencies have the conjugate phases.
    negative = positive[1 : count // 2 + 1].conj().flip(0)
    left = torch.cat([positive[: count - count // 2], negative])
    right = torch.polar(torch.ones_like(phase_x), phase_x)
    return left @ right.T


def crop_spectrum(spectrum: Tensor, count: int) -> Tensor:
    """Keep the lowest `count` frequencies in each direction of a half-plane spectrum."""
    if spectrum.shape[0] == count:
        return spectrum
    half = count // 2
    rows = torch.cat([spectrum[: count - half], spectrum[-half:]])
    return rows[:, : half + 1]


def extend_spectrum(spectrum: Tensor, count: int) -> Tensor:
    """Add frequencies without signal, up to `count` in each direction: the same on a finer grid."""
    old = spectrum.shape[0]
    if old == count:
        return spectrum
    half = (old + 1) // 2  # what is at the Nyquist frequency of an even grid is left out
    extended = spectrum.new_zeros(count, count // 2 + 1)
    extended[:half, :half] = spectrum[:half, :half]
    extended[count - half + 1 :, :half] = spectrum[old - half + 1 :, :half]
    return extended


def image_of(spectrum: Tensor, size: int) -> Tensor:
    """Return the kept part, shape (size, size), of the image with this spectrum.

    Parameters
    ----------
    spectrum : Tensor of complex, shape (M, M // 2 + 1)
        Fourier series over the period, M = `padded_size` (size).
    size : int
        Side of the kept part [px].
    """
    count = spectrum.shape[0]
    ky, kx = frequencies(count, spectrum.device)
    first = (count - size) / 2 + 0.5
    centered = _without_nyquist(spectrum, count) * _phase(ky * first / count)[:, None]
    centered = centered * _phase(kx * first / count)[None, :]
    rows = torch.fft.ifft(centered, dim=0)[:size]
    image: Tensor = torch.fft.irfft(rows, n=count, dim=1) * count**2
    return image[:, :size]


def scanned_image_of(spectrum: Tensor, size: int, shift_y: Tensor, shift_x: Tensor) -> Tensor:
    """Return the image as scanned with a displacement of each line.

    Line i is sampled where the beam really was, by the Fourier series itself:
    I(i, j) = I0(i - shift_y[i], j - shift_x[i]) as in Lin et al. (2021),
    doi 10.1038/s41598-021-84499-w, section *Scan noise*.

    Parameters
    ----------
    spectrum, size
        As for `image_of`.
    shift_y, shift_x : Tensor, shape (size,)
        Displacement of each line [px].
    """
    count = spectrum.shape[0]
    ky, kx = frequencies(count, spectrum.device)
    first = (count - size) / 2 + 0.5
    line = torch.arange(size, device=spectrum.device) + first
    rows = _phase(ky[None, :] * ((line - shift_y) / count)[:, None]) @ _without_nyquist(
        spectrum, count
    )
    rows = rows * _phase(kx[None, :] * ((first - shift_x) / count)[:, None])
    image: Tensor = torch.fft.irfft(rows, n=count, dim=1) * count
    return image[:, :size]


def to_numpy(image: Tensor) -> FloatImage:
    """Return an image as a NumPy array of float32."""
    values: FloatImage = image.detach().to("cpu", torch.float32).numpy()
    return values


def _phase(cycles: Tensor) -> Tensor:
    angle = 2 * math.pi * cycles
    return torch.polar(torch.ones_like(angle), angle)


def _without_nyquist(spectrum: Tensor, count: int) -> Tensor:
    if count % 2:
        return spectrum
    kept = spectrum.clone()
    kept[count // 2] = 0
    kept[:, count // 2] = 0
    return kept
