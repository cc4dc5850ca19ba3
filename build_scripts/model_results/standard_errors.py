"""How far the columns of a simulated image stand out from all of its noise."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
from scipy.sparse import diags_array
from scipy.sparse.linalg import splu

from atomsegnet.analysis.cramer_rao import TrueImage, derivatives
from atomsegnet.physics.imaging import to_numpy
from atomsegnet.physics.render import DENOISED, render
from atomsegnet.physics.scene import Scene
from atomsegnet.tasks.benchmark_bound import peak_profile
from atomsegnet.tasks.simulate_one import Simulated

# The standard deviation of so many heights is known to an eighth of it.
RECORDINGS = 32
# Columns fainter than this signal-to-noise ratio are taken as known, and those whose center is this
# far beyond the border [widths]; a peak is cut at the other distance.
FAINTEST_RATIO = 2.0
BEYOND_WIDTHS = 0.5
REACH_WIDTHS = 2.2
# Knots of the unknown background along each axis.
KNOTS = 3


@lru_cache(maxsize=4)
def height_ratios(made: Simulated) -> np.ndarray:
    """Return the height of each column of an image in its own standard errors, shape (N,).

    The scene is recorded again and again, with other counts, other scan noise and another film, and
    to each recording the heights and positions of all columns, their common width and a curved
    background are fitted by weighted least squares, linearized at the truth. The standard error of
    a height is its standard deviation over the recordings. Columns taken as known have 0.
    """
    scene = made.scene
    positions = scene.positions_px.numpy()
    beyond = np.maximum(-positions, positions - (scene.size - 1)).max(axis=1)
    free = beyond < BEYOND_WIDTHS * scene.image_width_px
    free[made.is_inside] &= made.noise_ratio >= FAINTEST_RATIO
    expected = _expected(scene)
    variance = np.maximum(expected, 1e-6) + scene.detector.readout**2
    heights = scene.specimen.intensity[free] * scene.counts
    slopes = derivatives(
        TrueImage(
            positions=positions[free],
            heights=heights,
            width_px=scene.image_width_px,
            variance=variance,
            knots=KNOTS,
            profile=peak_profile(scene),
            reach_in_widths=REACH_WIDTHS,
        )
    )
    information = (slopes.T @ diags_array(1 / variance.ravel()) @ slopes).tocsc()
    scale = diags_array(1 / np.sqrt(information.diagonal()))
    solver = splu((scale @ information @ scale).tocsc())
    fitted = np.empty((RECORDINGS, len(heights)))
    for number in range(RECORDINGS):
        recorded = to_numpy(render(scene, torch.Generator().manual_seed(number), ()).image)
        pull = slopes.T @ ((recorded - expected) / variance).ravel()
        fitted[number] = (scale @ solver.solve(scale @ pull))[: 3 * len(heights) : 3]
    ratios = np.zeros(len(positions))
    ratios[free] = heights / fitted.std(axis=0, ddof=1)
    return np.asarray(ratios[made.is_inside])


def _expected(scene: Scene) -> np.ndarray:
    """Return the image without noise, (size, size) [counts]."""
    quiet = replace(scene, jitter=replace(scene.jitter, sigma_px=0.0), speckle=0.0)
    made = render(quiet, torch.Generator().manual_seed(0), (DENOISED,))
    return to_numpy(made.labels[DENOISED]).astype(np.float64)
