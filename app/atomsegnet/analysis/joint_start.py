"""Where a joint fit begins: its background, its pixels and its first guess."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.background_grid import BackgroundGrid
from atomsegnet.analysis.joint_peaks import Field, JointPeaks
from atomsegnet.analysis.local_background import steep_background
from atomsegnet.analysis.neighbors import median_spacing
from atomsegnet.analysis.noise_line import estimate_noise
from atomsegnet.analysis.overlap import Peaks
from atomsegnet.analysis.peak_shape import PeakShape
from atomsegnet.analysis.scoring import Scene, Solution
from atomsegnet.core.progress import silent

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
BoolImage = npt.NDArray[np.bool_]
BoolArray = npt.NDArray[np.bool_]

# A knot of the background every so many widths, or spacings of columns, whichever is more.
_KNOT_IN_WIDTHS = 6.0
_KNOT_IN_SPACINGS = 4.0

# Pixels farther than this many widths from every column take no part.
_FIELD_IN_WIDTHS = 2.0

# The first image of expected intensities is smoothed by this part of the width.
_SMOOTHING_IN_WIDTHS = 0.25


def field_for(
    image: FloatImage, starts: FloatArray, width_px: float, *, is_shape_free: bool = True
) -> Field:
    """Return background and width for columns at some starts (N, 2) [px]."""
    spacing = _KNOT_IN_SPACINGS * (median_spacing(starts) or 0.0)
    shape = (image.shape[0], image.shape[1])
    grid = BackgroundGrid.with_spacing(shape, max(_KNOT_IN_WIDTHS * width_px, spacing))
    below = steep_background(image, Peaks.unknown(starts, width_px), silent)
    return Field(grid, width_px, below, is_shape_free)


def near_columns(scene: Scene, is_own: BoolArray) -> BoolImage:
    """Return the pixels (H, W) that are near enough to a column to tell about it."""
    from scipy.ndimage import distance_transform_edt

    shape = np.array(scene.image.shape)
    empty = np.ones(shape, dtype=bool)
    row, column = np.clip(np.rint(scene.starts[is_own]).astype(np.int64), 0, shape - 1).T
    empty[row, column] = False
    return np.asarray(distance_transform_edt(empty) < _FIELD_IN_WIDTHS * scene.field.width_px)


def first_solution(scene: Scene, chosen: BoolImage, shape: PeakShape) -> Solution:
    """Return the start of a fit: no heights yet, and noise as of the smoothed image."""
    from scipy.ndimage import gaussian_filter

    smooth = gaussian_filter(scene.image, _SMOOTHING_IN_WIDTHS * scene.field.width_px)
    noise = estimate_noise(scene.image, smooth, chosen)
    weights = chosen.astype(np.float32) / noise.variance(smooth)
    level = float(np.percentile((scene.image - scene.field.base)[chosen], 10))
    peaks = JointPeaks(
        scene.starts.copy(),
        np.zeros(len(scene.starts)),
        shape,
        np.full(scene.field.grid.count, level),
        np.zeros((len(scene.image) if scene.field.jitter_px > 0 else 0, 2)),
    )
    nothing = np.zeros((0, 0), np.float32)
    return Solution(peaks, noise, nothing, nothing, weights)
