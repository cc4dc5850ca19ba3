"""Columns on lattices that are known, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.lattice import Points

FloatArray = npt.NDArray[np.float64]

SIDE_PX = 500
# Si [110]: a rhombic cell with dumbbells along x; its rectangular cell is 54.3 x 38.4 px.
SI_110 = (np.array([[19.2, 27.15], [-19.2, 27.15]]), np.array([[0.0, 0.0], [0.25, 0.25]]))
SRTIO3_001 = (np.array([[0.0, 40.0], [40.0, 0.0]]), np.array([[0.0, 0.0], [0.5, 0.5]]))
SRTIO3_110 = (
    np.array([[0.0, 56.0], [40.0, 0.0]]),
    np.array([[0.0, 0.0], [0.5, 0.5], [0.25, 0.5], [0.75, 0.5]]),
)
MOS2 = (np.array([[0.0, 32.0], [27.71, 16.0]]), np.array([[0.0, 0.0], [1 / 3, 1 / 3]]))


def columns_on(
    crystal: tuple[FloatArray, FloatArray],
    heights: tuple[float, ...],
    *,
    noise_px: float = 0.2,
    turned_rad: float = 0.0,
    moved: Callable[[FloatArray], FloatArray] | None = None,
    seed: int = 0,
) -> Points:
    """Return columns of a crystal in a square image, in random order."""
    rng = np.random.default_rng(seed)
    cosine, sine = np.cos(turned_rad), np.sin(turned_rad)
    basis = crystal[0] @ np.array([[cosine, sine], [-sine, cosine]])
    cells = np.stack(np.meshgrid(*[np.arange(-40, 41)] * 2), axis=-1).reshape(-1, 2)
    positions = (cells[:, None] + crystal[1]).reshape(-1, 2) @ basis + SIDE_PX / 2 + 1.7
    amplitude = np.tile(heights, len(cells)) * rng.normal(1, 0.05, len(positions))
    if moved is not None:
        positions = moved(positions)
    positions = positions + rng.normal(0, noise_px, positions.shape)
    inside = np.flatnonzero(np.all((positions > 0) & (positions < SIDE_PX - 1), axis=1))
    rng.shuffle(inside)
    positions, amplitude = positions[inside], amplitude[inside]
    border = np.minimum(positions, SIDE_PX - 1 - positions).min(axis=1)
    return Points(positions, amplitude, border < 4, shape=(SIDE_PX, SIDE_PX))


def without(points: Points, left_out: npt.NDArray[np.intp]) -> Points:
    """Return the columns without some of them."""
    kept = np.setdiff1d(np.arange(len(points.positions)), left_out)
    return Points(
        points.positions[kept], points.amplitude[kept], points.is_edge[kept], shape=points.shape
    )
