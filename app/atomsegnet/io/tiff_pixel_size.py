"""The pixel size of a TIFF file, from whichever program's tags hold one.

The resolution in dots per inch or centimeter is a printing hint and is never used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.units import length_in_nm, pixel_size_from_nm

if TYPE_CHECKING:
    import tifffile

# Private tags of DigitalMicrograph. The first of each pair is x: in a file saved as TIFF, the
# origin in 65006 is that of the DM3's dimension 0.
DM_UNIT_X, DM_UNIT_Y = 65003, 65004
DM_SCALE_X, DM_SCALE_Y = 65009, 65010

_X_RESOLUTION, _Y_RESOLUTION = 282, 283

_OME_SIZE = re.compile(r'PhysicalSize([XY])="([^"]+)"')
_OME_UNIT = re.compile(r'PhysicalSize([XY])Unit="([^"]+)"')
_OME_DEFAULT_UNIT = "µm"  # where the unit is left out: OME schema of June 2016, element Pixels


def tiff_pixel_size(file: tifffile.TiffFile, page: tifffile.TiffPage) -> PixelSize | None:
    """Return the pixel size of a page of an open file; None where no tag holds a usable one."""
    for find in (_of_dm, _of_ome, _of_imagej, _of_fei, _of_olympus, _of_zeiss):
        try:
            found = find(file, page)
        except (TypeError, ValueError, KeyError, IndexError, ZeroDivisionError):
            # A tag of an unexpected form says nothing; the next program's may.
            continue
        if found is not None:
            return found
    return None


def _value(page: tifffile.TiffPage, tag: int) -> Any:
    return page.tags[tag].value if tag in page.tags else None


def _of_dm(_file: tifffile.TiffFile, page: tifffile.TiffPage) -> PixelSize | None:
    if DM_SCALE_X not in page.tags or DM_SCALE_Y not in page.tags:
        return None
    width, height = (
        length_in_nm(float(_value(page, scale)), str(_value(page, unit) or ""))
        for scale, unit in ((DM_SCALE_X, DM_UNIT_X), (DM_SCALE_Y, DM_UNIT_Y))
    )
    return pixel_size_from_nm(height, width)


def _of_ome(file: tifffile.TiffFile, _page: tifffile.TiffPage) -> PixelSize | None:
    text = file.ome_metadata
    if not text:
        return None
    sizes = {axis: float(value) for axis, value in reversed(_OME_SIZE.findall(text))}
    units = dict(reversed(_OME_UNIT.findall(text)))
    width, height = (
        length_in_nm(sizes[axis], units.get(axis, _OME_DEFAULT_UNIT)) for axis in ("X", "Y")
    )
    return pixel_size_from_nm(height, width)


def _of_imagej(file: tifffile.TiffFile, page: tifffile.TiffPage) -> PixelSize | None:
    """ImageJ stores pixels per unit as the resolution, and the unit in its description."""
    description: Mapping[str, Any] = file.imagej_metadata or {}
    unit = _unescaped(str(description.get("unit", "")))
    unit_y = _unescaped(str(description.get("yunit", unit)))
    width, height = (
        length_in_nm(denominator / numerator, name)
        for (numerator, denominator), name in (
            (_value(page, _X_RESOLUTION), unit),
            (_value(page, _Y_RESOLUTION), unit_y),
        )
    )
    return pixel_size_from_nm(height, width)


def _unescaped(unit: str) -> str:
    """Undo ImageJ's way of writing a micro or Angstrom sign: backslash, u, four digits."""
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda match: chr(int(match[1], 16)), unit)


def _of_fei(file: tifffile.TiffFile, _page: tifffile.TiffPage) -> PixelSize | None:
    scan = (file.fei_metadata or {})["Scan"]
    return pixel_size_from_nm(scan["PixelHeight"] * 1e9, scan["PixelWidth"] * 1e9)


def _of_olympus(file: tifffile.TiffFile, _page: tifffile.TiffPage) -> PixelSize | None:
    found = file.sis_metadata or {}
    return pixel_size_from_nm(found["pixelsizey"] * 1e9, found["pixelsizex"] * 1e9)


def _of_zeiss(file: tifffile.TiffFile, _page: tifffile.TiffPage) -> PixelSize | None:
    _label, value, unit = (file.sem_metadata or {})["ap_image_pixel_size"]
    side = length_in_nm(float(value), str(unit))
    return pixel_size_from_nm(side, side)
