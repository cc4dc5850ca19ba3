"""The pixels of a micrograph that are measured for each column."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
IndexArray = npt.NDArray[np.int64]

# The disc reaches one full width at half maximum from the center: a Gaussian peak has 97 % of the
# information on its position there, and a wider disc lets a sloped background pull harder.
RADIUS_IN_WIDTHS = 1.0

# Smallest radius [px]: 21 pixels for the five parameters of a peak.
_SMALLEST_RADIUS_PX = 2.6

# Columns that can cut a disc; more do not fit around one at the distances that networks resolve.
_NEIGHBORS = 8

# A window ends at this part of the distance to a neighbor. With more, neighbors pull at each other
# although their peaks are taken out: in a lattice as wide as its columns the error grows fourfold.
BORDER_SHARE = 0.5

# Pixels that are worked on at a time: few enough to stay in the cache, many enough for NumPy.
PIXELS_AT_A_TIME = 300_000


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


def windows(image: FloatImage, starts: FloatArray, width_px: float) -> Iterator[Windows]:
    """Cut out the surroundings of each column, some columns at a time.

    A pixel belongs to a column if it lies in the disc of one column width around it and on its side
    of the border to each neighbor.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    starts : ndarray of float64, shape (N, 2)
        Approximate positions of the columns [px].
    width_px : float
        Full width at half maximum of a column [px].
    """
    radius = max(RADIUS_IN_WIDTHS * width_px, _SMALLEST_RADIUS_PX)
    # A start is up to 0.71 px from the center of its pixel.
    offsets = _disc_offsets(radius + 0.71)
    normals, limits = _borders(starts, radius)
    pixels = image.ravel()
    step = max(1, PIXELS_AT_A_TIME // offsets.shape[1])
    for first in range(0, len(starts), step):
        chosen = slice(first, min(first + step, len(starts)))
        center = np.rint(starts[chosen]).astype(np.int64)
        from_center = (starts[chosen] - center).astype(np.float32)
        dy = offsets[0].astype(np.float32) - from_center[:, :1]
        dx = offsets[1].astype(np.float32) - from_center[:, 1:]
        belongs = dy * dy + dx * dx <= radius * radius
        for normal, limit in zip(normals[:, chosen], limits[:, chosen], strict=True):
            has_border = np.flatnonzero(np.isfinite(limit))
            if len(has_border):
                along = dy[has_border] * normal[has_border, :1]
                along += dx[has_border] * normal[has_border, 1:]
                belongs[has_border] &= along <= limit[has_border, None]
        _leave_out_beyond_border(belongs, center, offsets, image.shape)
        # Pixels beyond the border weigh nothing, so that it does not matter which value they get.
        index = (center @ [image.shape[1], 1])[:, None] + offsets[0] * image.shape[1] + offsets[1]
        values = pixels.take(index, mode="clip")
        yield Windows(chosen, values, dy, dx, belongs.astype(np.float32))


def _disc_offsets(radius_px: float) -> IndexArray:
    """Return the pixels of a disc, shape (2, K), as (row, column) from its center."""
    reach = math.floor(radius_px)
    grid = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
    return np.asarray(grid[:, np.hypot(*grid) <= radius_px], dtype=np.int64)


def _leave_out_beyond_border(
    belongs: npt.NDArray[np.bool_],
    center: IndexArray,
    offsets: IndexArray,
    shape: tuple[int, ...],
) -> None:
    """Set pixels that are not in the image to False; only windows near the border have any."""
    reach = int(offsets.max())
    near = np.flatnonzero(((center < reach) | (center >= np.array(shape) - reach)).any(axis=1))
    for axis in (0, 1):
        place = center[near, axis, None] + offsets[axis]
        belongs[near] &= (place >= 0) & (place < shape[axis])


def _borders(starts: FloatArray, radius: float) -> tuple[FloatImage, FloatImage]:
    """Return the borders to the neighbors: unit normals (J, N, 2) and distances (J, N) [px]."""
    from scipy.spatial import cKDTree

    count = min(_NEIGHBORS, len(starts) - 1)
    if count < 1:
        return np.zeros((0, len(starts), 2), np.float32), np.zeros((0, len(starts)), np.float32)
    distance, index = cKDTree(starts).query(
        starts, k=np.arange(2, count + 2), distance_upper_bound=radius / BORDER_SHARE
    )
    # Without a neighbor, or on the same spot, there is no border.
    is_there = np.isfinite(distance) & (distance > 0)
    index = np.where(is_there, index, 0)
    normals = (starts[index] - starts[:, None]) / np.where(is_there, distance, 1)[..., None]
    normals = np.where(is_there[..., None], normals, 0)
    limits = np.where(is_there, BORDER_SHARE * distance, np.inf)
    return normals.swapaxes(0, 1).astype(np.float32), limits.T.astype(np.float32)
