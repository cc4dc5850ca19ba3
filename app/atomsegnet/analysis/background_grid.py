"""A background that may curve: quadratic splines on a coarse grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
IndexArray = npt.NDArray[np.int64]

# Splines that differ from zero at a point of an axis, and within a patch: that is narrower than a
# cell of the grid.
_PER_POINT = 3
KNOTS_PER_PATCH = 4

# Knots along an axis whose splines overlap are so far apart.
_NEAR = range(1 - _PER_POINT, _PER_POINT)


@dataclass(frozen=True)
class BackgroundGrid:
    """Equal cells from the first to the last pixel; a knot in the middle of each and beyond.

    The background is a sum of products of quadratic B-splines around the knots (C. de Boor, *A
    Practical Guide to Splines*, Springer 1978, ISBN 978-0-387-95366-3, chapter IX): smooth, where
    straight lines between knots leave a kink and an eighth of the curvature.

    Attributes
    ----------
    shape : tuple of int
        Rows and columns of the image [px].
    cells : tuple of int
        Cells along rows and columns, two less than knots, at least 1.
    """

    shape: tuple[int, int]
    cells: tuple[int, int]

    @classmethod
    def with_spacing(cls, shape: tuple[int, int], spacing_px: float) -> BackgroundGrid:
        """Return the finest grid with cells no smaller than a spacing [px]."""
        rows, columns = (max(1, int((size - 1) / spacing_px)) for size in shape)
        return cls(shape, (rows, columns))

    @property
    def knots(self) -> tuple[int, int]:
        """Knots along rows and columns."""
        return self.cells[0] + 2, self.cells[1] + 2

    @property
    def spacing_px(self) -> float:
        """Distance between knots [px], the larger one of both axes."""
        return max((size - 1) / cells for size, cells in zip(self.shape, self.cells, strict=True))

    @property
    def count(self) -> int:
        """Number of knots."""
        return self.knots[0] * self.knots[1]

    @cached_property
    def _splines(self) -> tuple[FloatArray, FloatArray]:
        """Weight of each knot at each pixel of an axis, (knots, pixels), for both axes."""
        row, column = (
            _spline(self._in_cells(np.arange(size), axis) - np.arange(knots)[:, None])
            for axis, (size, knots) in enumerate(zip(self.shape, self.knots, strict=True))
        )
        return row, column

    def _in_cells(self, pixels: IndexArray, axis: int) -> FloatArray:
        """Return coordinates along an axis in units of cells."""
        length = max(self.shape[axis] - 1, 1)
        return np.asarray(pixels * (self.cells[axis] / length), dtype=np.float64)

    def rendered(self, knots: FloatArray) -> FloatImage:
        """Return the background of the whole image for values of the knots (count,)."""
        row, column = self._sparse
        values = knots.reshape(self.knots)
        return np.asarray(column.T @ (row.T @ values).T, dtype=np.float32).T.copy()

    def at(self, knots: FloatArray, positions: FloatArray) -> FloatArray:
        """Return the background at the pixels nearest to positions (N, 2) [px]."""
        last = np.array(self.shape) - 1
        numbers, rows, columns = self.around(
            np.clip(np.rint(positions).astype(np.int64), 0, last), 1
        )
        return np.asarray((knots[numbers] * rows * columns.swapaxes(1, 2)).sum(axis=(1, 2)))

    def projected(self, image: FloatImage) -> FloatArray:
        """Return the sum over the pixels of an image times the weight of each knot, (count,)."""
        row, column = self._sparse
        return np.asarray(column @ (row @ image).T, dtype=np.float64).T.ravel()

    def by_lines(self, images: FloatImage):  # type: ignore[no-untyped-def] # scipy has no types
        """Return the sums over each line of images (A, H, W) times the weight of each knot.

        A sparse matrix (count, A H), lines first and then images.
        """
        from scipy.sparse import csr_array, hstack, vstack

        row, column = self._sparse
        parts = []
        for image in images:
            # One line of weights for each knot along the columns, (knots, H).
            along = np.asarray(column @ image.T, dtype=np.float64)
            products = [row.multiply(line[None]) for line in along]
            by_row = [vstack([item.tocsr()[[i]] for item in products]) for i in range(row.shape[0])]
            parts.append(vstack(by_row))
        both = csr_array(hstack(parts))
        # From all lines of one image after the other to lines first.
        order = np.arange(both.shape[1]).reshape(len(images), -1).T.ravel()
        return both[:, order]

    @cached_property
    def _sparse(self):  # type: ignore[no-untyped-def] # scipy has no types
        from scipy.sparse import csr_array

        return tuple(csr_array(spline) for spline in self._splines)

    def normal(self, weights: FloatImage):  # type: ignore[no-untyped-def] # scipy has no types
        """Return the sums of products of all pairs of knots, a sparse (count, count) matrix."""
        from scipy.sparse import coo_array

        by_row, by_column = self._spline_pairs
        values = weights.astype(np.float64)
        inner = [rows @ values for rows in by_row]
        data = [(part @ columns.T).ravel() for part in inner for columns in by_column]
        return coo_array((np.concatenate(data), self._pairs), shape=(self.count,) * 2).tocsr()

    @cached_property
    def _spline_pairs(self) -> tuple[list[FloatArray], list[FloatArray]]:
        """Products of the splines of two knots at each pixel of an axis, for both axes.

        In the order of `_NEAR`, (pairs, pixels) each.
        """
        rows, columns = (
            [spline[_first(n, len(spline))] * spline[_second(n, len(spline))] for n in _NEAR]
            for spline in self._splines
        )
        return rows, columns

    @cached_property
    def _pairs(self) -> tuple[IndexArray, IndexArray]:
        """The two knots of each pair whose splines overlap, as `normal` goes through them."""
        number = np.arange(self.count).reshape(self.knots)
        firsts, seconds = [], []
        for down in _NEAR:
            for right in _NEAR:
                rows, columns = self.knots
                firsts.append(number[_first(down, rows), _first(right, columns)].ravel())
                seconds.append(number[_second(down, rows), _second(right, columns)].ravel())
        return np.concatenate(firsts), np.concatenate(seconds)

    @cached_property
    def bending(self):  # type: ignore[no-untyped-def] # scipy has no types
        """The sum of the squared second differences of knots, a sparse (count, count) matrix."""
        from scipy.sparse import diags_array, eye_array, kron

        rows, columns = (
            diags_array([1.0, -2.0, 1.0], offsets=[0, 1, 2], shape=(max(n - 2, 0), n))
            for n in self.knots
        )
        down = kron(rows.T @ rows, eye_array(self.knots[1]))
        return (down + kron(eye_array(self.knots[0]), columns.T @ columns)).tocsr()

    def around(self, first: IndexArray, size: int) -> tuple[IndexArray, FloatImage, FloatImage]:
        """Return the knots that square patches touch and their weights.

        Parameters
        ----------
        first : ndarray of int64, shape (n, 2)
            First row and column of each patch [px]; it may lie beyond the border.
        size : int
            Side of the patches [px].

        Returns
        -------
        knots : ndarray of int64, shape (n, 4, 4)
            Numbers of the knots; those beyond the grid weigh nothing.
        rows, columns : ndarray of float32, shape (n, 4, size)
            Weights along the rows and columns of the patch.
        """
        indices, weights = [], []
        for axis in (0, 1):
            place = self._in_cells(first[:, axis, None] + np.arange(size), axis)
            last = self.knots[axis] - 1
            lowest = np.clip(np.floor(place[:, :1]), 0, last).astype(np.int64)
            knots = lowest + np.arange(KNOTS_PER_PATCH)
            splines = _spline(place[:, None, :] - knots[..., None])
            splines[knots > last] = 0
            indices.append(np.minimum(knots, last))
            weights.append(splines.astype(np.float32))
        numbers = indices[0][:, :, None] * self.knots[1] + indices[1][:, None, :]
        return numbers, weights[0], weights[1]


def _first(apart: int, count: int) -> slice:
    """Return which of some knots have another one so far apart, beyond them if that is positive."""
    return slice(max(0, -apart), count - max(0, apart))


def _second(apart: int, count: int) -> slice:
    """Return which knots these others are."""
    return slice(max(0, apart), count - max(0, -apart))


def _spline(distance: FloatArray) -> FloatArray:
    """Return the B-spline of a knot at distances [cells] from the first pixel of its first cell.

    That of the knot number k begins at k - 2 and ends at k + 1, in cells from the first pixel.
    """
    away = np.abs(distance + 0.5)
    outer = np.maximum(1.5 - away, 0) ** 2 / 2
    return np.asarray(np.where(away < 0.5, 0.75 - away**2, outer), dtype=np.float64)
