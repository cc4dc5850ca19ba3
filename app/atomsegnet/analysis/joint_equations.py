"""The normal equations of all columns, the background and the shape together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.background_grid import KNOTS_PER_PATCH
from atomsegnet.analysis.joint_peaks import Field, JointPeaks, patches
from atomsegnet.analysis.line_shifts import line_blocks

if TYPE_CHECKING:
    from scipy.sparse import csr_array

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

# What columns farther apart than this many widths share is counted as their own; the pixels that
# two columns share lie within so many widths of the middle between them.
_PAIR_IN_WIDTHS = 2.6
_HALF_PAIR_IN_WIDTHS = 1.2


class Equations(NamedTuple):
    """Fisher information and score.

    The parameters are height, row and column of each column, then the knots of the background,
    then the displacements of the lines, if there are any, then the five numbers of the shape, if
    that is free.

    Attributes
    ----------
    information : csr_array, shape (P, P)
        Expected second derivatives of the log-likelihood.
    score : ndarray of float64, shape (P,)
        First derivatives.
    shared : int
        How many numbers of the shape are free, 5 or 0.
    """

    information: csr_array
    score: FloatArray
    shared: int


def joint_equations(
    field: Field,
    peaks: JointPeaks,
    rendered: FloatImage,
    residual: FloatImage,
    weights: FloatImage,
) -> Equations:
    """Set up Fisher scoring for pixels of a given variance.

    For independent pixels of mean m and variance V, the score is ``sum (I - m) / V dm`` and the
    information ``sum dm dm^T / V``; for counts, V = m, these are the ones of the Poisson
    likelihood (S. M. Kay, *Fundamentals of Statistical Signal Processing: Estimation Theory*,
    Prentice Hall 1993, ISBN 978-0-13-345711-7, sections 3.9 and 7.7).

    Parameters
    ----------
    field, peaks
        The model.
    rendered : ndarray of float32, shape (7, H, W) or (2, H, W)
        From `JointPeaks.rendered`.
    residual : ndarray of float32, shape (H, W)
        Image minus expected intensity.
    weights : ndarray of float32, shape (H, W)
        One over the variance of each pixel; 0 for pixels left out.
    """
    from scipy.sparse import block_array, csr_array

    by_shape = rendered[1:-1]
    shared = len(by_shape)
    slopes = by_shape * weights
    weighted = weights * residual
    images = np.concatenate([np.stack([weights, weighted, weights * rendered[-1]]), slopes])
    own, others, with_knots = _column_blocks(field, peaks, images)
    columns = _pair_blocks(field, peaks, own, others[:, 0, 1], weights)
    bending, tails = peaks.prior(field)
    blocks = [[columns, with_knots], [with_knots.T, field.grid.normal(weights) + bending]]
    by_knots = field.grid.projected(weighted) - bending @ peaks.knots
    scores = [others[:, :, 0].ravel(), by_knots]
    if len(peaks.lines):
        lines = line_blocks(field, peaks, by_shape, residual, weights)
        blocks[0].append(lines.with_columns)
        blocks[1].append(lines.with_knots)
        blocks.append([lines.with_columns.T, lines.with_knots.T, lines.own])
        scores.append(lines.score)
    if shared:
        with_shape = csr_array(others[:, :, 2:].reshape(-1, shared))
        knots = csr_array(np.stack([field.grid.projected(item) for item in slopes], axis=1))
        # Tensordot and not einsum: the latter copies the images.
        shape = np.tensordot(slopes, by_shape, axes=([1, 2], [1, 2])).astype(np.float64)
        others_by_shape = [with_shape, knots]
        if len(peaks.lines):
            others_by_shape.append(csr_array(lines.with_shape))
        for row, block in zip(blocks, others_by_shape, strict=True):
            row.append(block)
        transposed = [block.T for block in others_by_shape]
        blocks.append([*transposed, csr_array(shape + np.diag(tails))])
        by_residual = np.tensordot(by_shape, weighted, axes=2).astype(np.float64)
        scores.append(by_residual - tails * np.array(peaks.shape))
    information = block_array(blocks, format="csr")
    return Equations(information, np.concatenate(scores), shared)


def _column_blocks(
    field: Field, peaks: JointPeaks, images: FloatImage
) -> tuple[FloatArray, FloatArray, csr_array]:
    """Return the products of each column's derivatives with others.

    With one another, (N, 3, 3); with the images but the first, (N, 3, C - 1); with the knots,
    (3N, K). The first of the images is that of the weights.
    """
    from scipy.sparse import csr_array

    count, size = len(peaks.positions), 2 * field.own_reach + 1
    framed = field.framed(images)
    own = np.zeros((count, 3, 3))
    others = np.zeros((count, 3, len(images) - 1))
    near = KNOTS_PER_PATCH**2
    with_knots = np.zeros((count, 3, near))
    knots = np.zeros((count, near), dtype=np.int64)
    for patch in patches(peaks.positions, field.own_reach, peaks.lines):
        chosen, number = patch.chosen, len(patch.corner)
        heights = peaks.heights[chosen, None, None].astype(np.float32)
        derivatives = peaks.shape.own_derivatives(patch.dy, patch.dx, heights)
        flat = derivatives.reshape(number, 3, -1)
        pixels = field.cut(framed, patch.corner, size)
        others[chosen] = flat @ pixels[:, 1:].swapaxes(1, 2)
        by_weight = flat * pixels[:, :1]
        own[chosen] = by_weight @ flat.swapaxes(1, 2)
        indices, rows, columns = field.grid.around(patch.corner, size)
        along = by_weight.reshape(derivatives.shape) @ columns[:, None].swapaxes(2, 3)
        with_knots[chosen] = (rows[:, None] @ along).reshape(number, 3, near)
        knots[chosen] = indices.reshape(number, near)
    place = (np.repeat(knots, 3, axis=0).ravel(), near * np.arange(3 * count + 1))
    matrix = csr_array((with_knots.ravel(), *place), shape=(3 * count, field.grid.count))
    matrix.sum_duplicates()
    return own, others, matrix


def _pair_blocks(
    field: Field, peaks: JointPeaks, own: FloatArray, with_all: FloatArray, weights: FloatImage
) -> csr_array:
    """Return the information of the columns with themselves and their neighbors, (3N, 3N).

    What a height shares with those of columns farther away, known from its product `with_all`
    peaks of usual height, (N,), is lumped on the diagonal: all heights together then keep their
    exact information, and the matrix stays positive.
    """
    from scipy.sparse import coo_array

    width = field.width_px
    first, second = neighbor_pairs(peaks.positions, _PAIR_IN_WIDTHS * width).T
    # Of a pair beyond the border, what lies in the image counts.
    last = np.array(field.grid.shape) - 1
    middle = np.clip((peaks.positions[first] + peaks.positions[second]) / 2, 0, last)
    reach = math.ceil(_HALF_PAIR_IN_WIDTHS * width)
    framed = field.framed(weights[None])
    blocks = np.zeros((len(first), 3, 3))
    for patch in patches(middle, reach, peaks.lines):
        pair = (first[patch.chosen], second[patch.chosen])
        derivatives = []
        for member in pair:
            shift = (peaks.positions[member] - middle[patch.chosen]).astype(np.float32)
            dy, dx = patch.dy - shift[:, :1, None], patch.dx - shift[:, 1:, None]
            heights = peaks.heights[member, None, None].astype(np.float32)
            one = peaks.shape.own_derivatives(dy, dx, heights)
            derivatives.append(one.reshape(len(member), 3, -1))
        derivatives[0] *= field.cut(framed, patch.corner, 2 * reach + 1)
        blocks[patch.chosen] = derivatives[0] @ derivatives[1].swapaxes(1, 2)
    usual = peaks.usual_heights
    with_near = own[:, 0, 0] * usual
    np.add.at(with_near, first, blocks[:, 0, 0] * usual[second])
    np.add.at(with_near, second, blocks[:, 0, 0] * usual[first])
    own[:, 0, 0] += np.maximum(with_all - with_near, 0) / usual
    each = np.arange(len(own))
    data = np.concatenate([own, blocks, blocks.swapaxes(1, 2)])
    row = 3 * np.concatenate([each, first, second])[:, None, None] + np.arange(3)[:, None]
    column = 3 * np.concatenate([each, second, first])[:, None, None] + np.arange(3)
    row, column = np.broadcast_arrays(row, column)
    size = (3 * len(own),) * 2
    return coo_array((data.ravel(), (row.ravel(), column.ravel())), shape=size).tocsr()


def neighbor_pairs(positions: FloatArray, distance_px: float) -> npt.NDArray[np.int64]:
    """Return the pairs of columns nearer than a distance [px], (M, 2), each pair once."""
    from scipy.spatial import cKDTree

    found = cKDTree(positions).query_pairs(distance_px, output_type="ndarray")
    return np.asarray(found, dtype=np.int64).reshape(-1, 2)
