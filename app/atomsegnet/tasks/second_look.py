"""Look again at a micrograph, by what a network saw in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from atomsegnet.core.micrograph import FloatImage, Micrograph
from atomsegnet.core.progress import Report

if TYPE_CHECKING:
    from atomsegnet.analysis.peaks import Regions

# The two columns of a pair are drawn as narrower peaks than a network draws, which stay apart.
_NARROWER = 0.75


def with_faint_columns(
    micrograph: Micrograph,
    seen: FloatImage,
    regions: Regions,
    width_px: float,
    look: Callable[[Micrograph], FloatImage],
    report: Report,
) -> FloatImage:
    """Return a map with the columns that only a second look shows.

    Oxygen beside a heavy metal is so faint that the network takes it for nothing; once the metal is
    subtracted, oxygen is the brightest there is.

    Parameters
    ----------
    micrograph : Micrograph
        The micrograph.
    seen : ndarray of float32, shape (h, w)
        Its map, on the network's own grid.
    regions : Regions
        Where that shows columns, from `find_regions`.
    width_px : float
        Full width at half maximum of a column [px of the micrograph].
    look : callable
        Returns the map of a micrograph of the same size, on the same grid.
    report : callable
        Called now and then; raises Cancelled to stop.
    """
    from atomsegnet.analysis.centroid import weighted_centroids
    from atomsegnet.analysis.faint_columns import are_faint_columns, without_columns
    from atomsegnet.analysis.peaks import find_regions
    from atomsegnet.analysis.repeats import are_crystal

    positions = weighted_centroids(regions)
    if not are_crystal(positions, np.arange(len(positions)), width_px):
        return seen
    image = micrograph.image
    rest = without_columns(image, positions, width_px, report)
    if float(np.ptp(rest.image)) == 0:
        return seen
    answer = look(replace(micrograph, image=rest.image))
    more = find_regions(answer, shape=micrograph.shape, threshold=regions.threshold)
    chosen = are_faint_columns(image, rest, weighted_centroids(more), report)
    # Region 0 is what belongs to none.
    is_added = np.concatenate([[False], chosen])[more.labels]
    return np.where(is_added, np.maximum(seen, answer), seen)


def with_unresolved_pairs(
    micrograph: Micrograph, seen: FloatImage, regions: Regions, width_px: float, report: Report
) -> tuple[FloatImage, int]:
    """Return a map that shows the two columns of pairs seen as one, and how many pairs there are.

    Parameters
    ----------
    micrograph, seen, regions, width_px, report
        As for `with_faint_columns`.
    """
    from scipy import ndimage

    from atomsegnet.analysis.centroid import weighted_centroids
    from atomsegnet.analysis.overlap import FWHM_PER_SIGMA, Peaks, rendered
    from atomsegnet.analysis.peaks import MAP_SIGMA_IN_WIDTHS
    from atomsegnet.analysis.unresolved_pairs import find_unresolved_pairs

    positions = weighted_centroids(regions)
    pairs = find_unresolved_pairs(micrograph.image, positions, width_px, report)
    if not len(pairs.columns):
        return seen, 0
    factor = np.asarray(regions.factor)
    heights = ndimage.maximum(seen, regions.labels, pairs.columns + 1)
    on_map = (pairs.halves.reshape(-1, 2) + 0.5) * factor - 0.5
    on_map = on_map.clip(0, np.array(seen.shape) - 1)
    sigma = _NARROWER * MAP_SIGMA_IN_WIDTHS * width_px * float(np.sqrt(factor.prod()))
    drawn = rendered(Peaks(on_map, np.repeat(heights, 2), FWHM_PER_SIGMA * sigma), seen.shape)
    others = np.where(np.isin(regions.labels, pairs.columns + 1), 0, seen)
    return np.maximum(others, drawn.clip(0, 1)), len(pairs.columns)
