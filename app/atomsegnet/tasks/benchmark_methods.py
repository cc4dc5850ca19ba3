"""Every way of measuring columns that the benchmark compares."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.refine import METHODS
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.tasks.process import Processed, process

if TYPE_CHECKING:
    from torch import nn

FloatArray = npt.NDArray[np.float64]

ATOMAP = "atomap"
FASTER_RCNN = "Faster R-CNN"
# Positions that are taken from what a network made of the image, in place of the image.
FROM_RESTORED = ("denoise", "denoise_background", "super_resolution")
CIRCULAR_MASK = "circular_mask, centroids"


@dataclass(frozen=True, eq=False)
class Found:
    """What a method found.

    Attributes
    ----------
    positions : ndarray of float64, shape (N, 2)
        (row, column) [px].
    seconds : float
        Processor time for measuring, and for running a network beyond the one that finds.
    """

    positions: FloatArray
    seconds: float


def measured_by_all(micrograph: Micrograph) -> tuple[dict[str, Found], float]:
    """Locate the columns of an image by every method; nothing is told but the image.

    The columns are found once, by the network; each method starts from them.

    Returns
    -------
    dict of str to Found
        By name of the method; those that cannot run here are left out, see `not_run`.
    float
        Processor time of finding [s].
    """
    started = time.process_time()
    processed = process(micrograph, "gaussian_map")
    finding = time.process_time() - started
    found = {}
    for method in METHODS:
        found[method] = _timed(functools.partial(_located, processed, method))
    if is_atomap_there():
        starts = found["weighted-centroid"].positions
        found[ATOMAP] = _timed(functools.partial(_by_atomap, micrograph, starts))
    for model in FROM_RESTORED:
        found[from_restored(model)] = _timed(functools.partial(_on_restored, processed, model))
    found[CIRCULAR_MASK] = _timed(functools.partial(_on_mask, micrograph))
    if FASTER_RCNN not in not_run():
        from atomsegnet.nn.faster_rcnn import installed_detector

        detector = installed_detector()  # loaded like the other models before it is timed
        found[FASTER_RCNN] = _timed(functools.partial(_by_detector, processed, detector))
    return found, finding


def from_restored(model: str) -> str:
    """Return the name of the method that fits the output of a restoring model."""
    return f"{model}, gaussian-2d"


def not_run() -> dict[str, str]:
    """Return the methods that cannot run here, and why."""
    from atomsegnet.nn.faster_rcnn import why_not_run

    missing = {}
    if reason := why_not_run():
        missing[FASTER_RCNN] = f"not run: {reason}"
    if not is_atomap_there():
        missing[ATOMAP] = "not run: pip install atomsegnet[benchmark]"
    return missing


def is_atomap_there() -> bool:
    """Return whether atomap is installed."""
    from importlib.util import find_spec

    return find_spec("atomap") is not None


def _timed(work: Callable[[], FloatArray]) -> Found:
    started = time.process_time()
    positions = work()
    return Found(np.asarray(positions, dtype=np.float64), time.process_time() - started)


def _located(processed: Processed, method: str) -> FloatArray:
    from atomsegnet.tasks.locate import locate_on_map

    return locate_on_map(processed, method=method).columns.positions


def _on_restored(processed: Processed, model: str) -> FloatArray:
    """Fit the columns that the map shows on a restored image, one Gaussian at a time."""
    from atomsegnet.analysis.peaks import find_regions
    from atomsegnet.analysis.refine import measure

    image = process(processed.micrograph, model).image
    regions = find_regions(processed.working_image, shape=processed.micrograph.shape)
    return measure(
        image, regions, method="gaussian-2d", column_width_px=processed.column_width_px
    ).positions


def _on_mask(micrograph: Micrograph) -> FloatArray:
    from atomsegnet.tasks.locate import locate

    return locate(micrograph, model="circular_mask", method="otsu-centroid").columns.positions


def _by_detector(processed: Processed, detector: nn.Module) -> FloatArray:
    """Box the columns at the scale at which the map was made; return where the centers are."""
    import torch

    from atomsegnet.nn.faster_rcnn import detected_centers
    from atomsegnet.nn.resample import resample

    image, shape = processed.micrograph.image, processed.working_image.shape
    working = resample(torch.from_numpy(np.array(image))[None, None], (shape[0], shape[1]))
    centers = detected_centers(detector, working[0, 0].numpy())
    return (centers + 0.5) * np.divide(image.shape, shape) - 0.5


def _by_atomap(micrograph: Micrograph, starts: FloatArray) -> FloatArray:
    """Refine by atomap as its manual has it: center of mass, then 2-D Gaussians."""
    import logging
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import atomap.api

        # Importing it lets it tell of every fit that did not converge.
        logging.getLogger("hyperspy").setLevel(logging.ERROR)
        image = micrograph.image.astype(np.float64)
        sublattice = atomap.api.Sublattice(starts[:, ::-1].tolist(), image=image)
        sublattice.find_nearest_neighbors()
        sublattice.refine_atom_positions_using_center_of_mass(show_progressbar=False)
        sublattice.refine_atom_positions_using_2d_gaussian(show_progressbar=False)
        return np.stack([sublattice.y_position, sublattice.x_position], axis=1)
