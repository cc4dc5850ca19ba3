"""Images and maps of Gaussian peaks with known positions, for the tests of this folder."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

FWHM_PER_SIGMA = math.sqrt(8 * math.log(2))


def peaks_image(
    shape: tuple[int, int],
    positions: FloatArray,
    *,
    sigma: float | tuple[float, float],
    amplitudes: float | FloatArray = 1.0,
    background: float = 0.0,
    combine: np.ufunc = np.add,
) -> FloatImage:
    """Return Gaussian peaks sampled at the pixel centers, sigma along (rows, columns) [px]."""
    image = np.zeros(shape)
    sigma_row, sigma_column = sigma if isinstance(sigma, tuple) else (sigma, sigma)
    rows, columns = np.arange(shape[0]), np.arange(shape[1])
    heights = np.broadcast_to(amplitudes, len(positions))
    for (row, column), height in zip(positions, heights, strict=True):
        along_rows = np.exp(-((rows - row) ** 2) / (2 * sigma_row**2))
        along_columns = np.exp(-((columns - column) ** 2) / (2 * sigma_column**2))
        # Only where the peak is not zero, so that many peaks stay fast.
        y = along_rows > 1e-12
        x = along_columns > 1e-12
        block = np.ix_(y, x)
        image[block] = combine(image[block], height * np.outer(along_rows[y], along_columns[x]))
    return (image + background).astype(np.float32)


def map_of(
    shape: tuple[int, int],
    map_shape: tuple[int, int],
    positions: FloatArray,
    *,
    sigma: float = 1.2,
    heights: float | FloatArray = 0.8,
) -> FloatImage:
    """Return the map that a network would make of a micrograph's columns, on its own grid."""
    factor = np.array(map_shape) / np.array(shape)
    on_map = (positions + 0.5) * factor - 0.5
    return peaks_image(map_shape, on_map, sigma=sigma, amplitudes=heights, combine=np.maximum)


def jittered_lattice(
    size: int, spacing: float, rng: np.random.Generator, jitter: float = 0.5
) -> FloatArray:
    """Return positions of a square lattice, each moved by up to ``jitter`` [px]."""
    steps = np.arange(spacing, size - spacing, spacing)
    grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    return grid + rng.uniform(-jitter, jitter, grid.shape)
