"""Arithmetic of the ruler: length, angle, and the profile along it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.core.micrograph import FloatImage, PixelSize

FloatArray = npt.NDArray[np.float64]
Place = tuple[float, float]

_SNAP_DEG = 45.0


class Reading(NamedTuple):
    """What a ruler says.

    Attributes
    ----------
    length_px : float
        Distance of its ends [px].
    length_nm : float or None
        The same [nm]; None where the pixel size is unknown.
    angle_deg : float
        From the x axis, counterclockwise as seen, above -180 to 180 [degrees].
    """

    length_px: float
    length_nm: float | None
    angle_deg: float


class Profile(NamedTuple):
    """Mean intensities along a line.

    Attributes
    ----------
    distance_px : ndarray of float64, shape (N,)
        From the start [px].
    intensity : ndarray of float64, shape (N,)
        Means across the width of the line.
    """

    distance_px: FloatArray
    intensity: FloatArray


def read_ruler(start: Place, end: Place, pixel_size_nm: PixelSize | None) -> Reading:
    """Measure a line between two (row, column) places [px].

    Where pixels are not square, the angle is that of the object, in nm.
    """
    down, right = end[0] - start[0], end[1] - start[1]
    length_px = math.hypot(down, right)
    if pixel_size_nm is None:
        return Reading(length_px, None, math.degrees(math.atan2(-down, right)))
    down_nm, right_nm = down * pixel_size_nm.y, right * pixel_size_nm.x
    angle_deg = math.degrees(math.atan2(-down_nm, right_nm))
    return Reading(length_px, math.hypot(down_nm, right_nm), angle_deg)


def snapped(start: Place, end: Place) -> Place:
    """Turn a line about its start to the nearest multiple of 45 degrees; its length stays."""
    down, right = end[0] - start[0], end[1] - start[1]
    step = math.radians(_SNAP_DEG)
    angle = round(math.atan2(down, right) / step) * step
    length = math.hypot(down, right)
    return start[0] + length * math.sin(angle), start[1] + length * math.cos(angle)


def line_profile(image: FloatImage, start: Place, end: Place, width_px: int) -> Profile:
    """Return intensities along a line, one sample a pixel, between pixels by straight lines.

    Parameters
    ----------
    image : ndarray of float32, shape (H, W)
        Intensities; samples outside of it do not count.
    start, end : tuple of float
        (row, column) [px].
    width_px : int
        How many lines, one pixel apart, are averaged, at least 1.
    """
    from scipy.ndimage import map_coordinates

    length = math.hypot(end[0] - start[0], end[1] - start[1])
    count = max(2, round(length) + 1)
    along = np.linspace(0, 1, count)
    centers = np.array(start)[:, None] + np.subtract(end, start)[:, None] * along
    across = np.array([end[1] - start[1], start[0] - end[0]]) / max(length, 1e-9)
    offsets = np.arange(width_px) - (width_px - 1) / 2
    places = centers[:, None, :] + across[:, None, None] * offsets[None, :, None]
    samples = map_coordinates(image, places, np.float64, order=1, mode="constant", cval=np.nan)
    known = np.isfinite(samples)
    total = np.where(known, samples, 0.0).sum(axis=0)
    counts = known.sum(axis=0)
    mean = np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
    return Profile(along * length, mean)
