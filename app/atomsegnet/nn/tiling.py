"""Cut an image in overlapping tiles, and put the tiles' maps together without a seam."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atomsegnet.core.micrograph import FloatImage


@dataclass(frozen=True)
class Span:
    """One tile along one axis: where it starts and ends [px]."""

    start: int
    stop: int


@dataclass(frozen=True)
class Tiling:
    """Tiles over an image whose sides are multiples of the alignment.

    Attributes
    ----------
    shape : tuple of int
        Rows and columns of the image [px].
    tile : int
        Largest side of a tile [px], a multiple of the alignment.
    overlap : int
        Pixels that neighboring tiles share [px], a multiple of twice the alignment.
    alignment : int
        Tiles start and end at multiples of this [px].
    """

    shape: tuple[int, int]
    tile: int
    overlap: int
    alignment: int

    def __post_init__(self) -> None:
        """Refuse tiles that do not fit."""
        if any(length % self.alignment for length in self.shape):
            raise ValueError(f"shape {self.shape} is not aligned to {self.alignment}")
        if self.tile <= self.overlap:
            raise ValueError(f"tiles of {self.tile} px cannot overlap by {self.overlap} px")

    def spans(self, axis: int) -> list[Span]:
        """Return the tiles along one axis, in order."""
        length = self.shape[axis]
        if length <= self.tile:
            return [Span(0, length)]
        step = self.tile - self.overlap
        count = -(-(length - self.overlap) // step)
        starts = [
            round(i * (length - self.tile) / (count - 1) / self.alignment) * self.alignment
            for i in range(count)
        ]
        return [Span(start, start + self.tile) for start in starts]

    def tiles(self) -> Iterator[tuple[Span, Span]]:
        """Return the rows and columns of each tile."""
        for rows in self.spans(0):
            for columns in self.spans(1):
                yield rows, columns

    def __len__(self) -> int:
        """Return the number of tiles."""
        return len(self.spans(0)) * len(self.spans(1))

    def weight(self, rows: Span, columns: Span) -> npt.NDArray[np.float32]:
        """Return how much each pixel of a tile counts; over all tiles the sum is 1."""
        return np.outer(self._ramp(0, rows), self._ramp(1, columns)).astype(np.float32)

    def _ramp(self, axis: int, span: Span) -> npt.NDArray[np.float64]:
        spans = self.spans(axis)
        index = spans.index(span)
        position = np.arange(span.start, span.stop, dtype=np.float64) + 0.5
        ramp = np.ones(len(position))
        if index > 0:
            ramp *= self._rise(spans[index - 1].stop, span.start, position)
        if index + 1 < len(spans):
            ramp *= 1 - self._rise(span.stop, spans[index + 1].start, position)
        return ramp

    def _rise(
        self, left_stop: int, right_start: int, position: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Rise from 0 to 1 in the middle quarter of what two neighbors share.

        The outer parts, where a tile sees its own border, do not count.
        """
        middle = (left_stop + right_start) / 2
        width = (left_stop - right_start) / 4
        share = np.clip((position - middle) / width + 0.5, 0, 1)
        return np.asarray(0.5 - 0.5 * np.cos(np.pi * share))


def pad_to_alignment(image: FloatImage, alignment: int, margin: int) -> tuple[FloatImage, int, int]:
    """Reflect an image at its borders so that its sides become multiples of the alignment.

    Parameters
    ----------
    image : ndarray, shape (H, W)
        The image.
    alignment : int
        Sides become multiples of this [px].
    margin : int
        Least width of the border on each side [px].

    Returns
    -------
    padded : ndarray
        The larger image.
    top, left : int
        Where the image starts in it [px].
    """
    extra = [-(-(length + 2 * margin) // alignment) * alignment - length for length in image.shape]
    before = [e // 2 for e in extra]
    widths = [(b, e - b) for b, e in zip(before, extra, strict=True)]
    return np.pad(image, widths, mode="reflect"), before[0], before[1]
