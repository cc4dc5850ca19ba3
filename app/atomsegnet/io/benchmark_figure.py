"""The figure of a benchmark: what each method reached on each image."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

from atomsegnet.io.charts import Frame, draw_axes
from atomsegnet.io.drawing import GRAY, Color, Drawing, write_drawing

_SIDE, _GAP, _LEFT, _TOP, _LEGEND = 300.0, 220.0, 52.0, 34.0, 40.0

# Colors that all kinds of color vision tell apart: Okabe and Ito, "Color Universal Design" (2002).
_COLORS: tuple[Color, ...] = (
    (86, 180, 233), (0, 158, 115), (230, 159, 0), (0, 0, 0), (204, 121, 167), (0, 114, 178),
    (213, 94, 0), (150, 150, 150), (240, 228, 66),
)  # fmt: skip


class Series(NamedTuple):
    """The values of one method, one for each image; NaN where there is none."""

    name: str
    values: tuple[float, ...]


def write_benchmark_figure(
    path: Path, ratios: list[Series], slopes: list[Series], *, overwrite: bool = False
) -> None:
    """Write two charts as PNG, SVG or PDF: error over bound, and slope, of every image.

    Raises
    ------
    WriteError
        The suffix names no figure, the file exists, or it cannot be written.
    """
    page = Drawing(_LEFT + 2 * (_SIDE + _GAP), _TOP + _SIDE + _LEGEND)
    _draw_series(page, _LEFT, ratios, "error over bound")
    _draw_series(page, _LEFT + _SIDE + _GAP, slopes, "slope of found against true displacement")
    write_drawing(path, page, overwrite=overwrite)


def _draw_series(page: Drawing, left: float, series: list[Series], title: str) -> None:
    known = [value for item in series for value in item.values if math.isfinite(value)] or [1.0]
    count = max((len(item.values) for item in series), default=1)
    low, high = min([*known, 1.0]), max([*known, 1.0])
    margin = 0.05 * max(high - low, 0.1)
    frame = Frame(left, _TOP, _SIDE, _SIDE, (0.0, count + 1.0), (low - margin, high + margin))
    start, end = frame.place(0.0, 1.0), frame.place(count + 1.0, 1.0)
    page.line(*start, *end, GRAY, 0.6)
    for number, item in enumerate(series):
        color = _COLORS[number % len(_COLORS)]
        for image, value in enumerate(item.values, 1):
            if math.isfinite(value):
                page.dot(*frame.place(float(image), value), 2.8, color)
        y = _TOP + 8 + 14 * number
        page.dot(left + _SIDE + 12, y, 2.8, color)
        page.words(left + _SIDE + 20, y, item.name, size=8, anchor="start")
    draw_axes(page, frame, title, "image, in the order of the table", "")
