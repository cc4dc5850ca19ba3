"""What a file holds, before any image is loaded from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy.typing as npt

from atomsegnet.core.micrograph import PixelSize

# Best first; a detector is taken whose name holds one of these words.
_PREFERRED_DETECTORS = ("haadf", "adf")


@dataclass(frozen=True)
class DetectorContents:
    """One image or one stack of images of a file.

    Attributes
    ----------
    name : str
        As the file names it; unique within the file, "" where a single image has no name.
    frame_count : int
        Number of images in the stack.
    rows, columns : int
        Shape of one image [px].
    dtype : str
        Type of the stored numbers, as NumPy names it.
    pixel_size_nm : PixelSize or None
        Size of one pixel [nm].
    """

    name: str
    frame_count: int
    rows: int
    columns: int
    dtype: str
    pixel_size_nm: PixelSize | None = None


@dataclass(frozen=True)
class FileContents:
    """What one file holds.

    Attributes
    ----------
    path : Path
        The file.
    format : str
        Name of its format, as found in the file itself, not from its suffix.
    detectors : tuple of DetectorContents
        At least one.
    default_detector : str
        Name of the detector that is read when none is asked for.
    metadata : Mapping
        What else the file tells, as its reader gives it.
    """

    path: Path
    format: str
    detectors: tuple[DetectorContents, ...]
    default_detector: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredImage:
    """One image or stack and how to load a frame of it.

    ``load(frame)`` returns the 2-D array of numbers as stored; it opens the file anew, so that
    nothing stays open between calls.
    """

    contents: DetectorContents
    load: Callable[[int], npt.NDArray[Any]]
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OpenedFile:
    """What a reader found: the name of the format, at least one image, and metadata."""

    format: str
    images: tuple[StoredImage, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)


def with_unique_names(images: list[StoredImage]) -> tuple[StoredImage, ...]:
    """Give every image a name of its own; the second "HAADF" becomes "HAADF 2"."""
    taken: set[str] = set()
    renamed = []
    for image in images:
        name, number = image.contents.name or ("Image" if len(images) > 1 else ""), 1
        stem = name
        while name in taken:
            number += 1
            name = f"{stem} {number}"
        taken.add(name)
        renamed.append(replace(image, contents=replace(image.contents, name=name)))
    return tuple(renamed)


def preferred_image(images: tuple[StoredImage, ...]) -> StoredImage:
    """Choose the image that an ADF-STEM user means: HAADF, else any ADF, else the first."""
    for word in _PREFERRED_DETECTORS:
        for image in images:
            if word in image.contents.name.lower():
                return image
    return images[0]
