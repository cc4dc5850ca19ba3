"""Write a file whole or not at all, and never over another one without being asked."""

from __future__ import annotations

import os
import tempfile
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
    try:
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.stem[:40]}-", suffix=path.suffix
        )
        temporary = Path(name)
        try:
            os.close(handle)
            # mkstemp makes files for their owner alone; a result gets the usual permissions.
            temporary.chmod(0o666 & ~_umask())
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


def _umask() -> int:
    # There is no way to ask for it but to set it.
    mask = os.umask(0)
    os.umask(mask)
    return mask
