"""The figure of a lattice: histograms of both spacings, displacement and strain maps."""

from __future__ import annotations

from pathlib import Path

from atomsegnet.core.lattice import Lattice
from atomsegnet.io.charts import draw_histogram, draw_map
from atomsegnet.io.drawing import Drawing, write_drawing

_SIDE, _GAP_X, _GAP_Y, _LEFT, _TOP = 190.0, 62.0, 62.0, 52.0, 34.0
_PM_PER_NM = 1e3


def write_lattice_figure(path: Path, lattice: Lattice, *, overwrite: bool = False) -> None:
    """Write eight charts of a lattice as PNG, SVG or PDF.

    Above: histograms of the spacings along a and b with the normal distribution of the same mean
    and standard deviation, and maps of the displacement along x and y. Below: maps of the strain
    along x and y, of the shear and of the rotation.

    Raises
    ------
    WriteError
        The suffix names no figure, the file exists, or it cannot be written.
    """
    write_drawing(path, lattice_drawing(lattice), overwrite=overwrite)


def lattice_drawing(lattice: Lattice) -> Drawing:
    """Draw the figure that `write_lattice_figure` writes."""
    page = Drawing(_LEFT + 4 * (_SIDE + _GAP_X), _TOP + 2 * (_SIDE + _GAP_Y))
    places = [
        (_LEFT + column * (_SIDE + _GAP_X), _TOP + row * (_SIDE + _GAP_Y), _SIDE, _SIDE)
        for row in (0, 1)
        for column in range(4)
    ]
    scale, small = (_PM_PER_NM, "pm") if lattice.unit == "nm" else (1.0, "px")
    for place, spacing in zip(places, lattice.spacings, strict=False):
        if spacing.count < 2 or not spacing.sd > 0:
            page.words(place[0] + _SIDE / 2, place[1] + _SIDE / 2, f"{spacing.axis}: too few pairs")
            continue
        title = (
            f"{spacing.axis}: {spacing.mean:.4f} {lattice.unit}, sd {scale * spacing.sd:.2f} "
            f"{small}, N = {spacing.count}"
        )
        label = f"spacing {spacing.axis} [{lattice.unit}]"
        draw_histogram(page, place, spacing.lengths, title, label)
    chosen = lattice.is_indexed & ~lattice.is_edge & ~lattice.is_duplicate
    maps = (
        ("displacement along x", small, scale * lattice.displacements[:, 1]),
        ("displacement along y", small, scale * lattice.displacements[:, 0]),
        ("strain along x", "%", 100 * lattice.strain[:, 0]),
        ("strain along y", "%", 100 * lattice.strain[:, 1]),
        ("shear strain xy", "%", 100 * lattice.strain[:, 2]),
        ("rotation", "mrad", 1e3 * lattice.rotation),
    )
    for place, (title, unit, values) in zip(places[2:], maps, strict=True):
        draw_map(
            page, place, lattice.positions[chosen], values[chosen], title=title, unit=unit,
            length_unit=lattice.unit,
        )  # fmt: skip
    return page
