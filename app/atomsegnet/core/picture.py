"""An image made ready for the screen, so that showing it costs the same at any size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from atomsegnet.core.contrast import (
    SATURATED_PERCENT,
    Histogram,
    Limits,
    automatic_limits,
    histogram,
    sorted_sample,
)
from atomsegnet.core.micrograph import FloatImage

# Below this side [px] a level of the pyramid has no further use.
_SMALLEST_LEVEL_PX = 64


@dataclass(frozen=True, eq=False)
class Picture:
    """An image with what its display needs.

    Attributes
    ----------
    levels : tuple of ndarray of float32
        The image itself, then each time the mean of 2 x 2 pixels of the one before.
    sample : ndarray of float32, shape (N,)
        Values of the image in rising order.
    histogram : Histogram
        Of the sample.
    """

    levels: tuple[FloatImage, ...]
    sample: FloatImage
    histogram: Histogram

    @property
    def image(self) -> FloatImage:
        """The image itself, shape (H, W)."""
        return self.levels[0]

    def limits(self, repetition: int = 0, region: tuple[slice, slice] | None = None) -> Limits:
        """Return automatic contrast limits; each repetition saturates more, then starts over.

        Those of a region (rows, columns) of the image where one is given that holds a pixel.
        """
        percent = SATURATED_PERCENT[repetition % len(SATURATED_PERCENT)]
        part = self.image[region] if region is not None else self.image[:0]
        return automatic_limits(sorted_sample(part) if part.size else self.sample, percent)


def make_picture(image: FloatImage) -> Picture:
    """Prepare an image (H, W) for the screen."""
    levels = [image]
    while min(levels[-1].shape) >= 2 * _SMALLEST_LEVEL_PX:
        levels.append(_halved(levels[-1]))
    sample = sorted_sample(image)
    return Picture(tuple(levels), sample, histogram(sample))


def _halved(image: FloatImage) -> FloatImage:
    rows, columns = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    even, odd = image[0:rows:2, :columns], image[1:rows:2, :columns]
    total = even[:, 0::2] + even[:, 1::2] + odd[:, 0::2] + odd[:, 1::2]
    return np.asarray(total * np.float32(0.25), dtype=np.float32)
