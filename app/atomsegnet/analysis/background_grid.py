"""A background that may curve: bilinear between the knots of a coarse grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
IndexArray = npt.NDArray[np.int64]

# Knots that a patch can touch along one axis; a patch is narrower than a cell of the grid.
KNOTS_PER_PATCH = 3


@dataclass(frozen=True)
class BackgroundGrid:
    """Knots at equal distances, the outermost ones at the first and last pixels.

    Attributes
    ----------
    shape : tuple of int
        Rows and columns of the image [px].
    cells : tuple of int
        Cells along rows and columns, one less than knots, at least 1.
    """

    shape: tuple[int, int]
    cells: tuple[int, int]

    @classmethod
    def with_spacing(cls, shape: tuple[int, int], spacing_px: float) -> BackgroundGrid:
        """Return the finest grid with knots no nearer than a spacing [px]."""
        rows, columns = (max(1, int((size - 1) / spacing_px)) for size in shape)
        return cls(shape, (rows, columns))

    @property
    def count(self) -> int:
        """Number of knots."""
        return (self.cells[0] + 1) * (self.cells[1] + 1)

    @cached_property
    def _tents(self) -> tuple[FloatArray, FloatArray]:
        """Weight of each knot at each pixel of an axis, (knots, pixels), for both axes."""
        row, column = (
            np.maximum(0, 1 - np.abs(self._in_cells(np.arange(size), axis) - knots[:, None]))
            for axis, (size, knots) in enumerate(
                zip(self.shape, (np.arange(n + 1) for n in self.cells), strict=True)
            )
        )
        return row, column

    def _in_cells(self, pixels: IndexArray, axis: int) -> FloatArray:
        """Return coordinates along an axis in units of cells."""
        length = max(self.shape[axis] - 1, 1)
        return np.asarray(pixels * (self.cells[axis] / length), dtype=np.float64)

    def rendered(self, knots: FloatArray) -> FloatImage:
        """Return the background of the whole image for values of the knots (count,)."""
        row, column = self._sparse
        values = knots.reshape(self.cells[0] + 1, self.cells[1] + 1)
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

    @cached_property
    def _sparse(self):  # type: ignore[no-untyped-def] # scipy has no types
        from scipy.sparse import csr_array

        return tuple(csr_array(tent) for tent in self._tents)

    def normal(self, weights: FloatImage):  # type: ignore[no-untyped-def] # scipy has no types
        """Return the sums of products of all pairs of knots, a sparse (count, count) matrix."""
        from scipy.sparse import coo_array, csr_array

        row, column = self._tents
        number = np.arange(self.count).reshape(len(row), len(column))
        parts = []
        for down in (-1, 0, 1):
            first = slice(max(0, -down), len(row) - max(0, down))
            both = csr_array(row[first] * row[first.start + down : first.stop + down])
            inner = np.asarray(both @ weights)
            for right in (-1, 0, 1):
                side = slice(max(0, -right), len(column) - max(0, right))
                pair = csr_array(column[side] * column[side.start + right : side.stop + right])
                sums = np.asarray(pair @ inner.T, dtype=np.float64).T
                here = number[first, side]
                parts.append(
                    (sums.ravel(), here.ravel(), (here + down * len(column) + right).ravel())
                )
        data, i, j = (np.concatenate(item) for item in zip(*parts, strict=True))
        return coo_array((data, (i, j)), shape=(self.count,) * 2).tocsr()

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
        knots : ndarray of int64, shape (n, 3, 3)
            Numbers of the knots; those beyond the grid weigh nothing.
        rows, columns : ndarray of float32, shape (n, 3, size)
            Weights along the rows and columns of the patch.
        """
        indices, weights = [], []
        for axis in (0, 1):
            place = self._in_cells(first[:, axis, None] + np.arange(size), axis)
            lowest = np.clip(np.floor(place[:, :1]), 0, self.cells[axis]).astype(np.int64)
            knots = lowest + np.arange(KNOTS_PER_PATCH)
            tents = np.maximum(0, 1 - np.abs(place[:, None, :] - knots[..., None]))
            tents[knots > self.cells[axis]] = 0
            indices.append(np.minimum(knots, self.cells[axis]))
            weights.append(tents.astype(np.float32))
        numbers = indices[0][:, :, None] * (self.cells[1] + 1) + indices[1][:, None, :]
        return numbers, weights[0], weights[1]
