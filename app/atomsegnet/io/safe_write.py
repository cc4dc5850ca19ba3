"""Write a file whole or not at all, and never over another one without being asked."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from atomsegnet.core.errors import WriteError


@contextmanager
def safely_written(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Offer a temporary file in the same folder; it takes the name when the block ends well.

    Parameters
    ----------
    path : Path
        The file to be.
    overwrite : bool
        Whether a file of that name may be replaced.

    Yields
    ------
    Path
        The temporary file, empty, with the same suffix.

    Raises
    ------
    WriteError
        Where the file exists and may not be replaced, or cannot be written. The temporary file
        is gone then, and an older file is as it was.
    """
    _check(path, overwrite)
    # The name is known before there is a file, so that no moment is left when an interrupt would
    # leave one behind.
    temporary = path.with_name(f".{path.stem[:40]}-{secrets.token_hex(4)}{path.suffix}")
    try:
        try:
            temporary.touch(exist_ok=False)
            yield temporary
            _check(path, overwrite)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise WriteError(path, f"cannot be written ({error.strerror or error})") from error


def _check(path: Path, overwrite: bool) -> None:
    if path.is_dir():
        raise WriteError(path, "is a folder")
    if not path.parent.is_dir():
        raise WriteError(path, "lies in a folder that does not exist")
    if path.exists() and not overwrite:
        raise WriteError(path, "exists already and is not overwritten without being asked")
