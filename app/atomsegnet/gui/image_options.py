"""Which image of which file is meant, as options of the command line."""

from __future__ import annotations

import math

from atomsegnet.gui.document import Document


def image_options(document: Document) -> list[str]:
    """Return ``--frame``, ``--detector`` and ``--pixel-size`` where they are needed."""
    micrograph = document.micrograph
    options = ["--frame", str(micrograph.frame)] if micrograph.frame else []
    if micrograph.detector and len(micrograph.detectors) > 1:
        options += ["--detector", micrograph.detector]
    size = micrograph.pixel_size_nm
    if document.is_pixel_size_typed and size is not None:
        options += ["--pixel-size", f"{1e3 * math.sqrt(size.x * size.y):.6g}"]
    return options
