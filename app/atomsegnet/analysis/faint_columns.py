"""Columns so faint beside their neighbors that a network sees them only without those."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.local_background import local_background, smoothed
from atomsegnet.analysis.overlap import (
    FWHM_PER_SIGMA,
    Peaks,
    rendered,
    windows_without_neighbors,
)
from atomsegnet.analysis.photometry import measure_heights, solve_heights
from atomsegnet.analysis.repeats import are_crystal, shares
from atomsegnet.core.progress import Progress, Report

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

# What a peak of slightly wrong shape leaves lies nearer to it than this [widths].
_NEAREST_IN_WIDTHS = 0.9
# The faint columns of a crystal stand among the others: no farther from the nearest than this
# part of the usual distance of neighbors.
_FARTHEST_IN_SPACINGS = 1.2
# A column is higher than this many times the scatter of heights around it once all are taken out.
_LEAST_RATIO = 2.0
_AROUND_IN_WIDTHS = 1.5

# The crystal repeats a faint column at this part of the places around; scan noise leaves single
# ones.
_LEAST_SHARE = 0.2

# Rounds in which position and width are improved; a step moves a column by at most this part of the
# width, and all of them by the other. A width is expected within this factor.
_ROUNDS = 2
_LONGEST_STEP = 0.15
_FARTHEST_IN_WIDTHS = 0.4
_FARTHEST_WIDTH = 1.4


class Rest(NamedTuple):
    """A micrograph without its columns.

    Attributes
    ----------
    image : ndarray of float32, shape (H, W)
        What is left.
    positions : ndarray of float64, shape (N, 2)
        Where the columns were [px].
    width_px : float
        Their full width at half maximum [px].
    """

    image: FloatImage
    positions: FloatArray
    width_px: float


def without_columns(
    image: FloatImage, positions: FloatArray, width_px: float, report: Report
) -> Rest:
    """Take out of a micrograph the columns at approximate positions.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    positions : ndarray of float64, shape (N, 2)
        Approximate positions of the columns [px].
    width_px : float
        Expected full width at half maximum of the columns [px].
    report : callable
        Called after every few hundred columns; raises Cancelled to stop.
    """
    peaks = _with_heights(image, Peaks.unknown(positions, width_px), report)
    flat = image - local_background(image, peaks, report)
    peaks = _with_heights(flat, peaks, report)
    for number in range(_ROUNDS):
        report(Progress(number, _ROUNDS, "Taking columns out"))
        peaks = _with_heights(flat, _nearer(flat, peaks, positions, width_px), report)
    return Rest(image - rendered(peaks, image.shape), peaks.positions, peaks.width_px)


def _nearer(flat: FloatImage, peaks: Peaks, starts: FloatArray, width_px: float) -> Peaks:
    """Return peaks after a Gauss-Newton step of each position and of the common width.

    Heights and background follow in closed form, and row, column and width are as good as
    independent of each other.
    """
    shifts = np.zeros_like(starts)
    wider = known = 0.0
    for window in windows_without_neighbors(flat, peaks.positions, peaks.width_px, peaks):
        solved = solve_heights(window, peaks.sigma_px)
        squared = (window.rows**2 + window.columns**2) / np.float32(peaks.sigma_px**2)
        shape = np.exp(squared / -2) * np.maximum(solved.amplitude, 0)[:, None]
        rest = window.values - solved.background[:, None] - shape
        for axis, distance in enumerate((window.rows, window.columns)):
            slope = shape * distance / peaks.sigma_px**2
            told = np.einsum("nk,nk->n", window.weights, slope**2)
            pull = np.einsum("nk,nk,nk->n", window.weights, slope, rest)
            shifts[window.chosen, axis] = pull / np.maximum(told, 1e-30)
        growth = shape * squared
        # Less what height and background would make of it.
        same = solve_heights(replace(window, values=growth), peaks.sigma_px)
        growth -= same.background[:, None] + np.exp(squared / -2) * same.amplitude[:, None]
        growth *= window.weights
        wider += float(np.sum(growth * rest))
        known += float(np.sum(growth * growth))
    longest = _LONGEST_STEP * peaks.width_px
    farthest = _FARTHEST_IN_WIDTHS * width_px
    positions = peaks.positions + shifts.clip(-longest, longest)
    width = peaks.width_px * math.exp(np.clip(wider / max(known, 1e-30), -0.2, 0.2))
    positions = starts + (positions - starts).clip(-farthest, farthest)
    return Peaks(
        positions.clip(0, np.array(flat.shape) - 1),
        peaks.amplitude,
        float(np.clip(width, width_px / _FARTHEST_WIDTH, width_px * _FARTHEST_WIDTH)),
    )


def are_faint_columns(
    image: FloatImage, rest: Rest, found: FloatArray, report: Report
) -> BoolArray:
    """Tell which of the places where a network sees columns in the rest are columns, shape (M,).

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        The micrograph.
    rest : Rest
        The same without the columns seen in it.
    found : ndarray of float64, shape (M, 2)
        Where the network sees columns in the rest [px].
    report : callable
        Called after every few hundred columns; raises Cancelled to stop.
    """
    from scipy.spatial import cKDTree

    known = np.arange(len(rest.positions))
    if not len(found) or not are_crystal(rest.positions, known, rest.width_px):
        return np.zeros(len(found), dtype=bool)
    columns = cKDTree(rest.positions)
    spacing = float(np.median(columns.query(rest.positions, k=[2])[0]))
    distance, _ = columns.query(found)
    is_column: BoolArray = distance > _NEAREST_IN_WIDTHS * rest.width_px
    is_column &= distance < _FARTHEST_IN_SPACINGS * spacing
    if is_column.any():
        is_column[is_column] = _ratios(image, rest, found[is_column], report) > _LEAST_RATIO
    positions = np.concatenate([rest.positions, found[is_column]])
    share = shares(positions, known, np.arange(len(known), len(positions)), rest.width_px)
    is_column[is_column] = share >= _LEAST_SHARE
    return is_column


def _ratios(image: FloatImage, rest: Rest, found: FloatArray, report: Report) -> FloatArray:
    """Return the heights of found columns over the scatter around when all are taken out, (M,)."""
    width = rest.width_px
    everything = np.concatenate([rest.positions, found])
    peaks = Peaks.unknown(everything, width)
    flat = image - local_background(image, peaks, report)
    peaks = _with_heights(flat, peaks, report)
    left = flat - rendered(peaks, image.shape)
    # The best height of a Gaussian peak is twice what it is smoothed to by itself.
    heights = 2 * smoothed(left, width / FWHM_PER_SIGMA)
    scatter = np.sqrt(smoothed(heights**2, _AROUND_IN_WIDTHS * width))
    row, column = np.clip(np.rint(found).astype(np.int64), 0, np.array(image.shape) - 1).T
    own = peaks.amplitude[len(rest.positions) :]
    return np.asarray(own / np.maximum(scatter[row, column], 1e-30), dtype=np.float64)


def _with_heights(flat: FloatImage, peaks: Peaks, report: Report) -> Peaks:
    """Return the peaks with the heights that they have in an image without background."""
    return replace(peaks, amplitude=np.maximum(measure_heights(flat, peaks, report).amplitude, 0))
