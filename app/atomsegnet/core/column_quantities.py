"""What is known of each column, by name: for the table, the colors and the filter."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.core.columns import Columns
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.units import positions_in_nm

FloatArray = npt.NDArray[np.float64]

_PM_PER_NM = 1000.0
# Part of the columns [percent] beyond each end of a color scale, so that a few odd ones do not
# take the colors of all others.
_TAIL_PERCENT = 1.0


class Quantity(NamedTuple):
    """One number for each column.

    Attributes
    ----------
    name : str
        Short and unique, as in a filter: "amplitude".
    title : str
        For the user, with the unit: "Width (px)".
    explanation : str
        What it is, in a sentence without a full stop.
    values : ndarray of float64, shape (N,)
        NaN where it is not known.
    digits : str
        Format specification of its numbers.
    """

    name: str
    title: str
    explanation: str
    values: FloatArray
    digits: str = ".5g"


def column_quantities(columns: Columns, pixel_size_nm: PixelSize | None) -> list[Quantity]:
    """Return what is known of the columns, lengths in nm and pm as well where that is possible.

    Parameters
    ----------
    columns : Columns
        Columns in any number.
    pixel_size_nm : PixelSize or None
        Size of one pixel [nm].
    """
    origin = "From the center of the first pixel"
    error = "Standard error of the position"
    found = [
        Quantity("x_px", "x (px)", origin, columns.positions[:, 1], ".3f"),
        Quantity("y_px", "y (px)", origin, columns.positions[:, 0], ".3f"),
    ]
    if pixel_size_nm is not None:
        in_nm = positions_in_nm(columns.positions, pixel_size_nm)
        errors = positions_in_nm(columns.sigmas, pixel_size_nm) * _PM_PER_NM
        found += [
            Quantity("x_nm", "x (nm)", origin, in_nm[:, 1], ".4f"),
            Quantity("y_nm", "y (nm)", origin, in_nm[:, 0], ".4f"),
            Quantity("sigma_x_pm", "\N{PLUS-MINUS SIGN}x (pm)", error, errors[:, 1], ".2f"),
            Quantity("sigma_y_pm", "\N{PLUS-MINUS SIGN}y (pm)", error, errors[:, 0], ".2f"),
        ]
    else:
        found += [
            Quantity("sigma_x_px", "\N{PLUS-MINUS SIGN}x (px)", error, columns.sigmas[:, 1], ".4f"),
            Quantity("sigma_y_px", "\N{PLUS-MINUS SIGN}y (px)", error, columns.sigmas[:, 0], ".4f"),
        ]
    area = "Sum above the background"
    return [
        *found,
        Quantity("amplitude", "Amplitude", "Peak above its background", columns.amplitude),
        Quantity("width", "Width (px)", "Full width at half maximum", columns.width, ".2f"),
        Quantity("background", "Background", "Intensity below the peak", columns.background),
        Quantity("intensity", "Intensity", area, columns.integrated_intensity),
        Quantity("confidence", "Confidence", "Peak of the map, 0 to 1", columns.confidence, ".2f"),
    ]


def color_range(values: FloatArray, *, is_two_sided: bool = False) -> tuple[float, float]:
    """Choose the values at the two ends of a color scale; (0, 1) where nothing is known.

    Parameters
    ----------
    values : ndarray of float64, shape (N,)
        NaN is left out.
    is_two_sided : bool
        Whether the ends lie at equal distances from zero.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = (float(end) for end in np.percentile(known, [_TAIL_PERCENT, 100 - _TAIL_PERCENT]))
    if is_two_sided:
        high = max(abs(low), abs(high))
        low = -high
    if high <= low:
        margin = max(abs(low) * 1e-3, 1e-12)
        return low - margin, high + margin
    return low, high
