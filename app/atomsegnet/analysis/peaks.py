"""From a map to the regions of single columns."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.basins import find_basins
from atomsegnet.analysis.calibration import (
    CANDIDATE_PROBABILITY,
    automatic_threshold,
    calibrated,
    map_value,
)
from atomsegnet.core.errors import SettingError

FloatArray = npt.NDArray[np.float64]
FloatImage = npt.NDArray[np.float32]
LabelImage = npt.NDArray[np.int32]

# The peaks of a Gaussian map have a sigma of this many widths of the column.
MAP_SIGMA_IN_WIDTHS = 0.2

# Networks that run in bfloat16 give neighboring pixels exactly the same value, and then one column
# has two maxima; smoothing by this sigma [px of the map] ends that, and is narrower than a column.
_SMOOTHING_PX = 0.7

# Two maxima are two columns if the map sinks between them by this part of the lower one. Peaks of
# equal height and the usual sigma of 1.2 px reach it at a distance of 3.5 px, that is 0.6 times the
# width of the columns; nearer ones cannot be told from one column and its noise.
_SMALLEST_DIP = 0.1

# The region of a column reaches down to this part of its own maximum, so that strong and weak ones
# are treated alike. Centroids of higher regions have too few pixels (half of the maximum: three
# times the error of the weighted one), lower ones reach into neighbors.
REGION_LEVEL = 0.3

# Smoothing lowers a narrow peak (sigma 1 px) to 0.67 of its height. Pixels below the region level
# of the lowest accepted peak, lowered like this, cannot belong to any region.
_LOWERED_PEAK = 0.6


@dataclass(frozen=True, eq=False)
class Regions:
    """The region of each column on the map.

    Attributes
    ----------
    labels : ndarray of int32, shape (h, w)
        Region of every pixel of the map, from 1; 0 where there is none.
    values : ndarray of float32, shape (h, w)
        The map, smoothed by less than one pixel.
    shape : tuple of int
        Rows and columns of the micrograph [px].
    confidence : ndarray of float64, shape (N,)
        Highest calibrated value of the map in each region, 0 to 1.
    area_px : ndarray of float64, shape (N,)
        Area of each region [px^2 of the micrograph].
    is_cut : ndarray of bool, shape (N,)
        Whether the region touches the border of the map.
    threshold : float
        Threshold on the calibrated map that was used, 0 to 1.
    is_doubtful : ndarray of bool, shape (N,)
        Which are no columns by the map: unless told otherwise, those below the threshold.
    """

    labels: LabelImage
    values: FloatImage
    shape: tuple[int, int]
    confidence: FloatArray
    area_px: FloatArray
    is_cut: npt.NDArray[np.bool_]
    threshold: float
    is_doubtful: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """Count the regions."""
        return len(self.confidence)

    @property
    def factor(self) -> tuple[float, float]:
        """Pixels of the map for each pixel of the micrograph, (row, column)."""
        rows, columns = self.labels.shape
        return rows / self.shape[0], columns / self.shape[1]

    def without_doubtful(self) -> Regions:
        """Return the regions of those that are columns by the map."""
        kept = ~self.is_doubtful
        numbers = np.concatenate([[0], np.where(kept, np.cumsum(kept), 0)])
        return replace(
            self,
            labels=numbers.astype(np.int32)[self.labels],
            confidence=self.confidence[kept],
            area_px=self.area_px[kept],
            is_cut=self.is_cut[kept],
            is_doubtful=self.is_doubtful[kept],
        )

    def in_micrograph(self, positions: FloatArray) -> FloatArray:
        """Turn positions (N, 2) on the map [px of the map] into those on the micrograph [px].

        Both grids cover the same area, so that their corners and not the centers of their first
        pixels coincide.
        """
        in_micrograph: FloatArray = (positions + 0.5) / np.asarray(self.factor) - 0.5
        return in_micrograph

    def confidence_at(self, positions: FloatArray) -> FloatArray:
        """Return the calibrated value of the map at positions (N, 2) on the micrograph [px]."""
        on_map = np.rint((positions + 0.5) * np.asarray(self.factor) - 0.5).astype(np.int64)
        row, column = np.clip(on_map, 0, np.array(self.values.shape) - 1).T
        return np.asarray(calibrated(self.values[row, column]), dtype=np.float64)


def find_regions(
    values: FloatImage,
    *,
    shape: tuple[int, int],
    threshold: float | None = None,
    minimum_area_px: float = 0.0,
    split_touching: bool = True,
    with_doubtful: bool = False,
) -> Regions:
    """Find the region of each column on a map.

    Parameters
    ----------
    values : ndarray of float32, shape (h, w)
        The map of a network, 0 to 1, on the network's own grid.
    shape : tuple of int
        Rows and columns of the micrograph [px]; the map covers the same area.
    threshold : float, optional
        Least calibrated value of a column, its confidence, 0 to 1; None for Otsu's threshold.
    minimum_area_px : float
        Smallest area of a region [px^2 of the micrograph].
    split_touching : bool
        True: every maximum is a column, its region is what lies above
        `REGION_LEVEL` times it. False: everything
        above the threshold that hangs together is one column.
    with_doubtful : bool
        With the automatic threshold, and split: maxima below it count as well, down to
        `CANDIDATE_PROBABILITY`; their confidence is below the `threshold` of the result.

    Returns
    -------
    Regions
        Numbered in the order of their highest (or, unsplit, first) pixels, row by row.

    Raises
    ------
    SettingError
        The threshold is outside of [0, 1] or the area is negative.
    """
    from scipy import ndimage

    if threshold is not None and not 0 <= threshold <= 1:
        raise SettingError(f"The threshold must be between 0 and 1, not {threshold}.")
    if not minimum_area_px >= 0:
        raise SettingError(f"The smallest area must not be negative, not {minimum_area_px} px^2.")
    values = np.clip(np.asarray(values, dtype=np.float32), 0, 1)
    smooth = ndimage.gaussian_filter(values, _SMOOTHING_PX, mode="nearest", truncate=4)
    floor = CANDIDATE_PROBABILITY if threshold is None else float(threshold)
    pixels, labels, heights = _own_regions(values, smooth, map_value(floor))
    used = automatic_threshold(calibrated(heights)) if threshold is None else floor
    lowest = map_value(floor if with_doubtful and split_touching else used)
    if split_touching:
        pixels, labels = _renumber(pixels, labels, heights >= np.float32(lowest))
    else:
        components, _ = ndimage.label((values >= lowest) & (values > 0), np.ones((3, 3), bool))
        pixels = np.flatnonzero(components)
        labels = components.ravel()[pixels] - 1
    return _collect(values, smooth, shape, pixels, labels, minimum_area_px, used)


def _own_regions(
    values: FloatImage, smooth: FloatImage, lowest: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], FloatImage]:
    """Return the pixels of the regions, the region of each, from 0, and the regions' heights."""
    basins = find_basins(
        smooth, level=REGION_LEVEL * _LOWERED_PEAK * lowest, smallest_dip=_SMALLEST_DIP
    )
    own_peaks = smooth.ravel()[basins.peaks]
    chosen = smooth.ravel()[basins.pixels] > REGION_LEVEL * own_peaks[basins.labels]
    pixels, labels = basins.pixels[chosen], basins.labels[chosen]
    highest = np.zeros(len(own_peaks), dtype=np.float32)
    np.maximum.at(highest, labels, values.ravel()[pixels])
    accepted = highest >= np.float32(lowest)
    return *_renumber(pixels, labels, accepted), highest[accepted]


