"""The least error that any unbiased measurement of an image can have."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

FloatArray = npt.NDArray[np.float64]

# Step of the numerical derivatives of a peak [widths]; they are good to its square.
_STEP = 1e-3


def gaussian_profile(y: FloatArray, x: FloatArray) -> FloatArray:
    """Return a round Gaussian peak of height 1 at (y, x) [widths] from its center."""
    return np.asarray(np.exp(-4 * math.log(2) * (y**2 + x**2)), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class TrueImage:
    """What an image is made of: peaks of one shape on a background.

    Attributes
    ----------
    positions : ndarray of float64, shape (N, 2)
        True centers of all columns that reach into the image [px].
    heights : ndarray of float64, shape (N,)
        True heights of the peaks [counts].
    width_px : float
        True full width at half maximum of all peaks [px].
    variance : ndarray of float64, shape (H, W)
        Variance of every pixel [counts^2], above 0: for counts alone the expected image.
    knots : int
        Knots of the unknown background along each axis; 1 for a constant one.
    is_width_known : bool
        Whether the width need not be measured.
    profile : callable
        Height of a peak at (y, x) from its center [widths], 1 in the center.
    reach_in_widths : float
        Where the peaks are cut off; a Gaussian has sunk to 1e-6.
    """

    positions: FloatArray
    heights: FloatArray
    width_px: float
    variance: FloatArray
    knots: int = 1
    is_width_known: bool = False
    profile: Callable[[FloatArray, FloatArray], FloatArray] = gaussian_profile
    reach_in_widths: float = 2.2


def cramer_rao_errors(true: TrueImage) -> FloatArray:
    r"""Return the Cramér-Rao bound of row and column of each column, (N, 2) [px].

    Heights, positions, background and, if unknown, the common width are all estimated together, so
    that overlap costs what it must.

    Notes
    -----
    For independent pixels of mean :math:`m` and variance :math:`V`, the information on parameters
    :math:`p` is :math:`J_{ab} = \sum \partial_a m \, \partial_b m / V`; the bound is the root of
    the diagonal of its inverse (S. M. Kay, *Fundamentals of Statistical Signal Processing:
    Estimation Theory*, Prentice Hall 1993, ISBN 978-0-13-345711-7, sections 3.7 and 3.9; for
    atomic columns A. J. den Dekker et al., Ultramicroscopy 104, 83 (2005), doi
    10.1016/j.ultramic.2005.03.001). It is exact for counts, :math:`V = m`, and for normal noise of
    known variance. The inverse is dense: 72 bytes times the square of the number of columns.

    Parameters
    ----------
    true : TrueImage
        The image.
    """
    from scipy.linalg import cho_factor, cho_solve
    from scipy.sparse import diags_array

    slopes = derivatives(true)
    weights = diags_array(1 / true.variance.ravel())
    information = (slopes.T @ weights @ slopes).toarray()
    scale = 1 / np.sqrt(np.diag(information))
    factor = cho_factor(information * scale * scale[:, None])
    own = 3 * len(true.positions)
    inverse = cho_solve(factor, np.eye(len(information), own))
    variance = np.diag(inverse[:own]) * scale[:own] ** 2
    return np.sqrt(variance.reshape(-1, 3)[:, 1:])


def derivatives(true: TrueImage) -> csr_array:
    """Return the derivatives of the expected image by all parameters, (pixels, parameters).

    Height, row and column of each column in turn, then the width if it is unknown, then the knots
    of the background.
    """
    from scipy.sparse import coo_array, csr_array, hstack

    rows, columns = true.variance.shape
    reach = math.ceil(true.reach_in_widths * true.width_px)
    steps = np.arange(-reach, reach + 1)
    center = np.rint(true.positions).astype(np.int64)
    y, x = (center[:, axis, None] + steps for axis in (0, 1))
    own, by_width = _peak_derivatives(
        true, (y - true.positions[:, :1])[:, :, None], (x - true.positions[:, 1:])[:, None, :]
    )
    is_in = ((y >= 0) & (y < rows))[:, :, None] & ((x >= 0) & (x < columns))[:, None, :]
    pixel = (y[:, :, None] * columns + x[:, None, :])[is_in]
    number = 3 * np.arange(len(center))[:, None, None]
    parts = [
        coo_array(
            (own[:, which][is_in], (pixel, np.broadcast_to(number + which, is_in.shape)[is_in])),
            shape=(rows * columns, 3 * len(center)),
        )
        for which in range(3)
    ]
    all_own = (parts[0] + parts[1] + parts[2]).tocsr()
    width = np.bincount(pixel, weights=by_width[is_in], minlength=rows * columns)
    others = [] if true.is_width_known else [csr_array(width[:, None])]
    return hstack([all_own, *others, csr_array(_background(true))], format="csr")


def _peak_derivatives(
    true: TrueImage, dy: FloatArray, dx: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return each peak's derivatives by height, row and column, (N, 3, S, S), and by the width."""
    y, x = dy / true.width_px, dx / true.width_px
    high = true.heights[:, None, None] / (2 * _STEP * true.width_px)

    def difference(down: float, right: float, wider: float) -> FloatArray:
        first = true.profile((y - down) / (1 + wider), (x - right) / (1 + wider))
        return first - true.profile((y + down) / (1 - wider), (x + right) / (1 - wider))

    by_row, by_column, by_width = (high * difference(*step) for step in _STEP * np.eye(3))
    return np.stack([true.profile(y, x), by_row, by_column], axis=1), by_width


def _background(true: TrueImage) -> FloatArray:
    """Return the derivatives by the knots of a bilinear background, (pixels, knots)."""
    tents = []
    for size in true.variance.shape:
        place = np.linspace(0, true.knots - 1, size)
        tents.append(np.maximum(0, 1 - np.abs(place[:, None] - np.arange(true.knots))))
    both = np.einsum("ya,xb->yxab", *tents)
    return np.asarray(both.reshape(true.variance.size, -1), dtype=np.float64)
