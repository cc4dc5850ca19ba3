"""Colors for intensities and quantities: for the eye only, even steps that stay even in print."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from atomsegnet.core.micrograph import FloatImage

Colors = npt.NDArray[np.uint8]

# Seventeen colors at equal distances, between them straight lines; nowhere more than 7 of 256
# levels from the original tables.
# viridis and magma: N. Smith and S. van der Walt, matplotlib 1.5 (2015), public domain (CC0).
# cividis: J. R. Nunez, C. R. Anderton, R. S. Renslow, PLoS ONE 13, e0199239 (2018),
# doi 10.1371/journal.pone.0199239.
_VIRIDIS = (
    "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21908c 1f9f88 27ad81 3ebc74 5cc863"
    " 82d34d aadc32 d5e21a fde725"
)
_MAGMA = (
    "000004 0a0822 1d1147 36106b 50127c 691c81 822681 9c2e7f b6367a cf4070 e65164 f46a5c fb8861"
    " fea571 fec287 fde0a1 fcfdbf"
)
_CIVIDIS = (
    "00204d 002c69 05366e 2d426c 414d6b 52596c 61646f 6f7073 7c7c78 8b8779 9b9477 aca174 bcaf6f"
    " cebc68 e0cb5e f2da50 ffea46"
)
# Blue below, white at, red above the middle; told apart by every kind of color vision.
_TWO_SIDED = "1f4e8c 6f9dc9 f7f7f5 dd8a63 9c2f1b"

_NODES = {
    "gray": "000000 ffffff",
    "inverted": "ffffff 000000",
    "viridis": _VIRIDIS,
    "magma": _MAGMA,
    "cividis": _CIVIDIS,
    "two-sided": _TWO_SIDED,
}

GRAY = "gray"
TWO_SIDED = "two-sided"
COLOR_MAPS = {
    GRAY: "Gray",
    "inverted": "Gray, inverted",
    "viridis": "Viridis",
    "magma": "Magma",
    "cividis": "Cividis",
    TWO_SIDED: "Blue to red",
}
"""Titles of the color maps by their names."""


@cache
def color_table(name: str) -> Colors:
    """Return the 256 colors of a map, uint8, shape (256, 3), from the lowest value up.

    Raises
    ------
    KeyError
        There is no map of this name.
    """
    nodes = np.array([list(bytes.fromhex(node)) for node in _NODES[name].split()], dtype=float)
    places = np.linspace(0, len(nodes) - 1, 256)
    table = [np.interp(places, np.arange(len(nodes)), channel) for channel in nodes.T]
    colors: Colors = np.rint(np.stack(table, axis=1)).astype(np.uint8)
    colors.flags.writeable = False
    return colors


def colored(levels: npt.NDArray[np.uint8], name: str) -> Colors:
    """Turn gray levels of any shape into colors, uint8, shape (..., 3)."""
    return np.take(color_table(name), levels, axis=0)


def value_levels(values: FloatImage | npt.NDArray[np.float64], low: float, high: float) -> Colors:
    """Turn values into levels 0 (at ``low`` and below) to 255; NaN becomes 0."""
    width = high - low if high > low else 1.0
    scaled = np.nan_to_num((np.asarray(values, dtype=np.float64) - low) / width, nan=0.0)
    return np.rint(np.clip(scaled, 0, 1) * 255).astype(np.uint8)
