"""The curve of a training run, drawn from its log."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from atomsegnet.io.charts import Frame, draw_axes
from atomsegnet.io.drawing import Color, Drawing, write_drawing

FIGURE_NAME = "loss.png"
# Vermilion and blue of the palette that all kinds of color vision tell apart.
_CURVES: dict[str, tuple[str, Color]] = {
    "loss": ("training, one batch", (213, 94, 0)),
    "validation_loss": ("validation", (0, 114, 178)),
}


def write_loss_figure(path: Path, log: Sequence[Mapping[str, float]]) -> None:
    """Draw both losses against the step; an earlier figure is replaced.

    A loss that is above 0 is drawn as its logarithm.

    Parameters
    ----------
    path : Path
        The PNG.
    log : sequence of mapping
        Lines of the log, with "step" and the losses.

    Raises
    ------
    WriteError
        It cannot be written.
    """
    values = [line[name] for line in log for name in _CURVES if name in line]
    if not values or len({line["step"] for line in log}) < 2:
        return
    is_positive = min(values) > 0
    points = {
        name: [
            (line["step"], math.log10(line[name]) if is_positive else line[name])
            for line in log
            if name in line
        ]
        for name in _CURVES
    }
    heights = [height for curve in points.values() for _, height in curve]
    spare = 0.05 * (max(heights) - min(heights)) or 1.0
    steps = (min(line["step"] for line in log), max(line["step"] for line in log))
    page = Drawing(400, 260)
    frame = Frame(62, 32, 318, 178, steps, (min(heights) - spare, max(heights) + spare))
    draw_axes(page, frame, "", "step", "log10 of the loss" if is_positive else "loss")
    for number, (name, (label, color)) in enumerate(_CURVES.items()):
        places = [frame.place(*point) for point in points[name]]
        for start, end in itertools.pairwise(places):
            page.line(*start, *end, color, 1.2)
        for place in places:
            page.dot(*place, 1.8, color)
        left = frame.left + 20 + 140 * number
        page.line(left, 18, left + 18, 18, color, 1.6)
        page.words(left + 23, 18, label, size=8, anchor="start")
    write_drawing(path, page, overwrite=True)
