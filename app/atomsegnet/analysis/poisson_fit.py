"""Fit all columns of an image at once by maximum likelihood."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.conditions import line_jitter_px
from atomsegnet.analysis.first_shape import first_shape
from atomsegnet.analysis.fit_tiles import Tile, tiles_of
from atomsegnet.analysis.joint_choice import UNFOUND
from atomsegnet.analysis.line_shifts import LEAST_JITTER_PX
from atomsegnet.analysis.peak_shape import PeakShape
from atomsegnet.analysis.poisson_fits import SAME_IN_WIDTHS, PoissonFits, joined
from atomsegnet.analysis.poisson_part import Part, fit_part
from atomsegnet.core.progress import Progress, Report

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.int64]

# Wider columns are fitted on means of blocks of pixels, no narrower than this [px]: pixels of that
# size cost 1 / (24 sigma^2) of the precision, 1.6 %, and a fit goes with the number of pixels.
_WIDTH_ENOUGH_PX = 3.75

# A column whose height is less than this many standard errors may be noise; one that the network is
# sure of has passed a test already, and needs less.
SIGNIFICANT = 5.0
SIGNIFICANT_IF_SURE = 3.0
# Tiles that are fitted side by side: NumPy lets go of the interpreter while it works on an array,
# but not in between, so that more threads mostly wait for one another.
_THREADS = 2


def fit_poisson(
    image: FloatImage,
    starts: FloatArray,
    width_px: float,
    report: Report,
    *,
    significant: float | FloatArray = SIGNIFICANT,
    taking_part: float | FloatArray | None = None,
    with_lines: bool = False,
) -> PoissonFits:
    """Fit all columns of an image jointly by maximum likelihood under counting noise.

    Free are height, row and column of each column, the shape that all share, and a background that
    may curve. The variance of a pixel goes with its expected intensity as the image itself shows.
    Columns that do not stand out from the noise are dropped, and the others fitted again. What is
    left is searched for columns that no start has.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    starts : ndarray of float64, shape (N, 2)
        Approximate positions of the columns [px], those cut by the border included.
    width_px : float
        Expected full width at half maximum of the columns [px].
    report : callable
        Called after every step.
    significant : float or ndarray of float64, shape (N,)
        Least height of a column in its own standard errors.
    taking_part : float or ndarray of float64, shape (N,), optional
        Least height of what takes part in the fit, in the same way; None for that of a column. A
        true column that is left out, though too low to be told, pulls at its neighbors.
    with_lines : bool
        Whether displacements of scan lines are fitted as well, where the image shows any.
    """
    low, high = float(image.min()), float(image.max())
    if not len(starts) or not high > low:
        return PoissonFits.none(width_px)
    # Intensities between 0 and 1 keep float32 from losing the peak on a high background.
    scaled = ((image.astype(np.float64) - low) / (high - low)).astype(np.float32)
    least = significant if taking_part is None else taking_part
    limits = np.stack([np.broadcast_to(limit, len(starts)) for limit in (significant, least)], 1)
    jitter = line_jitter_px(scaled, width_px) if with_lines else 0.0
    is_shaken = jitter > LEAST_JITTER_PX
    size = 1 if is_shaken else max(1, int(width_px / _WIDTH_ENOUGH_PX))
    blocks = _in_blocks(scaled, size)
    # What is left over at the end may have held a start.
    places = ((starts + 0.5) / size - 0.5).clip(0, np.array(blocks.shape) - 1)
    fits = _fit_scaled(
        blocks,
        places,
        width_px / size,
        limits,
        report,
        jitter_px=jitter if is_shaken else 0.0,
    )
    return replace(
        fits,
        positions=(fits.positions + 0.5) * size - 0.5,
        sigmas=fits.sigmas * size,
        amplitude=fits.amplitude * (high - low),
        background=fits.background * (high - low) + low,
        width_px=fits.width_px * size,
        area_px=fits.area_px * size**2,
    )


def _in_blocks(image: FloatImage, size: int) -> FloatImage:
    """Return the means of square blocks of pixels; what is left over at the end is dropped."""
    rows, columns = (n // size for n in image.shape)
    blocks = image[: rows * size, : columns * size].reshape(rows, size, columns, size)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float32) if size > 1 else image


def _fit_scaled(
    image: FloatImage,
    starts: FloatArray,
    width_px: float,
    limits: FloatArray,
    report: Report,
    *,
    jitter_px: float,
) -> PoissonFits:
    """Fit an image of values from 0 to 1, whose columns are no wider than need be."""
    # What hundreds of columns say about the shape, the others cannot improve.
    shape, is_of_all = first_shape(
        image, starts[limits[:, 0] == limits[:, 0].min()], width_px, report
    )
    part = Part(image, starts, limits)
    if is_of_all or jitter_px > 0:
        return fit_part(part, shape, report, is_shape_free=True, jitter_px=jitter_px)
    return _fit_tiles(part, shape, report)


def _fit_tiles(whole: Part, shape: PeakShape, report: Report) -> PoissonFits:
    """Fit the columns of a large image, whose shape is known, tile by tile."""
    width = shape.width_px
    tiles = tiles_of(whole.starts, whole.image.shape, width)
    lock, done = Lock(), [0]

    def tell(_: Progress) -> None:
        with lock:
            report(Progress(done[0], len(tiles), "Fitting columns"))

    def fit(tile: Tile) -> PoissonFits:
        number = np.flatnonzero(tile.shows(whole.starts))
        starts = whole.starts[number]
        part = Part(
            whole.image[tile.rows, tile.columns], starts - tile.corner, whole.limits[number]
        )
        fits = fit_part(part, shape, tell, is_shape_free=False)
        with lock:
            done[0] += 1
        positions = fits.positions + tile.corner
        # Both tiles beside a border keep what they find there anew; it is joined later.
        is_owned = tile.owns(positions, SAME_IN_WIDTHS * width)
        is_known = fits.kept >= 0
        is_owned[is_known] = tile.owns(starts[fits.kept[is_known]])
        kept = np.full(len(positions), UNFOUND)
        kept[is_known] = number[fits.kept[is_known]]
        return replace(fits, kept=kept, positions=positions).select(is_owned)

    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            parts = list(pool.map(fit, tiles))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return joined(parts)
