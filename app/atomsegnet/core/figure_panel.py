"""What a figure shows, as plain data: panels side by side, each an image with columns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.core.color_maps import Colors
from atomsegnet.core.micrograph import PixelSize


class ColorScale(NamedTuple):
    """What colors mean: name of the map, the values at its ends, and a title with the unit."""

    title: str
    color_map: str
    low: float
    high: float


class FigureColumns(NamedTuple):
    """Columns of a panel.

    Attributes
    ----------
    positions : ndarray of float64, shape (N, 2)
        (row, column) [px of the panel's image].
    colors : ndarray of uint8, shape (N, 3)
        Of their rings.
    spacing_px : float or None
        Median distance of nearest neighbors [px].
    opacity : float
        0 to 1.
    """

    positions: npt.NDArray[np.float64]
    colors: Colors
    spacing_px: float | None
    opacity: float = 1.0


class FigurePanel(NamedTuple):
    """One image of a figure: its colors, uint8, shape (h, w, 3), its columns, its title."""

    colors: Colors
    columns: FigureColumns | None = None
    title: str = ""


class Figure(NamedTuple):
    """Panels of equal shape in rows of at most two.

    Attributes
    ----------
    panels : tuple of FigurePanel
        At least one.
    pixel_size_nm : PixelSize or None
        Size of a pixel of the panels' images [nm].
    scales : tuple of ColorScale
        Explained below the panels.
    origin : str
        Where the figure comes from, in lines.
    """

    panels: tuple[FigurePanel, ...]
    pixel_size_nm: PixelSize | None = None
    scales: tuple[ColorScale, ...] = ()
    origin: str = ""
