"""All columns of an image and its background as one model."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.background_grid import BackgroundGrid
from atomsegnet.analysis.peak_shape import NUMBERS, PeakShape
from atomsegnet.analysis.windows import PIXELS_AT_A_TIME

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
IndexArray = npt.NDArray[np.int64]

# Peaks are cut off at this many widths from their center: there the farther tail has sunk to a
# tenth of its own height.
REACH_IN_WIDTHS = 2.6

# Half of the side of the pixels that tell of a column: beyond, only tails are left of it.
OWN_REACH_IN_WIDTHS = 1.6

# A column moves no further than this part of the width from where it started.
FARTHEST_SHIFT_IN_WIDTHS = 0.5

# Standard deviations of what is expected beforehand: of the second differences of the background
# between knots, as parts of the range of intensities, and of the heights of the tails.
_USUAL_BENDING = 0.1
_USUAL_TAILS = (0.1, 0.03)

# Usual heights are at least this part of the median.
_LEAST_USUAL = 0.5


class Patches(NamedTuple):
    """Squares of pixels around points.

    Attributes
    ----------
    chosen : slice
        Which points these are.
    corner : ndarray of int64, shape (n, 2)
        First row and column of each square in the image [px]; may lie beyond its border.
    dy, dx : ndarray of float32, shapes (n, S, 1) and (n, 1, S), or (n, S, S) with lines
        Distance of the pixels from the point [px].
    """

    chosen: slice
    corner: IndexArray
    dy: FloatImage
    dx: FloatImage


def patches(points: FloatArray, reach: int, lines: FloatArray | None = None) -> Iterator[Patches]:
    """Cut the surroundings of points (N, 2) [px] into squares of ``2 reach + 1`` pixels.

    Each of the H lines of the image may have been displaced by (row, column), lines (H, 2) [px].
    """
    size = 2 * reach + 1
    step = max(1, PIXELS_AT_A_TIME // (4 * size**2))
    for first in range(0, len(points), step):
        chosen = slice(first, min(first + step, len(points)))
        corner = np.rint(points[chosen]).astype(np.int64) - reach
        distance = (corner - points[chosen])[..., None] + np.arange(size)
        dy, dx = distance.astype(np.float32).swapaxes(0, 1)
        dy, dx = dy[:, :, None], dx[:, None, :]
        if lines is not None and len(lines):
            row = np.clip(corner[:, :1] + np.arange(size), 0, len(lines) - 1)
            shift = lines.astype(np.float32)[row]
            dy, dx = dy + shift[:, :, :1], dx + shift[:, :, 1:]
        yield Patches(chosen, corner, dy, dx)


@dataclass(frozen=True, eq=False)
class Field:
    """What stays the same during a fit.

    Attributes
    ----------
    grid : BackgroundGrid
        Where the knots of the background are.
    width_px : float
        Expected full width at half maximum of the columns [px].
    base : ndarray of float32, shape (H, W)
        The background as far as it is known, to which that of the knots is added.
    is_shape_free : bool
        Whether the shape of the columns is fitted as well.
    jitter_px : float
        Standard deviation of the displacements of scan lines [px]; 0 where they are not fitted.
    """

    grid: BackgroundGrid
    width_px: float
    base: FloatImage
    is_shape_free: bool = True
    jitter_px: float = 0.0

    @cached_property
    def reach(self) -> int:
        """Half of the side of a patch [px]."""
        return math.ceil(REACH_IN_WIDTHS * self.width_px)

    @cached_property
    def own_reach(self) -> int:
        """Half of the side of the square of pixels that tell of a column [px]."""
        return math.ceil(OWN_REACH_IN_WIDTHS * self.width_px)

    @cached_property
    def margin(self) -> int:
        """Width of the frame around the image that takes what lies beyond its border [px].

        Columns start at most half of a width outside of the image.
        """
        return self.reach + math.ceil((0.5 + FARTHEST_SHIFT_IN_WIDTHS) * self.width_px) + 2

    def base_at(self, positions: FloatArray) -> FloatArray:
        """Return the known background at the pixels nearest to positions (N, 2) [px]."""
        last = np.array(self.base.shape) - 1
        row, column = np.clip(np.rint(positions).astype(np.int64), 0, last).T
        return np.asarray(self.base[row, column], dtype=np.float64)

    def framed(self, image: FloatImage) -> FloatImage:
        """Return images (..., H, W) with a frame of zeros."""
        frame = [(0, 0)] * (image.ndim - 2) + [(self.margin,) * 2] * 2
        return np.pad(image, frame)

    def cut(self, framed: FloatImage, corner: IndexArray, size: int) -> FloatImage:
        """Return squares of framed images (C, ...) at corners (n, 2): (n, C, size * size)."""
        views = np.lib.stride_tricks.sliding_window_view(framed, (size, size), axis=(1, 2))
        row, column = (corner + self.margin).T
        found = views[:, row, column].swapaxes(0, 1)
        return found.reshape(len(corner), len(framed), size * size)


@dataclass(frozen=True, eq=False)
class JointPeaks:
    """Columns on a background.

    Attributes
    ----------
    positions : ndarray of float64, shape (N, 2)
        Centers [px].
    heights : ndarray of float64, shape (N,)
        Heights of the cores [intensity].
    shape : PeakShape
        Shape of all.
    knots : ndarray of float64, shape (K,)
        Background at the knots of the grid [intensity].
    lines : ndarray of float64, shape (H, 2) or (0, 2)
        Displacement of each scan line (row, column) [px]; none if they are not fitted.
    """

    positions: FloatArray
    heights: FloatArray
    shape: PeakShape
    knots: FloatArray
    lines: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))

    @property
    def usual_heights(self) -> FloatArray:
        """Heights (N,), but none far below the median; 1 for all if they are not known yet."""
        median = float(np.median(self.heights))
        return np.maximum(self.heights, _LEAST_USUAL * median) if median > 0 else self.heights + 1

    def prior(self, field: Field):  # type: ignore[no-untyped-def] # scipy has no types
        """Return what is expected of knots and shape before the image is seen.

        Without columns all around, a background that bends and tails that are high cannot be told
        from the columns and from one another. Where there are, nothing of this matters.

        Returns
        -------
        csr_array, ndarray of float64
            Information on the knots (K, K), and on the shape (0,) or (5,), about zero.
        """
        bending = field.grid.bending / _USUAL_BENDING**2
        tails = np.array([0, 0, 0, *np.power(_USUAL_TAILS, -2.0)])
        return bending, tails[: NUMBERS if field.is_shape_free else 0]

    def surprise(self, field: Field) -> float:
        """Return how far knots and shape are from what is expected, as a sum of squares."""
        bending, tails = self.prior(field)
        shape = np.array(self.shape[: len(tails)])
        by_lines = float(np.sum(self.lines**2)) / max(field.jitter_px, 1e-30) ** 2
        return float(self.knots @ (bending @ self.knots) + tails @ shape**2) + by_lines

    def rendered(self, field: Field) -> FloatImage:
        """Return images, shape (7, H, W), or (2, H, W) where the shape is not free.

        The expected intensity, its five derivatives by the shape if that is free, and the sum of
        peaks that have their usual heights, without a background.
        """
        size, margin = 2 * field.reach + 1, field.margin
        rows, columns = field.grid.shape
        count = 2 + NUMBERS if field.is_shape_free else 2
        canvas = np.zeros((count, rows + 2 * margin, columns + 2 * margin), dtype=np.float32)
        both = np.stack([self.heights, self.usual_heights]).astype(np.float32)[..., None, None]
        for patch in patches(self.positions, field.reach, self.lines):
            heights, usual = both[:, patch.chosen]
            made = self.shape.images(patch.dy, patch.dx, heights, usual, field.is_shape_free)
            for (row, column), one in zip((patch.corner + margin).tolist(), made, strict=True):
                canvas[:, row : row + size, column : column + size] += one
        inner = canvas[:, margin : margin + rows, margin : margin + columns].copy()
        inner[0] += field.grid.rendered(self.knots) + field.base
        return inner
