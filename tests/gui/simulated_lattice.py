"""An image of a lattice, and a model that needs no network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import gaussian_filter

from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.progress import Progress, Report, silent
from atomsegnet.nn.registry import task_named
from atomsegnet.tasks.process import First, Processed

PITCH_PX = 12
COUNT = 8  # columns along each side of the test image


def lattice_image(seed: int = 0) -> np.ndarray:
    """Return 8 x 8 columns, 12 px apart, with noise; 96 x 96 float32.

    The left half of them peaks near 1000, the right half near 600.
    """
    side = COUNT * PITCH_PX
    image = np.zeros((side, side))
    centers = np.arange(COUNT) * PITCH_PX + PITCH_PX // 2
    image[np.ix_(centers, centers[: COUNT // 2])] = 1
    image[np.ix_(centers, centers[COUNT // 2 :])] = 0.55
    image = 900 * gaussian_filter(image, 2.0) * 2 * np.pi * 4 + 100
    noise = np.random.default_rng(seed).normal(0, 20, image.shape)
    return (image + noise).astype(np.float32)


def fake_process(
    micrograph: Micrograph,
    model: str = "denoise",
    *,
    device: str = "auto",
    rescale: float | None = None,
    first: First | None = None,
    report: Report = silent,
) -> Processed:
    """Smooth the image in place of running a network; a map is scaled to 0 to 1."""
    show_first(micrograph, model, first)
    for tile in range(2):
        report(Progress(tile, 2, "tile"))
    smooth = gaussian_filter(micrograph.image, 1.5)
    task = task_named(model)
    if task.output.value == "map":
        smooth = (smooth - smooth.min()) / (smooth.max() - smooth.min())
    smooth = smooth.astype(np.float32)
    return Processed(micrograph, smooth, smooth, 1.0, 4.7, task.output, model, "0" * 64, "cpu")


def show_first(micrograph: Micrograph, model: str, first: First | None) -> None:
    """Show what is waited for, if anything is."""
    if first is not None:
        part = replace(micrograph, image=micrograph.image[first.rows, first.columns])
        first.show(fake_process(part, model))
