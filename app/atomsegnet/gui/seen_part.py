"""What is seen is worked on first, and shown until the whole image is done."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from atomsegnet.core.picture import make_picture
from atomsegnet.core.progress import Report
from atomsegnet.gui.document import Document
from atomsegnet.gui.view_state import Region, SeenPart
from atomsegnet.tasks import locate as locating
from atomsegnet.tasks.locate import Detection
from atomsegnet.tasks.process import First, Processed

# A smaller image is done before anybody has looked at a part of it [px].
_SLOW_PX = 1.5e6
# What is nearly all of the image is not worth an extra run.
_LARGEST_PART = 0.3
# Quick, and good enough for the few seconds until the others are there.
PREVIEW_METHOD = "otsu-centroid"

HandOn = Callable[[SeenPart], None]


def part_worth_showing(document: Document, seen: Region) -> Region | None:
    """Return the part to begin with; None where the image as a whole is nearly as quick."""
    rows, columns = document.micrograph.shape
    area = (seen.bottom - seen.top) * (seen.right - seen.left)
    is_worth = rows * columns >= _SLOW_PX and area <= _LARGEST_PART * rows * columns
    return seen if is_worth else None


def first_image(region: Region | None, hand_on: HandOn) -> First | None:
    """Return how the worker shows what a model makes of a region."""

    def show(part: Processed) -> None:
        if region is not None:
            hand_on(SeenPart(region, make_picture(part.image)))

    return _first(region, show)


def first_columns(
    region: Region | None, hand_on: HandOn, detection: Detection, report: Report
) -> First | None:
    """Return how the worker shows the columns of a region."""

    def show(part: Processed) -> None:
        if region is not None:
            found = locating.locate_on_map(
                part, method=PREVIEW_METHOD, detection=detection, report=report
            )
            corner = np.array([region.top, region.left])
            hand_on(SeenPart(region, positions=found.columns.positions + corner))

    return _first(region, show)


def _first(region: Region | None, show: Callable[[Processed], None]) -> First | None:
    if region is None:
        return None
    return First(slice(region.top, region.bottom), slice(region.left, region.right), show)
