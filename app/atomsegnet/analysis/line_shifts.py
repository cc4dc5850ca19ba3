"""Displacements of single scan lines, fitted together with the columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.joint_peaks import Field, JointPeaks, patches

if TYPE_CHECKING:
    from scipy.sparse import csr_array

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

# Less jitter than this is none [px]: it moves a column by a third of that.
LEAST_JITTER_PX = 0.02

# A line is displaced by at most this part of the width of a column.
FARTHEST_LINE_IN_WIDTHS = 0.35


class LineBlocks(NamedTuple):
    """What belongs to the displacements of H lines in the equations of a joint fit.

    Attributes
    ----------
    with_columns : csr_array, shape (3N, 2H)
        Information that columns and lines share.
    with_knots : csr_array, shape (K, 2H)
        That of the background.
    own : csr_array, shape (2H, 2H)
        Information on row and column of each line.
    with_shape : ndarray of float64, shape (2H, S)
        Information that lines and shape share; S is 0 where the shape is not free.
    score : ndarray of float64, shape (2H,)
        Score.
    """

    with_columns: csr_array
    with_knots: csr_array
    own: csr_array
    with_shape: FloatArray
    score: FloatArray


def line_blocks(
    field: Field,
    peaks: JointPeaks,
    by_shape: FloatImage,
    residual: FloatImage,
    weights: FloatImage,
) -> LineBlocks:
    """Set up the equations of the displacements of lines.

    A line that is displaced shows each column that it crosses beside its place, along and across.
    The displacements are normal deviates of a standard deviation `Field.jitter_px`, as the scan
    noise of Lin et al., Sci. Rep. 11, 5386 (2021), doi 10.1038/s41598-021-84499-w.

    Parameters
    ----------
    field, peaks
        The model.
    by_shape : ndarray of float32, shape (S, H, W)
        Derivatives of the expected intensity by the shape.
    residual : ndarray of float32, shape (H, W)
        Image minus expected intensity.
    weights : ndarray of float32, shape (H, W)
        One over the variance of each pixel; 0 for pixels left out.
    """
    from scipy.sparse import block_diag, coo_array, csr_array

    rows, size = field.grid.shape[0], 2 * field.reach + 1
    slopes = np.zeros((2, *field.framed(weights).shape), dtype=np.float32)
    for corner, derivatives in _derivatives(field, peaks):
        for (row, column), one in zip((corner + field.margin).tolist(), derivatives, strict=True):
            slopes[:, row : row + size, column : column + size] -= one[1:]
    inner = slice(field.margin, -field.margin)
    by_line = slopes[:, inner, inner]
    weighted = by_line * weights
    own = np.einsum("arc,brc->rab", weighted, by_line).astype(np.float64)
    own += np.eye(2) / field.jitter_px**2
    score = np.einsum("arc,rc->ra", weighted, residual).astype(np.float64)
    score -= peaks.lines / field.jitter_px**2
    framed = field.framed(weighted)
    data, lines = [], []
    for corner, derivatives in _derivatives(field, peaks):
        pixels = field.cut(framed, corner, size).reshape(len(corner), 2, size, size)
        shared = np.stack([np.einsum("nkrc,nrc->nkr", derivatives, pixels[:, a]) for a in (0, 1)])
        data.append(np.moveaxis(shared, 0, -1).reshape(-1, 2 * size))
        near = np.clip(corner[:, :1] + np.arange(size), 0, rows - 1)
        place = (2 * near[:, :, None] + np.arange(2)).reshape(len(corner), 2 * size)
        lines.append(np.repeat(place, 3, axis=0))
    columns = np.concatenate(lines)
    place = (np.repeat(np.arange(len(columns)), columns.shape[1]), columns.ravel())
    mixed = coo_array((np.concatenate(data).ravel(), place), shape=(len(columns), 2 * rows))
    with_shape = np.einsum("arc,src->ras", weighted, by_shape).astype(np.float64)
    return LineBlocks(
        csr_array(mixed),
        field.grid.by_lines(weighted),
        csr_array(block_diag(list(own))),
        with_shape.reshape(2 * rows, len(by_shape)),
        score.ravel(),
    )


def _derivatives(field: Field, peaks: JointPeaks):  # type: ignore[no-untyped-def] # a generator
    """Yield corners (n, 2) and derivatives (n, 3, S, S) of columns by height, row and column."""
    for patch in patches(peaks.positions, field.reach, peaks.lines):
        heights = peaks.heights[patch.chosen, None, None].astype(np.float32)
        yield patch.corner, peaks.shape.own_derivatives(patch.dy, patch.dx, heights)


def jitter_after(lines: FloatArray, information: FloatArray) -> float:
    """Return the standard deviation of displacements (H, 2) that are known so well [px].

    The mean of their squares and of their own variances, both of the last step (A. P. Dempster, N.
    M. Laird and D. B. Rubin, J. R. Stat. Soc. B 39, 1 (1977), doi
    10.1111/j.2517-6161.1977.tb01600.x).
    """
    variance = float(np.mean(lines**2) + np.mean(1 / information))
    return max(math.sqrt(variance), LEAST_JITTER_PX)
