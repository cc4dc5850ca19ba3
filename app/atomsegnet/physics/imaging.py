"""Columns and a transfer function -> ideal images, exact at sub-pixel positions.

The field of view is periodic with a margin around the part that is kept. Positions are measured in
fractions u of the period; pixel i of a grid of M pixels has its center at u = (i + 1/2) / M, so
grids of different sampling show the same scene.

A spectrum is the half plane of a Fourier series over the period, complex64 of shape (2 h + 1,
h + 1): the row frequencies are 0, 1, ... h, -h, ... -1 and the column frequencies 0, 1, ... h,
in cycles per period. The other half plane follows, for images are real.
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


def highest_sampled(size: int) -> int:
    """Return the highest frequency [cycles per period] that an image of `size` pixels shows."""
    return (padded_size(size) - 1) // 2


def frequencies(highest: int, device: torch.device | str = "cpu") -> tuple[Tensor, Tensor]:
    """Return the row and column frequencies of a spectrum [cycles per period].

    Parameters
    ----------
    highest : int
        Highest frequency h.
    device : device
        Where they shall be.

    Returns
    -------
    tuple of Tensor, shapes (2 h + 1,), (h + 1,)
        Row and column frequencies.
    """
    positive = torch.arange(highest + 1, device=device, dtype=torch.float32)
    return torch.cat([positive, -positive[1:].flip(0)]), positive


def crop_spectrum(spectrum: Tensor, highest: int) -> Tensor:
    """Keep the frequencies up to `highest`; a spectrum that has no higher ones is returned."""
    own = spectrum.shape[1] - 1
    if own <= highest:
        return spectrum
    rows = torch.cat([spectrum[: highest + 1], spectrum[2 * own + 1 - highest :]])
    return rows[:, : highest + 1]


def image_of(spectrum: Tensor, size: int) -> Tensor:
    """Return the kept part, shape (size, size), of the image with this spectrum.

    Parameters
    ----------
    spectrum : Tensor of complex64, shape (2 h + 1, h + 1)
        Fourier series over the period; what is beyond the highest frequency of the grid is left
        out.
    size : int
        Side of the kept part [px].
    """
    count = padded_size(size)
    kept = crop_spectrum(spectrum, highest_sampled(size))
    highest = kept.shape[1] - 1
    ky, kx = frequencies(highest, spectrum.device)
    first = (count - size) / 2 + 0.5
    centered = kept * (_phase(ky * (first / count))[:, None] * _phase(kx * (first / count)))
    extended = centered.new_zeros(count, highest + 1)
    extended[: highest + 1] = centered[: highest + 1]
    extended[count - highest :] = centered[highest + 1 :]
    rows = torch.fft.ifft(extended, dim=0, norm="forward")[:size]
    image: Tensor = torch.fft.irfft(rows, n=count, dim=1, norm="forward")
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
    count = padded_size(size)
    kept = crop_spectrum(spectrum, highest_sampled(size))
    highest = kept.shape[1] - 1
    _, k = frequencies(highest, spectrum.device)
    first = (count - size) / 2 + 0.5
    line = torch.arange(size, device=spectrum.device) + first
    angle = _angle(k[None, :], ((line - shift_y) / count)[:, None])
    # The sum over the row frequencies k and -k, in real numbers: cos is even, sin is odd.
    positive = kept[: highest + 1]
    negative = torch.cat([torch.zeros_like(kept[:1]), kept[highest + 1 :].flip(0)])
    parts = torch.cat([positive + negative, 1j * (positive - negative)])
    waves = torch.cat([torch.cos(angle), torch.sin(angle)], dim=1)
    summed = waves @ torch.view_as_real(parts).reshape(2 * highest + 2, -1)
    rows = torch.view_as_complex(summed.reshape(size, highest + 1, 2))
    across = _angle(k[None, :], ((first - shift_x) / count)[:, None])
    rows = rows * torch.complex(torch.cos(across), torch.sin(across))
    image: Tensor = torch.fft.irfft(rows, n=count, dim=1, norm="forward")
    return image[:, :size]


def to_numpy(image: Tensor) -> FloatImage:
    """Return an image as a NumPy array of float32."""
    values: FloatImage = image.detach().to("cpu", torch.float32).numpy()
    return values


def _phase(cycles: Tensor) -> Tensor:
    angle = 2 * math.pi * cycles
    return torch.complex(torch.cos(angle), torch.sin(angle))


def _angle(frequency: Tensor, fraction: Tensor) -> Tensor:
    """Return 2 pi k u [rad], less whole turns, which float32 could not tell from the rest."""
    cycles = frequency.double() * fraction.double()
    return (2 * math.pi * (cycles - torch.round(cycles))).float()
