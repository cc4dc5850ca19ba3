"""Make a figure of what a document shows at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.core.color_maps import GRAY, TWO_SIDED, Colors, colored
from atomsegnet.core.column_quantities import Quantity, color_range
from atomsegnet.core.contrast import Limits, gray_levels
from atomsegnet.core.figure_panel import ColorScale, Figure, FigureColumns, FigurePanel
from atomsegnet.core.micrograph import FloatImage, PixelSize
from atomsegnet.gui.column_overlay import column_colors
from atomsegnet.gui.document import COLUMNS, Document, Layer
from atomsegnet.gui.number_text import number_text
from atomsegnet.gui.view_state import Region


class SeenImage(NamedTuple):
    """One image of a panel, with the look it has on the screen."""

    title: str
    image: FloatImage
    limits: Limits
    gamma: float
    color_map: str
    opacity: float
    unit: str


class SeenPanel(NamedTuple):
    """Images from the bottom up, and whether columns lie over them."""

    images: tuple[SeenImage, ...]
    has_columns: bool
    title: str = ""


class Seen(NamedTuple):
    """Everything a figure is made of; it no longer changes when the window does."""

    panels: tuple[SeenPanel, ...]
    region: Region
    pixel_size_nm: PixelSize | None
    positions: npt.NDArray[np.float64] | None
    column_colors: Colors
    spacing_px: float | None
    column_opacity: float
    quantity: Quantity | None
    column_color_map: str


def seen_now(document: Document, panels: Sequence[tuple[Layer, bool]], region: Region) -> Seen:
    """Keep what is needed for a figure of several panels: layers, and whether with columns."""
    made = [SeenPanel((_seen(layer, 1.0),), wanted, layer.title) for layer, wanted in panels]
    return _with_columns(document, tuple(made), region)


def layers_now(document: Document, region: Region) -> Seen:
    """Keep what is needed for a figure of the layers as the list has them."""
    images: list[SeenImage] = []
    for layer in document.layers:
        if layer.picture is not None and layer.is_visible and layer.opacity > 0:
            # What is covered completely need not be drawn.
            images = [] if layer.opacity >= 1 else images
            images.append(_seen(layer, layer.opacity))
    columns = document.layer(COLUMNS)
    has_columns = columns is not None and columns.is_visible
    if not images:
        images = [_seen(document.layers[0], 0.0)]
    return _with_columns(document, (SeenPanel(tuple(images), has_columns),), region)


def make_figure(seen: Seen, origin: str) -> Figure:
    """Draw the images of a figure in their colors."""
    panels = tuple(
        FigurePanel(_flat(panel.images, seen.region), _columns(seen, panel), panel.title)
        for panel in seen.panels
    )
    return Figure(panels, seen.pixel_size_nm, _scales(seen), origin)


def _seen(layer: Layer, opacity: float) -> SeenImage:
    if layer.picture is None:
        raise ValueError(f"the layer {layer.name} has no image")
    look = (layer.limits, layer.gamma, layer.color_map, opacity, layer.unit)
    return SeenImage(layer.title, layer.picture.image, *look)


def _with_columns(document: Document, panels: tuple[SeenPanel, ...], region: Region) -> Seen:
    located, layer = document.located, document.layer(COLUMNS)
    return Seen(
        panels,
        region,
        document.micrograph.pixel_size_nm,
        located.columns.positions if located is not None else None,
        column_colors(document),
        document.spacing_px,
        layer.opacity if layer is not None else 1.0,
        document.color_quantity(),
        document.column_color_map,
    )


def _flat(images: tuple[SeenImage, ...], region: Region) -> Colors:
    """Lay the images over each other, over black."""
    part = np.s_[region.top : region.bottom, region.left : region.right]
    total = np.zeros((*images[0].image[part].shape, 3), dtype=np.float32)
    for item in images:
        levels = gray_levels(item.image[part], item.limits, item.gamma)
        colors = colored(levels, item.color_map)
        total += item.opacity * (colors - total)
    return np.rint(total).astype(np.uint8)


def _columns(seen: Seen, panel: SeenPanel) -> FigureColumns | None:
    if not panel.has_columns or seen.positions is None:
        return None
    positions = seen.positions - (seen.region.top, seen.region.left)
    shape = (seen.region.bottom - seen.region.top, seen.region.right - seen.region.left)
    inside = np.all((positions > -1) & (positions < shape), axis=1)
    return FigureColumns(
        positions[inside], seen.column_colors[inside], seen.spacing_px, seen.column_opacity
    )


def _scales(seen: Seen) -> tuple[ColorScale, ...]:
    scales: list[ColorScale] = []
    tops = {panel.images[-1].title: panel.images[-1] for panel in seen.panels}
    for item in tops.values():
        if item.opacity == 0:
            continue
        unit = f" ({item.unit})" if item.unit else ""
        bent = f", gamma {number_text(item.gamma)}" if item.gamma != 1 else ""
        title = f"{item.title}{unit}{bent}"
        scales.append(ColorScale(title, item.color_map or GRAY, *item.limits))
    if seen.quantity is not None and any(panel.has_columns for panel in seen.panels):
        is_two_sided = seen.column_color_map == TWO_SIDED
        ends = color_range(seen.quantity.values, is_two_sided=is_two_sided)
        scales.append(ColorScale(seen.quantity.title, seen.column_color_map, *ends))
    return tuple(scales)
