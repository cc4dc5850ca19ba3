"""How much worse than its noise the model fits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.joint_peaks import Field, JointPeaks, patches
from atomsegnet.analysis.residual_search import matched

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]

# Numbers of a column, which take their part of the residual away.
_OWN = 3

# Ratio of the standard deviation to the median of absolute normal deviates.
_SIGMA_PER_MEDIAN = 1.4826

# A column seen by fewer pixels than this tells little about its residual.
_FEWEST_PIXELS = 6.0


def misfit(
    field: Field, peaks: JointPeaks, residual: FloatImage, weights: FloatImage
) -> FloatArray:
    """Return by how much the standard errors are too small, (N, 3), 1 or more.

    The mean of the squared normalized residual, each pixel counted by what it tells about height,
    row or column of the column: the diagonal of the sandwich of H. White, Econometrica 48, 817
    (1980), doi 10.2307/1912934, over what the noise alone would give. Where the model holds it is
    1 within its own noise, and only what is above 1 counts.

    Parameters
    ----------
    field, peaks
        The fitted model.
    residual : ndarray of float32, shape (H, W)
        Image minus expected intensity.
    weights : ndarray of float32, shape (H, W)
        One over the variance of each pixel; 0 for pixels left out.
    """
    ratio = np.ones((len(peaks.positions), _OWN))
    framed = field.framed(np.stack([weights, weights**2 * residual**2]))
    size = 2 * field.own_reach + 1
    for patch in patches(peaks.positions, field.own_reach, peaks.lines):
        heights = np.ones((len(patch.corner), 1, 1), dtype=np.float32)
        squared = peaks.shape.own_derivatives(patch.dy, patch.dx, heights) ** 2
        squared = squared.reshape(len(patch.corner), _OWN, -1)
        pixels = field.cut(framed, patch.corner, size)
        told = squared @ pixels.swapaxes(1, 2)
        spread = ((squared * pixels[:, :1]) ** 2).sum(axis=2)
        pixel_count = np.maximum(told[:, :, 0] ** 2 / np.maximum(spread, 1e-30), _FEWEST_PIXELS)
        found = told[:, :, 1] / np.maximum(told[:, :, 0], 1e-30)
        ratio[patch.chosen] = found / (1 - _OWN / (2 * pixel_count))
    return np.sqrt(np.maximum(ratio, 1.0))


def structure(width_px: float, residual: FloatImage, weights: FloatImage) -> float:
    """Return by how much heights scatter where there is no column, over their noise; at least 1.

    What the model leaves of scan noise or of columns of another shape hangs together over the size
    of a column, which `misfit` does not see: the residual is matched with a peak at every pixel, as
    if one stood there, and its height compared with the error that white noise would give it.

    Parameters
    ----------
    width_px : float
        Full width at half maximum of the columns [px].
    residual, weights
        As for `misfit`.
    """
    is_in = weights > 0
    if not is_in.any():
        return 1.0
    ratio, _ = matched(residual, weights, width_px)
    return max(1.0, _SIGMA_PER_MEDIAN * float(np.median(np.abs(ratio[is_in]))))
