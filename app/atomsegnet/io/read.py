"""Open a file, see what is in it, read one image of it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from atomsegnet.core.errors import AtomSegNetError, ReadError
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.io.contents import (
    DetectorContents,
    FileContents,
    OpenedFile,
    StoredImage,
    preferred_image,
)
from atomsegnet.io.sniff import HEAD_BYTES, UNSIGNED_SUFFIXES, format_of, looks_like_text
from atomsegnet.io.values import as_image

__all__ = ["SUFFIXES", "DetectorContents", "FileContents", "inspect", "read"]

SUFFIXES: tuple[str, ...] = (
    ".dm3", ".dm4", ".ser", ".emi", ".emd", ".h5", ".hdf5", ".mrc", ".mrcs", ".map", ".rec",
    ".st", ".ali", ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".bmp", ".gif", *UNSIGNED_SUFFIXES,
)  # fmt: skip
"""Suffixes of the files that can be read, for a file dialog; the content decides all the same."""

_Result = TypeVar("_Result")


def inspect(path: Path | str) -> FileContents:
    """Tell what a file holds without loading an image.

    Parameters
    ----------
    path : Path or str
        The file.

    Raises
    ------
    ReadError
        Where the file cannot be read.
    NotAnImageError
        Where it holds nothing that can be shown as an image.
    """
    path = Path(path)
    opened = _guarded(path, lambda: _open(path))
    return FileContents(
        path=path,
        format=opened.format,
        detectors=tuple(image.contents for image in opened.images),
        default_detector=preferred_image(opened.images).contents.name,
        metadata={**opened.metadata, **preferred_image(opened.images).metadata},
    )


def read(path: Path | str, frame: int = 0, detector: str | None = None) -> Micrograph:
    """Read one image of a file.

    Parameters
    ----------
    path : Path or str
        The file.
    frame : int
        Which image of a stack, counted from 0.
    detector : str or None
        Name of the detector; None takes HAADF, else any ADF, else the first.

    Returns
    -------
    Micrograph
        float32 (H, W) with the file's own values, row 0 at the top.

    Raises
    ------
    ReadError
        Where the file cannot be read, or has no such frame or detector.
    NotAnImageError
        Where it holds nothing that can be shown as an image.
    """
    path = Path(path)
    return _guarded(path, lambda: _read(path, frame, detector))


def _read(path: Path, frame: int, detector: str | None) -> Micrograph:
    opened = _open(path)
    chosen = _choose(path, opened, detector)
    contents = chosen.contents
    if not 0 <= frame < contents.frame_count:
        last = contents.frame_count - 1
        raise ReadError(
            path, f"has no frame {frame}, only 0 to {last}" if last else "has one frame"
        )
    image, notes = as_image(path, chosen.load(frame))
    if image.shape != (contents.rows, contents.columns):
        raise ReadError(path, f"is damaged, its image has the shape {image.shape}")
    return Micrograph(
        image=image,
        pixel_size_nm=contents.pixel_size_nm,
        source=path,
        frame=frame,
        frame_count=contents.frame_count,
        detector=contents.name,
        detectors=tuple(stored.contents.name for stored in opened.images),
        metadata={
            "format": opened.format,
            "stored_dtype": contents.dtype,
            **opened.metadata,
            **chosen.metadata,
            **notes,
        },
    )


def _choose(path: Path, opened: OpenedFile, detector: str | None) -> StoredImage:
    if detector is None:
        return preferred_image(opened.images)
    for image in opened.images:
        if image.contents.name == detector:
            return image
    names = ", ".join(f'"{image.contents.name}"' for image in opened.images)
    raise ReadError(path, f'has no detector "{detector}", only {names}')


def _open(path: Path) -> OpenedFile:
    head = _head(path)
    name = format_of(head, path.suffix)
    if name is None:
        if looks_like_text(head):
            raise ReadError(path, "is a text file and no image")
        raise ReadError(path, "is in no format this program knows")
    return _opener(name)(path)


def _opener(name: str) -> Callable[[Path], OpenedFile]:
    """Return the reader of a format; it and its library are imported when they are used."""
    module, function = {
        "dm": ("ncem", "open_dm"),
        "ser": ("ncem", "open_ser"),
        "emi": ("rosetta", "open_emi"),
        "rosetta": ("rosetta", "open_by_rosetta"),
        "hdf5": ("hdf5", "open_hdf5"),
        "mrc": ("mrc", "open_mrc"),
        "tiff": ("tiff", "open_tiff"),
    }.get(name, ("raster", "open_raster"))
    found: Callable[[Path], OpenedFile] = getattr(
        import_module(f"atomsegnet.io.{module}"), function
    )
    return found


def _head(path: Path) -> bytes:
    """Return the first bytes of a file, or say why there are none."""
    if path.is_dir():
        raise ReadError(path, "is a folder")
    if not path.exists():
        raise ReadError(path, "does not exist")
    if not path.is_file():
        raise ReadError(path, "is no ordinary file")
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise ReadError(path, "is empty")
    return head


def _guarded(path: Path, work: Callable[[], _Result]) -> _Result:
    """Turn whatever a reader library raises on a damaged file into a ReadError of one sentence."""
    try:
        return work()
    except AtomSegNetError:
        raise
    except PermissionError as error:
        raise ReadError(path, "may not be read, the permission is missing") from error
    except MemoryError as error:
        raise ReadError(path, "needs more memory than there is") from error
    except ImportError as error:
        raise ReadError(path, f"cannot be read by this installation ({error})") from error
    except Exception as error:
        # The library's own words speak of its insides; they stay with the cause.
        raise ReadError(path, "is cut or damaged, and no image can be read from it") from error
