"""The frames of a stack: their drift against each other, and their average."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from atomsegnet.core.errors import SettingError
from atomsegnet.core.micrograph import FloatImage, Micrograph
from atomsegnet.core.progress import Progress, Report, silent

FloatArray = npt.NDArray[np.float64]

# Shifts are found to this part of a pixel.
_PARTS = 20


@dataclass(frozen=True, eq=False)
class Aligned:
    """The average of a stack.

    Attributes
    ----------
    micrograph : Micrograph
        The average of the frames where all of them overlap.
    drift_px : ndarray of float64, shape (n, 2)
        Where the specimen of each frame lies against that of the first, (row, column) [px].
    """

    micrograph: Micrograph
    drift_px: FloatArray


def align(read_frame: Callable[[int], Micrograph], count: int, report: Report = silent) -> Aligned:
    """Align the frames of a stack by rigid shifts and average them.

    Each frame is compared with the sum of the aligned ones before it, by phase correlation
    upsampled with a matrix product: M. Guizar-Sicairos, S. T. Thurman and J. R. Fienup, Opt. Lett.
    33, 156 (2008), doi 10.1364/OL.33.000156. The sum is less noisy than any frame, and a slow
    change of the specimen does not add up as it would from frame to frame.

    Parameters
    ----------
    read_frame : callable
        Returns a frame by its number.
    count : int
        Number of frames, at least 1.
    report : callable
        Called after each frame; raises Cancelled to stop.

    Raises
    ------
    SettingError
        The frames differ in shape, or drifted so far that they have nothing in common.
    """
    from scipy import ndimage
    from skimage.registration import phase_cross_correlation

    first = read_frame(0)
    window = _window(first.shape)
    total = first.image.astype(np.float64)
    drift = np.zeros((count, 2))
    for number in range(1, count):
        report(Progress(number, count, "aligning the frames"))
        image = read_frame(number).image
        if image.shape != first.shape:
            raise SettingError(f"Frame {number} has another shape than the first one.")
        reference = total / number
        shift, _, _ = phase_cross_correlation(  # type: ignore[no-untyped-call]
            (reference - reference.mean()) * window,
            (image - image.mean()) * window,
            upsample_factor=_PARTS,
            normalization=None,
        )
        drift[number] = -np.asarray(shift)
        total += ndimage.shift(image.astype(np.float64), shift, order=3, mode="nearest")
    average = _overlap((total / count).astype(np.float32), drift)
    micrograph = replace(first, image=average, frame=0, frame_count=1)
    return Aligned(micrograph, drift)


def _window(shape: tuple[int, int]) -> FloatArray:
    """Return weights that fall to the border, which would else align with itself."""
    rows, columns = (np.hanning(size + 2)[1:-1] for size in shape)
    return np.asarray(np.outer(rows, columns))


def _overlap(average: FloatImage, drift_px: FloatArray) -> FloatImage:
    """Return the part of the average that every frame shows."""
    low = np.ceil(np.maximum(0, -drift_px.min(axis=0))).astype(int)
    high = np.ceil(np.maximum(0, drift_px.max(axis=0))).astype(int)
    rows, columns = average.shape
    # A shift by d moves the content of a frame by -d: its far border comes into the picture.
    kept = average[low[0] : rows - high[0], low[1] : columns - high[1]]
    if min(kept.shape) < 2 or kept.size * 2 < average.size:
        raise SettingError("The frames drifted so far that less than half is in all of them.")
    return np.ascontiguousarray(kept)
