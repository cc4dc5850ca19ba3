"""Show a network the micrograph once more, without the columns that it has seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from atomsegnet.core.micrograph import FloatImage, Micrograph
from atomsegnet.core.progress import Report


def with_faint_columns(
    micrograph: Micrograph,
    seen: FloatImage,
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
    width_px : float
        Full width at half maximum of a column [px of the micrograph].
    look : callable
        Returns the map of a micrograph of the same size, on the same grid.
    report : callable
        Called now and then; raises Cancelled to stop.
    """
    from atomsegnet.analysis.centroid import weighted_centroids
    from atomsegnet.analysis.faint_columns import (
        FEWEST_COLUMNS,
        are_faint_columns,
        without_columns,
    )
    from atomsegnet.analysis.peaks import find_regions

    regions = find_regions(seen, shape=micrograph.shape)
    if len(regions) < FEWEST_COLUMNS:
        return seen
    image = micrograph.image
    rest = without_columns(image, weighted_centroids(regions), width_px, report)
    if float(np.ptp(rest.image)) == 0:
        return seen
    answer = look(replace(micrograph, image=rest.image))
    more = find_regions(answer, shape=micrograph.shape, threshold=regions.threshold)
    chosen = are_faint_columns(image, rest, weighted_centroids(more), report)
    # Region 0 is what belongs to none.
    is_added = np.concatenate([[False], chosen])[more.labels]
    return np.where(is_added, np.maximum(seen, answer), seen)
