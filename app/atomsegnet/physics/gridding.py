"""Points at exact positions -> their Fourier series, by spreading them over a fine grid.

The non-uniform Fourier transform of type 1: each point is spread over a few grid points by a smooth
kernel, the grid is transformed, and the transform divided by that of the kernel. With the kernel
exp(beta (sqrt(1 - z^2) - 1)) of Barnett, Magland and af Klinteberg, SIAM J. Sci. Comput. 41, C479
(2019), doi 10.1137/18M120885X, the grid leaves an error below 1e-6 of the sum of all amplitudes,
which is that of float32, and takes far less time than the sum over all points and frequencies.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

# Grid points per highest frequency, at least; 2 are what the frequencies themselves need.
_GRID_PER_HIGHEST = 3.4
# Grid points over which a point is spread in each direction.
_KERNEL_POINTS = 8
# Barnett et al. (2019), section 3.1: 2.30 per point on a grid twice as fine as is needed, and
# 0.976 pi (1 - 1 / (2 sigma)), which is the same there, on one sigma times as fine.
_BETA = 0.976 * math.pi * (1 - 1 / _GRID_PER_HIGHEST) * _KERNEL_POINTS


def structure_factor(fractions: Tensor, amplitude: Tensor, highest: int) -> Tensor:
    """Transform points at exact positions.

    Parameters
    ----------
    fractions : Tensor of float64, shape (N, 2)
        (row, column) positions in fractions of the period.
    amplitude : Tensor of float32, shape (N,)
        Weight of each point.
    highest : int
        Highest frequency h [cycles per period].

    Returns
    -------
    Tensor of complex64, shape (2 h + 1, h + 1)
        Sum of amplitude exp(-2 pi i k.u), a spectrum as in `atomsegnet.physics.imaging`.
    """
    side = _grid_side(highest)
    grid = _spread(fractions * side, amplitude, side)
    transformed = torch.fft.rfft2(grid)
    kernel = torch.from_numpy(_kernel_transform(highest, side)).to(grid.device)
    rows = torch.cat([transformed[: highest + 1], transformed[side - highest :]])
    correction = torch.cat([kernel, kernel[1:].flip(0)])[:, None] * kernel[None, :]
    return rows[:, : highest + 1] * correction


def _spread(points: Tensor, amplitude: Tensor, side: int) -> Tensor:
    """Spread points, shape (N, 2) [grid points], over a periodic grid, shape (side, side)."""
    first = torch.ceil(points - _KERNEL_POINTS / 2)
    step = torch.arange(_KERNEL_POINTS, device=points.device)
    distance = (first - points).float()[..., None] + step
    inside = (1 - (distance * (2 / _KERNEL_POINTS)) ** 2).clamp(min=0)
    kernel = torch.exp(_BETA * (torch.sqrt(inside) - 1))
    index = (first.long()[..., None] + step) % side
    values = (amplitude[:, None] * kernel[:, 0])[:, :, None] * kernel[:, 1][:, None, :]
    places = (index[:, 0] * side)[:, :, None] + index[:, 1][:, None, :]
    grid = torch.zeros(side * side, device=points.device)
    grid.scatter_add_(0, places.flatten(), values.flatten())
    return grid.reshape(side, side)


@lru_cache(maxsize=512)
def _grid_side(highest: int) -> int:
    """Return a side of the grid that the Fourier transform is fast at."""
    from scipy.fft import next_fast_len

    least = max(2 * _KERNEL_POINTS, math.ceil(_GRID_PER_HIGHEST * highest))
    return int(next_fast_len(least, real=True))


@lru_cache(maxsize=512)
def _kernel_transform(highest: int, side: int) -> npt.NDArray[np.float32]:
    """Return one over the transform of the kernel at the frequencies 0, 1, ... `highest`."""
    half = _KERNEL_POINTS / 2
    nodes, weights = np.polynomial.legendre.leggauss(48)
    kernel = weights * np.exp(_BETA * (np.sqrt(1 - nodes**2) - 1))
    waves = np.cos(2 * np.pi * half / side * np.outer(np.arange(highest + 1), nodes))
    inverse: npt.NDArray[np.float32] = (1 / (half * waves @ kernel)).astype(np.float32)
    return inverse
