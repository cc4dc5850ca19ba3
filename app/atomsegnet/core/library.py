"""What a library of simulated micrographs holds, whatever the format of its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from atomsegnet.core.micrograph import FloatImage

FORMATS = ("tiff", "png", "hdf5")
IMAGE = "image"
POSITION = "position"
INDEX_FILE = "index.csv"
HDF5_FILE = "library.h5"
# The dose is what the detector counts at the strongest column, above the background.
INDEX_FIELDS = (
    "name", "seed", "number", "material", "zone", "morphology", "elements", "pixel_size_pm",
    "column_width_px", "psnr_db", "dose_e_per_nm2", "counts", "jitter_px", "columns",
)  # fmt: skip
# "visible" is 1 for a column that stands out from noise and neighbors. The masks show those alone.
POSITION_FIELDS = ("x_px", "y_px", "intensity", "elements", "visible")
# The ten products, in the order in which they are shown.
PRODUCTS = (
    IMAGE, "noNoise", "noBackgroundnoNoise", "noNoiseNoBackgroundSuperresolution",
    "noNoiseUpinterpolation2x", "noNoiseNoBackgroundUpinterpolation2x", "circularMask",
    "smallcircularMask", "gaussianMask", POSITION,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class LibrarySample:
    """One micrograph of a library with its labels.

    Attributes
    ----------
    name : str
        Name of its files, without suffix.
    images : dict of ndarray of float32, shape (H, W)
        The micrograph as "image", and its labels by their names.
    pixel_size_nm : float
        Pixel of the micrograph [nm]; a label of twice its size has half of that.
    positions_px : ndarray, shape (N, 2)
        True (row, column) of the columns [px].
    intensity : ndarray, shape (N,)
        Height of each column, relative to the strongest.
    elements : tuple of str, length N
        What each column holds, such as "O+Ti".
    is_visible : ndarray of bool, shape (N,)
        Which columns stand out from noise and neighbors.
    row : dict of str
        Its line of the index, by `INDEX_FIELDS`.
    """

    name: str
    images: dict[str, FloatImage]
    pixel_size_nm: float
    positions_px: npt.NDArray[np.float64]
    intensity: npt.NDArray[np.float64]
    elements: tuple[str, ...]
    is_visible: npt.NDArray[np.bool_]
    row: dict[str, str]


class StoredLibrary(Protocol):
    """A library that can be read back, in folders or in one file."""

    @property
    def folder(self) -> Path:
        """Where it lies."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Columns of its index."""

    @property
    def rows(self) -> tuple[dict[str, str], ...]:
        """Lines of its index, one for each sample."""

    @property
    def labels(self) -> dict[str, str]:
        """Name of each product that is there -> suffix of a file of it."""

    @property
    def is_in_folders(self) -> bool:
        """Whether each product of each sample is a file."""

    def image(self, label: str, name: str) -> FloatImage:
        """Return an image as it is stored: intensities, or what a PNG makes of them."""

    def positions_px(self, name: str) -> npt.NDArray[np.float64]:
        """Return the true (row, column) of the columns of a sample [px], shape (N, 2)."""

    def content(self, label: str, name: str) -> bytes:
        """Return the file of a product of a sample, or what it would hold."""
