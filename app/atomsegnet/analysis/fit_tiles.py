"""Parts of a large image whose columns are fitted together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Most columns of a tile. The pull of a column dies out over two or three others, and the cost of
# the equations grows faster than the number of columns.
_MOST_COLUMNS = 3000

# Columns up to so many widths beyond a tile take part in its fit.
_MARGIN_IN_WIDTHS = 4.0


class Tile(NamedTuple):
    """A rectangle of pixels, and the smaller one within whose columns it is to measure.

    Attributes
    ----------
    rows, columns : slice
        The pixels.
    low, high : ndarray of float64, shape (2,)
        Borders of the smaller rectangle (row, column) [px]; the low ones belong to it.
    """

    rows: slice
    columns: slice
    low: FloatArray
    high: FloatArray

    @property
    def corner(self) -> FloatArray:
        """First row and column."""
        return np.array([self.rows.start, self.columns.start], dtype=np.float64)

    def shows(self, positions: FloatArray) -> BoolArray:
        """Return which positions (N, 2) are among the pixels."""
        last = np.array([self.rows.stop, self.columns.stop]) - 0.5
        return _are_within(positions, self.corner - 0.5, last)

    def owns(self, positions: FloatArray, slack_px: float = 0.0) -> BoolArray:
        """Return which positions (N, 2) are within the smaller rectangle, or so near to it."""
        return _are_within(positions, self.low - slack_px, self.high + slack_px)


def _are_within(positions: FloatArray, low: FloatArray, high: FloatArray) -> BoolArray:
    return np.asarray(np.all((positions >= low) & (positions < high), axis=1))


def tiles_of(positions: FloatArray, shape: tuple[int, int], width_px: float) -> list[Tile]:
    """Part an image into tiles that own equally many columns; each position has one owner.

    Parameters
    ----------
    positions : ndarray of float64, shape (N, 2)
        Positions of the columns [px].
    shape : tuple of int
        Rows and columns of the image [px].
    width_px : float
        Full width at half maximum of the columns [px].
    """
    margin = _MARGIN_IN_WIDTHS * width_px
    size = np.array(shape)
    rest = [(np.full(2, -np.inf), np.full(2, np.inf), positions)]
    tiles = []
    while rest:
        low, high, inside = rest.pop()
        if len(inside) > _MOST_COLUMNS:
            axis = int(np.argmax(np.ptp(inside, axis=0)))
            middle = float(np.median(inside[:, axis]))
            is_before = inside[:, axis] < middle
            if is_before.any():
                left, right = high.copy(), low.copy()
                left[axis] = right[axis] = middle
                rest += [(low, left, inside[is_before]), (right, high, inside[~is_before])]
                continue
        first = np.maximum(np.floor(low.clip(0) - margin), 0).astype(np.int64)
        last = np.minimum(np.ceil(high.clip(None, size) + margin), size).astype(np.int64)
        tiles.append(Tile(slice(first[0], last[0]), slice(first[1], last[1]), low, high))
    return tiles
