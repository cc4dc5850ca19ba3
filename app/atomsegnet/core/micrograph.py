"""A micrograph: one image with everything that is known about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

FloatImage = npt.NDArray[np.float32]


class PixelSize(NamedTuple):
    """Height and width of one pixel [nm], in (row, column) order as everywhere."""

    y: float
    x: float

    @property
    def is_square(self) -> bool:
        """Whether both sides agree within one part in a thousand."""
        return abs(self.y - self.x) <= 1e-3 * max(self.y, self.x)


@dataclass(frozen=True, eq=False)
class Micrograph:
    """One image as the microscope recorded it.

    Attributes
    ----------
    image : ndarray of float32, shape (H, W)
        Intensities in the file's own units, row 0 at the top; finite, read-only.
    pixel_size_nm : PixelSize or None
        Size of one pixel [nm]; None where the file does not say.
    source : Path or None
        The file it came from.
    frame, frame_count : int
        Which frame of a stack this is, counted from 0, and how many there are.
    detector : str
        Name of the detector, "" where the file names none.
    detectors : tuple of str
        Every detector of the file, so that another can be chosen.
    metadata : Mapping
        What else the file tells, as its reader gives it.
    """

    image: FloatImage
    pixel_size_nm: PixelSize | None = None
    source: Path | None = None
    frame: int = 0
    frame_count: int = 1
    detector: str = ""
    detectors: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the image and make it read-only."""
        if self.image.ndim != 2 or self.image.dtype != np.float32:
            raise ValueError(
                f"a micrograph is a 2-D float32 array, not {self.image.ndim}-D {self.image.dtype}"
            )
        if self.pixel_size_nm is not None and min(self.pixel_size_nm) <= 0:
            raise ValueError(f"the pixel size must be positive, not {self.pixel_size_nm}")
        view = np.ascontiguousarray(self.image).view()
        view.flags.writeable = False
        object.__setattr__(self, "image", view)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns [px]."""
        return self.image.shape[0], self.image.shape[1]

    def with_image(self, image: FloatImage) -> Micrograph:
        """Return this micrograph with other intensities of the same shape."""
        if image.shape != self.image.shape:
            raise ValueError(f"shape {image.shape} instead of {self.image.shape}")
        return replace(self, image=image)

    def with_pixel_size(self, pixel_size_nm: PixelSize | None) -> Micrograph:
        """Return this micrograph with another pixel size [nm]."""
        return replace(self, pixel_size_nm=pixel_size_nm)
