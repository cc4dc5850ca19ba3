"""Measure one column at a place that the user chose."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.border_columns import border_distances
from atomsegnet.analysis.gaussian_fit import fit_gaussians
from atomsegnet.analysis.overlap import FWHM_PER_SIGMA, Peaks
from atomsegnet.analysis.photometry import measure_heights
from atomsegnet.core.columns import Columns
from atomsegnet.core.progress import silent

FloatImage = npt.NDArray[np.float32]

# Neighbors whose peaks reach into the window of the column lie within this many widths.
_REACH_IN_WIDTHS = 4.0
# A fit that runs further than this part of the width went to another peak.
_FARTHEST_IN_WIDTHS = 1.0


def measure_column(
    image: FloatImage,
    position: tuple[float, float],
    others: Columns,
    *,
    width_px: float,
    is_refined: bool,
) -> Columns:
    """Measure one column of a micrograph.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    position : tuple of float
        (row, column) [px], where the user put it.
    others : Columns
        The columns that are there already; the peaks of near ones are taken out.
    width_px : float
        Expected full width at half maximum [px].
    is_refined : bool
        Whether the center of the peak on the raw image is taken, by a 2-D Gaussian fit; where
        the fit fails, and where False, the position stays and has no standard error.

    Returns
    -------
    Columns
        A single one, of the method of ``others``.
    """
    reach = math.ceil(_REACH_IN_WIDTHS * width_px)
    low = np.maximum(np.rint(position).astype(int) - reach, 0)
    high = np.minimum(np.rint(position).astype(int) + reach + 1, image.shape)
    part = np.ascontiguousarray(image[low[0] : high[0], low[1] : high[1]])
    is_near = np.all((others.positions > low - 0.5) & (others.positions < high - 0.5), axis=1)
    # Two columns in one place cannot be told apart by a fit.
    is_near &= np.linalg.norm(others.positions - position, axis=1) > width_px / 4
    centers = np.vstack([position, others.positions[is_near]]) - low
    start = Peaks(centers, np.zeros(len(centers)), width_px)
    heights = measure_heights(part, start)
    at, sigma = np.array(position, dtype=np.float64), np.full(2, np.nan)
    amplitude, width = heights.amplitude[0], width_px
    background, weight = heights.background[0], heights.integrated_intensity[0]
    if is_refined:
        peaks = Peaks(centers, np.maximum(heights.amplitude, 0), width_px)
        fits = fit_gaussians(part, peaks, silent)
        shift = np.linalg.norm(fits.positions[0] + low - at)
        if np.isfinite(fits.width[0]) and shift < _FARTHEST_IN_WIDTHS * width_px:
            at, sigma = fits.positions[0] + low, fits.sigmas[0]
            amplitude, width, background = fits.amplitude[0], fits.width[0], fits.background[0]
            weight = 2 * math.pi * (width / FWHM_PER_SIGMA) ** 2 * amplitude
    return Columns(
        positions=at[None],
        sigmas=sigma[None],
        amplitude=np.array([amplitude]),
        width=np.array([width]),
        background=np.array([background]),
        integrated_intensity=np.array([weight]),
        # No map had a say in it.
        confidence=np.array([np.nan]),
        is_edge=border_distances(at[None], image.shape) < width / 2,
        method=others.method,
    )
