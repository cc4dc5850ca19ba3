"""Positions of columns from the map alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.peaks import REGION_LEVEL, Regions

FloatArray = npt.NDArray[np.float64]

# Least weight of a pixel as a part of the maximum of its region, so that no region weighs nothing.
_LEAST_WEIGHT = 1e-6


def geometric_centroids(regions: Regions) -> FloatArray:
    """Return the geometric center of each region: positions (N, 2) [px of the micrograph].

    The way of the paper (Lin et al., Sci. Rep. 11, 5386 (2021), doi 10.1038/s41598-021-84499-w).
    """
    pixels = np.flatnonzero(regions.labels)
    return _centroids(regions, pixels, np.ones(len(pixels)))


def weighted_centroids(regions: Regions) -> FloatArray:
    """Return the weighted center of each region: positions (N, 2) [px of the micrograph].

    A pixel weighs what it stands above the rim of its region, so that it makes no difference
    whether a pixel at the rim is just inside or just outside.
    """
    pixels = np.flatnonzero(regions.labels)
    labels = regions.labels.ravel()[pixels] - 1
    values = regions.values.ravel()[pixels].astype(np.float64)
    highest = np.zeros(len(regions))
    np.maximum.at(highest, labels, values)
    own = highest[labels]
    return _centroids(regions, pixels, np.maximum(values - REGION_LEVEL * own, _LEAST_WEIGHT * own))


def _centroids(regions: Regions, pixels: npt.NDArray[np.int64], weights: FloatArray) -> FloatArray:
    labels = regions.labels.ravel()[pixels] - 1
    count = len(regions)
    total = np.bincount(labels, weights=weights, minlength=count)
    rows, columns = np.divmod(pixels, regions.labels.shape[1])
    moments = [
        np.bincount(labels, weights=weights * axis, minlength=count) for axis in (rows, columns)
    ]
    return regions.in_micrograph(np.stack(moments, axis=1) / total[:, None])
