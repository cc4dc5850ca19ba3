"""Charts on a drawing: axes with ticks, histograms, maps of colored dots, lines of points."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from atomsegnet.io.drawing import BLACK, GRAY, Color, Drawing

FloatArray = npt.NDArray[np.float64]

BAR_COLOR: Color = (0, 114, 178)
# From blue over a light gray to orange-red: told apart by all kinds of color vision.
_DIVERGING = np.array(
    [(5, 80, 150), (110, 170, 215), (235, 235, 235), (235, 145, 90), (165, 25, 20)]
)

_TICK = 3.0
_TEXT = 8.0


class Frame(NamedTuple):
    """Where a chart is on the page, and what its edges mean.

    Attributes
    ----------
    left, top, width, height : float
        The inner rectangle [pt].
    x, y : tuple of float
        Values at its left and right, and at its bottom and top edge.
    """

    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a pair of values is on the page."""
        right = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + right * self.width, self.top + (1 - up) * self.height


def round_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return at most ``most`` multiples of 1, 2 or 5 times a power of ten within a range."""
    span = high - low
    decade = 10.0 ** math.floor(math.log10(span / most))
    steps = [decade * part for part in (1, 2, 5, 10, 20)]
    step = next(s for s in steps if math.floor(high / s) - math.ceil(low / s) + 1 <= most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def draw_axes(page: Drawing, frame: Frame, title: str, x_label: str, y_label: str) -> None:
    """Draw the frame of a chart, its ticks, its title and what its axes are."""
    left, top = frame.left, frame.top
    right, bottom = left + frame.width, top + frame.height
    for start, end in (((left, bottom), (right, bottom)), ((left, top), (left, bottom))):
        page.line(*start, *end)
    for value in round_ticks(min(frame.x), max(frame.x)):
        x, _ = frame.place(value, frame.y[0])
        page.line(x, bottom, x, bottom + _TICK)
        page.words(x, bottom + _TICK + _TEXT * 0.8, f"{value:.6g}", size=_TEXT)
    for value in round_ticks(min(frame.y), max(frame.y)):
        _, y = frame.place(frame.x[0], value)
        page.line(left - _TICK, y, left, y)
        page.words(left - _TICK - 2, y, f"{value:.6g}", size=_TEXT, anchor="end")
    page.words(left + frame.width / 2, top - 10, title, size=9)
    page.words(left + frame.width / 2, bottom + 25, x_label, size=_TEXT)
    page.words(left - 36, top + frame.height / 2, y_label, size=_TEXT, is_turned=True)


def draw_histogram(
    page: Drawing,
    place: tuple[float, float, float, float],
    values: FloatArray,
    title: str,
    x_label: str,
) -> None:
    """Draw how often values occur, with the normal distribution of their mean and deviation.

    Parameters
    ----------
    page : Drawing
        Where.
    place : tuple of float
        Left, top, width and height of the inner rectangle [pt].
    values : ndarray of float64, shape (N,)
        At least two different ones.
    title, x_label : str
        What is written.
    """
    bins = int(np.clip(np.sqrt(len(values)), 8, 40))
    counts, edges = np.histogram(values, bins=bins)
    mean, deviation = float(values.mean()), float(values.std(ddof=1))
    width = edges[1] - edges[0]
    expected = len(values) * width / (deviation * math.sqrt(2 * math.pi))
    frame = Frame(*place, (edges[0], edges[-1]), (0.0, 1.1 * max(counts.max(), expected)))
    for count, edge in zip(counts, edges[:-1], strict=True):
        x, y = frame.place(edge, float(count))
        bar = frame.width / bins
        page.box(x + 0.3, y, bar - 0.6, frame.top + frame.height - y, BAR_COLOR)
    along = np.linspace(edges[0], edges[-1], 60)
    curve = expected * np.exp(-((along - mean) ** 2) / (2 * deviation**2))
    places = [frame.place(float(x), float(y)) for x, y in zip(along, curve, strict=True)]
    for start, end in itertools.pairwise(places):
        page.line(*start, *end, BLACK, 1.0)
    draw_axes(page, frame, title, x_label, "pairs")


def draw_map(
    page: Drawing,
    place: tuple[float, float, float, float],
    positions: FloatArray,
    values: FloatArray,
    *,
    title: str,
    unit: str,
    length_unit: str,
) -> None:
    """Draw one colored dot for each position, row 0 at the top, and the scale of the colors.

    Parameters
    ----------
    page : Drawing
        Where.
    place : tuple of float
        Left, top, width and height of the inner rectangle [pt].
    positions : ndarray of float64, shape (N, 2)
        (row, column) of the dots [length unit].
    values : ndarray of float64, shape (N,)
        What is shown; NaN is gray. The colors are symmetric about 0.
    title, unit, length_unit : str
        What is written.
    """
    low, high = positions.min(axis=0), positions.max(axis=0)
    span = float(max(*(high - low), 1e-9)) * 1.06
    middle = (low + high) / 2
    left, top, width, height = place
    side = min(width - 34, height)
    x = (float(middle[1] - span / 2), float(middle[1] + span / 2))
    y = (float(middle[0] + span / 2), float(middle[0] - span / 2))
    frame = Frame(left, top, side, side, x, y)
    known = np.isfinite(values)
    largest = float(np.percentile(np.abs(values[known]), 98)) if known.any() else 1.0
    largest = largest or 1.0
    radius = float(np.clip(0.38 * side / math.sqrt(max(len(positions), 1)), 0.7, 4.0))
    for (row, column), value in zip(positions, values, strict=True):
        color = _diverging(value / largest) if math.isfinite(value) else GRAY
        page.dot(*frame.place(float(column), float(row)), radius, color)
    draw_axes(page, frame, title, f"x [{length_unit}]", f"y [{length_unit}]")
    _draw_scale(page, left + side + 8, top, side, largest, unit)


def _draw_scale(
    page: Drawing, left: float, top: float, height: float, largest: float, unit: str
) -> None:
    steps = 40
    for number in range(steps):
        part = 1 - 2 * (number + 0.5) / steps
        page.box(left, top + number * height / steps, 8, height / steps + 0.3, _diverging(part))
    for part in (-1, 0, 1):
        y = top + (1 - part) / 2 * height
        page.words(left + 11, y, f"{part * largest:.2g}", size=7, anchor="start")
    page.words(left + 8, top - 8, unit, size=7)


def _diverging(part: float) -> Color:
    """Return the color of a value between -1 and 1."""
    place = (min(max(part, -1.0), 1.0) + 1) / 2 * (len(_DIVERGING) - 1)
    grid = np.arange(len(_DIVERGING))
    red, green, blue = (round(float(np.interp(place, grid, c))) for c in _DIVERGING.T)
    return red, green, blue
