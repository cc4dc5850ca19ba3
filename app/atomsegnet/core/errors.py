"""The errors a user may meet. Each message is one sentence: what failed, on which file, why."""

from __future__ import annotations

from pathlib import Path


class AtomSegNetError(Exception):
    """Anything that went wrong and that a user can be told in one sentence."""


class FileError(AtomSegNetError):
    """A file that could not be read or written.

    Parameters
    ----------
    path : Path
        The file.
    reason : str
        Why, as the second half of a sentence ("is empty"), without a full stop.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}.")
        self.path = path
        self.reason = reason


class ReadError(FileError):
    """A file that could not be read."""


class NotAnImageError(ReadError):
    """A file that was read but holds nothing that can be shown as an image."""


class WriteError(FileError):
    """A file that could not be written."""


class ModelError(AtomSegNetError):
    """Network weights that are missing, damaged or not understood."""


class SettingError(AtomSegNetError):
    """A setting outside its limits or a combination that makes no sense."""


class NoContrastError(AtomSegNetError):
    """An image all of whose pixels are equal, so that nothing can be found in it."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(f"{path or 'The image'}: all pixels are equal, there is nothing to find.")
        self.path = path


class NoLatticeError(AtomSegNetError):
    """Columns that do not repeat, so that no lattice can be measured."""
