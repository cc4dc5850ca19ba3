"""What the tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from atomsegnet.core.micrograph import FloatImage

PIXEL_NM = 0.02
SPACING_PX = 12.0
SIDE_PX = 96
TINY = "tiny"


@dataclass(frozen=True)
class Outcome:
    """What a run of the command line gave back."""

    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]


def lattice_image() -> FloatImage:
    """Return Gaussian columns on a square lattice above a background, with noise."""
    rows, columns = np.indices((SIDE_PX, SIDE_PX), dtype=np.float64)
    peaks = [
        np.exp(-(((axis + SPACING_PX / 2) % SPACING_PX - SPACING_PX / 2) ** 2) / (2 * 2.5**2))
        for axis in (rows, columns)
    ]
    counts = 20 + 200 * peaks[0] * peaks[1]
    return np.random.default_rng(3).poisson(counts).astype(np.float32)
