"""The Cramér-Rao bound of the columns of a simulated image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from atomsegnet.core.micrograph import FloatImage

if TYPE_CHECKING:
    from atomsegnet.physics.scene import Scene

FloatArray = npt.NDArray[np.float64]

# The bound knows columns fainter than this signal-to-noise ratio, and those whose center is this
# far beyond the border [widths]; nothing could be told of them.
_FAINTEST_RATIO = 2.0
BEYOND_IN_WIDTHS = 0.5
# Knots of the unknown background of the bound along each axis, and where peaks are cut [widths].
_KNOTS = 3
_REACH_IN_WIDTHS = 3.0
# Sampling and half side of the peak from which the bound takes its derivatives.
_FINE_WIDTH_PX, _FINE_SIZE_PX = 20.0, 240


def bounds_of(scene: Scene, expected: FloatImage, ratio: FloatArray) -> FloatArray:
    """Return the bound of every column of a scene [px]; NaN for those taken as known."""
    from atomsegnet.analysis.cramer_rao import TrueImage, cramer_rao_errors

    positions = scene.positions_px.numpy()
    outside = np.maximum(-positions, positions - (scene.size - 1)).max(axis=1)
    unknown = (ratio >= _FAINTEST_RATIO) & (outside < BEYOND_IN_WIDTHS * scene.width_px)
    bounds = np.full(positions.shape, np.nan)
    bounds[unknown] = cramer_rao_errors(
        TrueImage(
            positions=positions[unknown],
            heights=scene.specimen.intensity[unknown] * scene.counts,
            width_px=scene.width_px,
            variance=np.maximum(expected.astype(np.float64), 1e-6),
            knots=_KNOTS,
            profile=peak_profile(scene),
            reach_in_widths=_REACH_IN_WIDTHS,
        )
    )
    return bounds


def peak_profile(scene: Scene) -> Callable[[FloatArray, FloatArray], FloatArray]:
    """Return the height of a column of a scene at (y, x) from its center [widths]."""
    import torch
    from scipy.ndimage import map_coordinates, spline_filter

    from atomsegnet.physics.imaging import to_numpy
    from atomsegnet.physics.render import NO_BACKGROUND, render
    from atomsegnet.physics.scan_noise import Jitter
    from atomsegnet.physics.specimen import Specimen

    one = replace(
        scene,
        specimen=Specimen(np.zeros((1, 2)), np.ones(1), "crystal", np.full(1, "")),
        width_px=_FINE_WIDTH_PX,
        size=_FINE_SIZE_PX,
        label_size=_FINE_SIZE_PX,
        counts=1.0,
        jitter=Jitter(),
    )
    made = render(one, torch.Generator().manual_seed(0), (NO_BACKGROUND,))
    fine = spline_filter(to_numpy(made.labels[NO_BACKGROUND]).astype(np.float64))
    middle = (_FINE_SIZE_PX - 1) / 2

    def profile(y: FloatArray, x: FloatArray) -> FloatArray:
        places = [part * _FINE_WIDTH_PX + middle for part in np.broadcast_arrays(y, x)]
        return np.asarray(map_coordinates(fine, places, prefilter=False), dtype=np.float64)

    return profile
