"""Find and measure the atomic columns of a micrograph."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from atomsegnet.core.columns import Columns
from atomsegnet.core.errors import SettingError
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.progress import Report, silent
from atomsegnet.tasks.process import First, Processed, process

if TYPE_CHECKING:
    from atomsegnet.analysis.peaks import Regions

DEFAULT_METHOD = "gaussian-2d"


@dataclass(frozen=True)
class Detection:
    """How columns are taken from a map.

    Attributes
    ----------
    threshold : float or None
        Lowest confidence of a column, 0 to 1, everything above it counts; None for Otsu's
        threshold, where the crystal decides on what the network is unsure of and only those columns
        count that the raw image bears out.
    minimum_area_px : float
        Smallest area of a column's region [px^2 of the micrograph].
    split_touching : bool
        Whether a region with several maxima is split into one column each.
    """

    threshold: float | None = None
    minimum_area_px: float = 0.0
    split_touching: bool = True


@dataclass(frozen=True, eq=False)
class Located:
    """The columns of a micrograph and the map they were found on.

    Attributes
    ----------
    micrograph : Micrograph
        The input.
    columns : Columns
        What was found.
    processed : Processed
        The map, kept so that another threshold needs no second run.
    threshold : float
        Threshold that was used, 0 to 1.
    method : str
        How positions were measured.
    detection : Detection
        What was asked for.
    """

    micrograph: Micrograph
    columns: Columns
    processed: Processed
    threshold: float
    method: str
    detection: Detection = Detection()


def locate(
    micrograph: Micrograph,
    *,
    model: str = "gaussian_map",
    method: str = DEFAULT_METHOD,
    detection: Detection | None = None,
    device: str = "auto",
    rescale: float | None = None,
    first: First | None = None,
    report: Report = silent,
) -> Located:
    """Find the atomic columns of a micrograph and measure their positions.

    Parameters
    ----------
    micrograph : Micrograph
        The input.
    model : str
        Model that maps the columns.
    method : str
        "otsu-centroid", "weighted-centroid", "gaussian-2d", "poisson-ml" or "poisson-ml-lines".
    detection : Detection, optional
        How columns are taken from the map.
    device, rescale, first, report
        As for `process`.

    Raises
    ------
    ModelError, SettingError, Cancelled
        As for `process`; SettingError also for an unknown method and for a model
        that makes no map.
    """
    processed = process(
        micrograph, model, device=device, rescale=rescale, first=first, report=report
    )
    return locate_on_map(processed, method=method, detection=detection, report=report)


def locate_on_map(
    processed: Processed,
    *,
    method: str = DEFAULT_METHOD,
    detection: Detection | None = None,
    report: Report = silent,
) -> Located:
    """Find and measure columns on a map that is already there, as `locate` does.

    Raises
    ------
    SettingError
        The image is no map but a restored image, or the method is unknown.
    Cancelled
        The report callback asked to stop.
    """
    from atomsegnet.analysis.peaks import find_regions
    from atomsegnet.analysis.plausible import is_plausible
    from atomsegnet.analysis.refine import JOINT_METHODS, measure
    from atomsegnet.nn.registry import Output

    if processed.output is not Output.MAP:
        raise SettingError(f"{processed.model} makes no map on which columns could be found.")
    chosen = detection or Detection()
    regions = find_regions(
        processed.working_image,
        shape=processed.micrograph.shape,
        threshold=chosen.threshold,
        minimum_area_px=chosen.minimum_area_px,
        split_touching=chosen.split_touching,
        with_doubtful=True,
    )
    if chosen.threshold is None:
        regions = _told_by_crystal(regions, processed.column_width_px)
    if method not in JOINT_METHODS:
        regions = regions.without_doubtful()
    columns = measure(
        processed.micrograph.image,
        regions,
        method=method,
        column_width_px=processed.column_width_px,
        report=report,
    )
    if chosen.threshold is None:
        columns = columns.select(is_plausible(columns))
    return Located(processed.micrograph, columns, processed, regions.threshold, method, chosen)


def _told_by_crystal(regions: Regions, width_px: float | None) -> Regions:
    """Return the regions with what the crystal around them says of the unsure ones."""
    from atomsegnet.analysis.centroid import weighted_centroids
    from atomsegnet.analysis.refine import estimated_width_px
    from atomsegnet.analysis.repeats import are_columns

    positions = weighted_centroids(regions)
    width = width_px or estimated_width_px(regions, positions)
    is_column = are_columns(positions, regions.confidence, ~regions.is_doubtful, width)
    return replace(regions, is_doubtful=~is_column)
