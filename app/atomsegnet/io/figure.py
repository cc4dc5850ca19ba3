"""PNG figures: an image in gray, its columns as circles, a scale bar."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from atomsegnet.core.columns import Columns
from atomsegnet.core.contrast import (
    SATURATED_PERCENT,
    Limits,
    automatic_limits,
    gray_levels,
    sorted_sample,
)
from atomsegnet.core.micrograph import FloatImage, PixelSize
from atomsegnet.core.units import bar_length, format_length, format_pixel_length
from atomsegnet.io.safe_write import safely_written

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw

# Orange and sky blue of the palette that all kinds of color vision tell apart: Okabe and Ito,
# "Color Universal Design" (2002).
COLUMN_COLOR = (230, 159, 0)
EDGE_COLOR = (86, 180, 233)

# Smaller images are enlarged by a whole number until they are about as wide as a journal prints
# them, so that the text of the scale bar can be read.
_SMALLEST_SIDE_PX = 800

# Below this distance of neighbors their circles are too small to be seen; the figure is enlarged
# further then, up to a size that any program opens.
_SMALLEST_SPACING_PX = 24
_LARGEST_SIDE_PX = 4096

# Neighboring circles stay apart, and a circle is never smaller than the eye can tell from a dot.
_RADIUS_PER_SPACING = 0.38
_RADIUS_RANGE_PX = (3.0, 40.0)

_TEXT_PART = 1 / 30  # height of the text by the height of the figure
_SMALLEST_TEXT_PX = 14


class _Bar(NamedTuple):
    """A scale bar: its length in the figure [px] and what is written above it."""

    length_px: int
    label: str


def write_figure(
    path: Path,
    image: FloatImage,
    columns: Columns | None = None,
    pixel_size_nm: PixelSize | None = None,
    *,
    limits: Limits | None = None,
    overwrite: bool = False,
) -> None:
    """Write a picture of an image for people to look at.

    Columns are orange circles, those at the border sky blue. The scale bar is right along x; it
    counts pixels where the pixel size is unknown.

    Parameters
    ----------
    path : Path
        The file, ".png" by custom; PNG is written whatever the suffix.
    image : ndarray of float32, shape (H, W)
        Intensities.
    columns : Columns or None
        Columns to be drawn over the image.
    pixel_size_nm : PixelSize or None
        Size of one pixel [nm].
    limits : Limits or None
        Intensities shown as black and as white; None chooses them by percentiles.
    overwrite : bool
        Whether a file of that name may be replaced.

    Raises
    ------
    WriteError
        Where the file exists or cannot be written.
    """
    picture = render_figure(image, columns, pixel_size_nm, limits=limits)
    with safely_written(path, overwrite=overwrite) as temporary:
        picture.save(temporary, format="PNG")


def render_figure(
    image: FloatImage,
    columns: Columns | None = None,
    pixel_size_nm: PixelSize | None = None,
    *,
    limits: Limits | None = None,
) -> Picture:
    """Draw the figure that `write_figure` writes, as a Pillow image in RGB."""
    from PIL import Image, ImageDraw

    if limits is None:
        limits = automatic_limits(sorted_sample(image), SATURATED_PERCENT[0])
    spacing_px = _spacing_px(columns)
    zoom = _zoom(max(image.shape), spacing_px)
    gray = np.kron(gray_levels(image, limits), np.ones((zoom, zoom), dtype=np.uint8))
    picture = Image.fromarray(gray).convert("RGB")
    draw = ImageDraw.Draw(picture, "RGBA")
    if columns is not None and len(columns):
        radius = float(np.clip(_RADIUS_PER_SPACING * spacing_px * zoom, *_RADIUS_RANGE_PX))
        _draw_columns(draw, columns, zoom, radius)
    _draw_bar(draw, picture.size, _bar(image.shape[1], zoom, pixel_size_nm))
    return picture


def _spacing_px(columns: Columns | None) -> float:
    """Return the median distance of nearest neighbors [px]; infinite where there are none."""
    if columns is None or len(columns) < 2:
        return math.inf
    from scipy.spatial import KDTree

    nearest = KDTree(columns.positions).query(columns.positions, k=2)[0][:, 1]
    # Never 0, for columns that lie upon each other.
    return max(1.0, float(np.median(nearest)))


def _zoom(longest_side_px: int, spacing_px: float) -> int:
    """Choose the whole number by which the figure is larger than the image."""
    wanted = max(_SMALLEST_SIDE_PX / longest_side_px, _SMALLEST_SPACING_PX / spacing_px)
    return max(1, min(math.ceil(wanted), _LARGEST_SIDE_PX // longest_side_px))


def _draw_columns(draw: ImageDraw, columns: Columns, zoom: int, radius: float) -> None:
    width = max(1, round(radius / 5))
    # The center of a pixel stands half a pixel from its corner, before and after enlarging.
    centers = (columns.positions + 0.5) * zoom - 0.5
    for (row, column), is_edge in zip(centers, columns.is_edge, strict=True):
        box = (column - radius, row - radius, column + radius, row + radius)
        draw.ellipse(box, outline=EDGE_COLOR if is_edge else COLUMN_COLOR, width=width)


def _bar(width_px: int, zoom: int, pixel_size_nm: PixelSize | None) -> _Bar:
    """Choose the scale bar of an image that is ``width_px`` of its own pixels wide."""
    if pixel_size_nm is None:
        length = max(1.0, bar_length(width_px))
        return _Bar(round(length * zoom), format_pixel_length(length))
    length_nm = bar_length(width_px * pixel_size_nm.x)
    return _Bar(round(length_nm / pixel_size_nm.x * zoom), format_length(length_nm))


def _draw_bar(draw: ImageDraw, size: tuple[int, int], bar: _Bar) -> None:
    """Draw the bar at the lower left, on a dark plate that keeps it readable on any image."""
    from PIL import ImageFont

    text_px = max(_SMALLEST_TEXT_PX, round(size[1] * _TEXT_PART))
    font = ImageFont.load_default(text_px)
    gap, thickness = text_px // 2, max(3, text_px // 5)
    left, _, right, _ = draw.textbbox((0, 0), bar.label, font=font)
    plate_width = max(bar.length_px, int(right - left)) + 2 * gap
    plate_height = text_px + thickness + 5 * gap // 2
    x, y = gap, size[1] - gap - plate_height
    draw.rounded_rectangle(
        (x, y, x + plate_width, y + plate_height), radius=gap // 2, fill=(0, 0, 0, 170)
    )
    middle = x + plate_width / 2
    draw.text((middle, y + gap // 2), bar.label, font=font, fill=(255, 255, 255), anchor="ma")
    bar_left = round(middle - bar.length_px / 2)
    bar_top = y + plate_height - gap - thickness
    draw.rectangle(
        (bar_left, bar_top, bar_left + bar.length_px - 1, bar_top + thickness - 1),
        fill=(255, 255, 255),
    )
