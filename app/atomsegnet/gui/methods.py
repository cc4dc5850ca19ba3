"""The methods of measuring positions, in words for the user."""

from __future__ import annotations

from typing import NamedTuple


class MethodText(NamedTuple):
    """What a method is called and what it does."""

    title: str
    explanation: str


METHODS = {
    "gaussian-2d": MethodText(
        "2-D Gaussian fit", "Fits a Gaussian to the raw image around each column."
    ),
    "poisson-ml": MethodText(
        "Joint Poisson fit",
        "Fits all columns and the background of the raw image together, with the noise of counts.",
    ),
    "poisson-ml-lines": MethodText(
        "Joint Poisson fit, scan lines free",
        "The same fit with a displacement of each scan line, where the image shows any.",
    ),
    "weighted-centroid": MethodText(
        "Weighted centroid", "Center of mass of the column on the map."
    ),
    "otsu-centroid": MethodText(
        "Geometric center", "Center of the column's region above the threshold."
    ),
}


def method_title(method: str) -> str:
    """Return the name of a method for the user."""
    return METHODS[method].title if method in METHODS else method
