"""From a map to the regions of single columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Regions:
    """The region of each column on the map.

    Attributes
    ----------
    labels : ndarray of int32
        Region of every pixel of the map, from 1; 0 where there is none.
    values : ndarray of float32
        The map, of the same shape.
    factor : tuple of float
        Pixels of the map for each pixel of the micrograph, (row, column).
    confidence : ndarray of float64, shape (N,)
        Highest calibrated value of the map in each region, 0 to 1.
    area_px : ndarray of float64, shape (N,)
        Area of each region [px^2 of the micrograph].
    threshold : float
        Threshold that was used, 0 to 1.
    """

    labels: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]
    factor: tuple[float, float]
    confidence: FloatArray
    area_px: FloatArray
    threshold: float
