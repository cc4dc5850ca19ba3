"""The pixels of a micrograph that are measured for each column."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

# The disc reaches one full width at half maximum from the center: a Gaussian peak has 97 % of the
# information on its position there, and a wider disc lets a sloped background pull harder.
RADIUS_IN_WIDTHS = 1.0

# Smallest radius [px]: 21 pixels for the five parameters of a peak.
_SMALLEST_RADIUS_PX = 2.6

# Columns that can cut a disc; more do not fit around one at the distances that networks resolve.
_NEIGHBORS = 8

# The border between two columns of unequal height stays this part of their distance away from both.
_LEAST_SHARE = 0.25

# Pixels that are worked on at a time: few enough to stay in the cache, many enough for NumPy.
_PIXELS_AT_A_TIME = 300_000


@dataclass(frozen=True, eq=False)
class Windows:
    """The pixels around some columns; K is the same for all, pixels left out weigh nothing.

    Attributes
    ----------
    chosen : slice
        Which columns these are.
    values : ndarray of float32, shape (n, K)
        Intensities of the micrograph.
    rows, columns : ndarray of float32, shape (n, K)
        Distance of each pixel from the start position of its column [px].
    weights : ndarray of float32, shape (n, K)
        1 for pixels that belong to the column, else 0.
    """

    chosen: slice
    values: FloatImage
    rows: FloatImage
    columns: FloatImage
    weights: FloatImage


def windows(
    image: FloatImage,
    starts: FloatArray,
    width_px: float,
    amplitudes: FloatArray | None = None,
) -> Iterator[Windows]:
    """Cut out the surroundings of each column, some columns at a time.

    A pixel belongs to a column if it lies in the disc of one column width around it and on its side
    of the border to each neighbor. The border is where the peaks of both are equally high: half-way
    for equal amplitudes, else nearer to the weaker one.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    starts : ndarray of float64, shape (N, 2)
        Approximate positions of the columns [px].
    width_px : float
        Full width at half maximum of a column [px].
    amplitudes : ndarray of float64, shape (N,), optional
        Heights of the peaks, for the borders between neighbors.
    """
    radius = max(RADIUS_IN_WIDTHS * width_px, _SMALLEST_RADIUS_PX)
    reach = math.ceil(radius + 0.5)
    grid = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
    # A start is up to 0.71 px from the center of its pixel.
    offsets = grid[:, np.hypot(*grid) <= radius + 0.71]
    normals, limits = _borders(starts, radius, width_px, amplitudes)
    step = max(1, _PIXELS_AT_A_TIME // offsets.shape[1])
    for first in range(0, len(starts), step):
        chosen = slice(first, min(first + step, len(starts)))
        center = np.rint(starts[chosen]).astype(np.int64)
        rows = center[:, :1] + offsets[0]
        columns = center[:, 1:] + offsets[1]
        inside = (rows >= 0) & (rows < image.shape[0]) & (columns >= 0) & (columns < image.shape[1])
        values = image[rows.clip(0, image.shape[0] - 1), columns.clip(0, image.shape[1] - 1)]
        dy = (rows - starts[chosen, :1]).astype(np.float32)
        dx = (columns - starts[chosen, 1:]).astype(np.float32)
        inside &= dy * dy + dx * dx <= radius * radius
        for normal, limit in zip(normals[:, chosen], limits[:, chosen], strict=True):
            inside &= dy * normal[:, :1] + dx * normal[:, 1:] <= limit[:, None]
        yield Windows(chosen, values, dy, dx, inside.astype(np.float32))


def _borders(
    starts: FloatArray, radius: float, width_px: float, amplitudes: FloatArray | None
) -> tuple[FloatImage, FloatImage]:
    """Return the straight borders to the neighbors: unit normals (J, N, 2), distances (J, N) [px].

    Two Gaussian peaks of the same sigma and the heights A and B at the distance d are equally high
    at d / 2 + sigma^2 ln(A / B) / d from the first.
    """
    from scipy.spatial import cKDTree

    count = min(_NEIGHBORS, len(starts) - 1)
    if count < 1:
        return np.zeros((0, len(starts), 2), np.float32), np.zeros((0, len(starts)), np.float32)
    distance, index = cKDTree(starts).query(
        starts, k=np.arange(2, count + 2), distance_upper_bound=4 * radius
    )
    is_there = np.isfinite(distance) & (distance > 0)
    index = np.where(is_there, index, 0)
    distance = np.where(is_there, distance, 1.0)
    limits = 0.5 * distance
    if amplitudes is not None:
        sigma = width_px / math.sqrt(8 * math.log(2))
        heights = np.maximum(amplitudes, 1e-3 * np.max(amplitudes, initial=0) + 1e-30)
        limits = limits + sigma**2 / distance * np.log(heights[:, None] / heights[index])
        limits = limits.clip(_LEAST_SHARE * distance, (1 - _LEAST_SHARE) * distance)
    normals = (starts[index] - starts[:, None]) / distance[..., None]
    normals = np.where(is_there[..., None], normals, 0.0)
    limits = np.where(is_there, limits, np.inf)
    return normals.swapaxes(0, 1).astype(np.float32), limits.T.astype(np.float32)
