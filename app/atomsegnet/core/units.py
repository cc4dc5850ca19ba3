"""Pixels to nanometers and back, unit names, and how lengths are printed."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from atomsegnet.core.micrograph import PixelSize

FloatArray = npt.NDArray[np.float64]

# Spelled as files spell them. Case matters: "mm" and "Mm", "pm" and "Pm" are nine decades apart.
_NM_PER_UNIT = {
    "m": 1e9,
    "cm": 1e7,
    "mm": 1e6,
    "um": 1e3,
    "\N{MICRO SIGN}m": 1e3,
    "\N{GREEK SMALL LETTER MU}m": 1e3,
    "nm": 1.0,
    "\N{ANGSTROM SIGN}": 0.1,
    "\N{LATIN CAPITAL LETTER A WITH RING ABOVE}": 0.1,
    "A": 0.1,
    "pm": 1e-3,
}

# Whole words are compared in lower case.
_NM_PER_WORD = {
    "meter": 1e9,
    "metre": 1e9,
    "centimeter": 1e7,
    "millimeter": 1e6,
    "micron": 1e3,
    "micrometer": 1e3,
    "micrometre": 1e3,
    "nanometer": 1.0,
    "nanometre": 1.0,
    "angstrom": 0.1,
    "\N{LATIN SMALL LETTER A WITH RING ABOVE}ngstr\N{LATIN SMALL LETTER O WITH DIAERESIS}m": 0.1,
    "ang": 0.1,
    "picometer": 1e-3,
    "picometre": 1e-3,
}

# A pixel of a micrograph is between a hundredth of a picometer and a millimeter; anything else
# is a default, a reciprocal length or a unit taken for another one.
SMALLEST_PIXEL_NM = 1e-5
LARGEST_PIXEL_NM = 1e6

# A scale bar fills at most this part of the view, so that it never covers the object.
_LARGEST_BAR_PART = 0.25


def nm_per_unit(unit: str) -> float | None:
    """Return how many nanometers a unit has [nm].

    Parameters
    ----------
    unit : str
        A unit of length as files write it: "nm", "µm", "Å", "micron", and the "[n_m]" of EMD files.

    Returns
    -------
    float or None
        None for anything that is no unit of length.
    """
    bare = unit.strip().strip("[]").replace("_", "").strip()
    if bare in _NM_PER_UNIT:
        return _NM_PER_UNIT[bare]
    word = bare.lower()
    return _NM_PER_WORD.get(word, _NM_PER_WORD.get(word.removesuffix("s")))


def length_in_nm(value: float, unit: str) -> float | None:
    """Convert a length to nanometers [nm]; None where ``unit`` is no unit of length."""
    factor = nm_per_unit(unit)
    return None if factor is None else float(value) * factor


def pixel_size_from_nm(height_nm: float | None, width_nm: float | None) -> PixelSize | None:
    """Make a pixel size from what a file says, or None where that cannot be one.

    Parameters
    ----------
    height_nm, width_nm : float or None
        Sides of one pixel [nm]; the sign is dropped, since some files count an axis backwards.
    """
    if height_nm is None or width_nm is None:
        return None
    sides = (abs(float(height_nm)), abs(float(width_nm)))
    if not all(SMALLEST_PIXEL_NM <= side <= LARGEST_PIXEL_NM for side in sides):
        return None
    return PixelSize(*sides)


def positions_in_nm(positions: FloatArray, pixel_size_nm: PixelSize) -> FloatArray:
    """Convert (row, column) positions or lengths [px] of shape (N, 2) to [nm]."""
    lengths: FloatArray = np.asarray(positions, dtype=np.float64) * np.asarray(pixel_size_nm)
    return lengths


def positions_in_px(positions_nm: FloatArray, pixel_size_nm: PixelSize) -> FloatArray:
    """Convert (row, column) positions or lengths [nm] of shape (N, 2) to [px]."""
    lengths: FloatArray = np.asarray(positions_nm, dtype=np.float64) / np.asarray(pixel_size_nm)
    return lengths


def bar_length(view_width: float) -> float:
    """Choose the length of a scale bar.

    The longest of 1, 2, 5 times a power of ten that fills at most a quarter of the view.

    Parameters
    ----------
    view_width : float
        Visible width of the image, above 0, in any unit: [nm] or, without a pixel size, [px].

    Returns
    -------
    float
        Length in the same unit.
    """
    if not (math.isfinite(view_width) and view_width > 0):
        raise ValueError(f"the view must have a width above 0, not {view_width}")
    room = view_width * _LARGEST_BAR_PART
    decade = math.floor(math.log10(room))
    # A hair of tolerance, since 0.25 * 0.4 is not exactly 0.1 in binary.
    lengths = [
        step * 10.0**power for power in (decade - 1, decade, decade + 1) for step in (1, 2, 5)
    ]
    return max(length for length in lengths if length <= room * (1 + 1e-9))


def format_length(length_nm: float) -> str:
    """Print a length [nm] in the unit that needs the fewest digits: "50 pm", "2 nm", "1.5 µm".

    Three significant digits; trailing zeros are dropped.
    """
    size = abs(length_nm)
    for unit, factor in (("mm", 1e6), ("µm", 1e3), ("nm", 1.0)):
        # 0.9995 of a unit is printed as 1 of it already.
        if size >= 0.9995 * factor:
            return f"{_three_digits(length_nm / factor)} {unit}"
    return f"{_three_digits(length_nm * 1e3)} pm" if size > 0 else "0 nm"


def format_pixel_length(length_px: float) -> str:
    """Print a length [px] for an image without a pixel size."""
    return f"{_three_digits(length_px)} px"


def _three_digits(value: float) -> str:
    rounded = float(f"{value:.3g}")
    return f"{rounded:g}" if abs(rounded) < 1e6 else f"{rounded:.3g}"