def _renumber(
    pixels: npt.NDArray[np.int64], labels: npt.NDArray[np.int32], kept: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Drop the regions that are not kept and close the gaps in the numbers."""
    numbers = np.cumsum(kept, dtype=np.int32) - 1
    chosen = kept[labels]
    return pixels[chosen], numbers[labels[chosen]]


def _collect(
    values: FloatImage,
    smooth: FloatImage,
    shape: tuple[int, int],
    pixels: npt.NDArray[np.int64],
    labels: npt.NDArray[np.int32],
    minimum_area_px: float,
    threshold: float,
) -> Regions:
    """Measure the regions and drop the small ones."""
    height, width = values.shape
    pixel_area = shape[0] / height * (shape[1] / width)
    large = np.bincount(labels) * pixel_area >= minimum_area_px
    pixels, labels = _renumber(pixels, labels, large)
    area = np.bincount(labels) * pixel_area
    peaks = np.zeros(len(area), dtype=np.float32)
    np.maximum.at(peaks, labels, values.ravel()[pixels])
    rows, columns = np.divmod(pixels, width)
    at_border = (rows == 0) | (rows == height - 1) | (columns == 0) | (columns == width - 1)
    image = np.zeros((height, width), dtype=np.int32)
    image.ravel()[pixels] = labels + 1
    return Regions(
        labels=image,
        values=smooth,
        shape=shape,
        confidence=calibrated(peaks).astype(np.float64),
        area_px=area.astype(np.float64),
        is_cut=np.bincount(labels, weights=at_border) > 0,
        threshold=threshold,
        is_doubtful=peaks < np.float32(map_value(threshold)),
    )
