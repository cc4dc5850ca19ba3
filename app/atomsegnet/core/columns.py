"""Located atomic columns as parallel arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Columns:
    """Atomic columns of one micrograph; every array has the length N.

    Attributes
    ----------
    positions : ndarray of float64, shape (N, 2)
        (row, column) [px] of the micrograph's own grid; the center of the first pixel is (0, 0).
    sigmas : ndarray of float64, shape (N, 2)
        Standard errors of the positions [px], NaN where the method gives none.
    amplitude : ndarray of float64
        Height of the peak above its background [intensity of the micrograph].
    width : ndarray of float64
        Full width at half maximum of the peak [px].
    background : ndarray of float64
        Background below the peak [intensity of the micrograph].
    integrated_intensity : ndarray of float64
        Sum of the peak above its background [intensity times px^2].
    confidence : ndarray of float64
        Peak of the network's map, 0 to 1.
    is_edge : ndarray of bool
        Whether the peak is cut by the border of the image.
    method : str
        How the positions were measured.
    """

    positions: FloatArray
    sigmas: FloatArray
    amplitude: FloatArray
    width: FloatArray
    background: FloatArray
    integrated_intensity: FloatArray
    confidence: FloatArray
    is_edge: npt.NDArray[np.bool_]
    method: str

    def __post_init__(self) -> None:
        """Refuse arrays of different lengths."""
        count = len(self.positions)
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name == "method":
                continue
            expected = (count, 2) if item.name in ("positions", "sigmas") else (count,)
            if value.shape != expected:
                raise ValueError(f"{item.name} has shape {value.shape} instead of {expected}")

    def __len__(self) -> int:
        """Return the number of columns."""
        return len(self.positions)

    def select(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Columns:
        """Return the columns that a boolean mask or a list of indices chooses."""
        changes = {
            item.name: getattr(self, item.name)[chosen]
            for item in fields(self)
            if item.name != "method"
        }
        return replace(self, **changes)
