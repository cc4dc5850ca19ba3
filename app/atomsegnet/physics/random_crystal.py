"""Crystals that no one has seen: random plane lattices with random columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atomsegnet.physics.specimen import PlaneCell

FloatArray = npt.NDArray[np.float64]

# Share of the crystals whose points are dumbbells, the distance of the two columns of one [column
# widths], and how far apart dumbbells are at least. Whole lattices as narrow as a dumbbell would
# show no contrast at all.
DUMBBELL_SHARE = 0.25
DUMBBELL_WIDTHS = (0.65, 1.1)
DUMBBELLS_APART = 1.7


def random_cell(rng: np.random.Generator, nearest: float) -> PlaneCell:
    """Draw a crystal that no one has seen: random lattice, one to eight columns per cell.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    nearest : float
        Smallest distance between two columns [column widths].
    """
    count = int(rng.integers(1, 9))
    for _ in range(20):
        area = count * nearest**2 * rng.uniform(1.0, 2.2)
        ratio = np.exp(rng.uniform(0, np.log(2.0)))
        angle = rng.uniform(np.deg2rad(60), np.deg2rad(120))
        if rng.random() < 0.5:
            angle = rng.choice([np.pi / 2, np.pi / 3])
        short = np.sqrt(area / (ratio * np.sin(angle)))
        vectors = np.array([[0.0, short * ratio], [np.sin(angle) * short, np.cos(angle) * short]])
        points = _spaced_points(rng, vectors, count, nearest)
        if points is not None:
            break
    else:
        vectors, points = np.eye(2) * nearest, np.zeros((1, 2))
    if nearest >= DUMBBELLS_APART and rng.random() < DUMBBELL_SHARE:
        points = _dumbbells(rng, points)
    heights = _random_heights(rng, len(points))
    return PlaneCell(vectors, points, heights, np.full(len(points), ""), "random crystal")


def _spaced_points(
    rng: np.random.Generator, vectors: FloatArray, count: int, nearest: float
) -> FloatArray | None:
    images = np.array([[i, j] for i in (-1, 0, 1) for j in (-1, 0, 1)]) @ vectors
    others = images[np.any(images != 0, axis=1)]
    if np.linalg.norm(others, axis=1).min() < nearest:
        return None
    points = [np.zeros(2)]
    candidates = rng.random((40 * count, 2)) @ vectors
    while len(points) < count:
        gaps = candidates[:, None] - (points[-1] + images)[None]
        candidates = candidates[(gaps**2).sum(axis=2).min(axis=1) >= nearest**2]
        if not len(candidates):
            break
        points.append(candidates[0])
    return np.array(points)


def _dumbbells(rng: np.random.Generator, points: FloatArray) -> FloatArray:
    """Split every point in two, side by side."""
    angle = rng.uniform(0, 2 * np.pi)
    half = rng.uniform(*DUMBBELL_WIDTHS) / 2 * np.array([np.sin(angle), np.cos(angle)])
    return np.vstack([points - half, points + half])


def _random_heights(rng: np.random.Generator, count: int) -> FloatArray:
    """Heights over a range of 50:1; often one strong column beside weak ones."""
    draw = rng.random()
    if draw < 0.3:
        heights = rng.uniform(0.7, 1.0, count)
    elif draw < 0.65:
        heights = np.exp(rng.uniform(np.log(0.03), np.log(0.25), count))
        heights[rng.random(count) < 0.35] = 1.0
        heights[0] = 1.0
    else:
        heights = np.exp(rng.uniform(np.log(0.05), 0, count))
    return np.asarray(heights / heights.max())
