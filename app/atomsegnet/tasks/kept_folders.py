"""Where the work on each image is kept, and how long."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

# Older work gives way beyond this much [bytes]; what is open never does.
_MOST_BYTES = 4 * 2**30


def work_folder(root: Path, source: Path, frame: int = 0, detector: str = "") -> Path:
    """Return where the work on an image of a file lies."""
    return folder_of_file(root, source) / f"{frame}_{_hashed(detector)}"


def folder_of_file(root: Path, source: Path) -> Path:
    """Return where the work on all images of a file lies."""
    return root / _hashed(os.fspath(source))


def drop_oldest(root: Path, open_files: list[Path], most_bytes: int = _MOST_BYTES) -> None:
    """Delete the work that was kept longest ago until the rest is small enough.

    Raises
    ------
    OSError
        Something cannot be deleted.
    """
    spared = {folder_of_file(root, path) for path in open_files}
    sizes = {folder: _size_of(folder) for folder in root.iterdir() if folder.is_dir()}
    total = sum(sizes.values())
    for folder in sorted(sizes, key=lambda folder: folder.stat().st_mtime):
        if total > most_bytes and folder not in spared:
            shutil.rmtree(folder)
            total -= sizes[folder]


def _size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
