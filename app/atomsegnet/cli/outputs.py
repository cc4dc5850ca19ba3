"""Where the results of several files go, decided before any of them is worked on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from atomsegnet.cli.options import UsageError
from atomsegnet.core.errors import WriteError


def plan_outputs(
    files: Sequence[Path], output: str | None, *, ending: str, suffixes: tuple[str, ...]
) -> list[Path]:
    """Return the file in which each result goes.

    Parameters
    ----------
    files : sequence of Path
        The inputs.
    output : str or None
        What ``--output`` says: a file for a single input, else a folder; None is the current one.
    ending : str
        What follows an input's stem in the name of its result: ``_columns.csv``.
    suffixes : tuple of str
        Suffixes, in lower case, by which a file is told from a folder.

    Raises
    ------
    UsageError
        Several results would go to the same file.
    """
    if output is not None and _names_a_file(output, suffixes):
        if len(files) > 1:
            raise UsageError(f"{output} is one file; for several micrographs --output is a folder.")
        return [Path(output)]
    folder = Path(output or "")
    planned: dict[Path, Path] = {}
    for path in files:
        target = folder / f"{path.stem}{ending}"
        if target in planned:
            raise UsageError(
                f"The results of {planned[target]} and {path} would both go to {target};"
                " work on them one after the other."
            )
        planned[target] = path
    return list(planned)


def refuse_existing(*targets: Path, overwrite: bool) -> None:
    """Raise WriteError, before hours of work, where a target exists and may not be replaced."""
    for target in targets:
        if target.exists() and not overwrite:
            raise WriteError(target, "exists already; --overwrite replaces it")


def make_folder_of(target: Path) -> None:
    """Make the folder of a result when there is one to write.

    Raises
    ------
    WriteError
        It cannot be made.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(target.parent, f"cannot be made ({error.strerror})") from error


def _names_a_file(output: str, suffixes: tuple[str, ...]) -> bool:
    if output.endswith(("/", os.sep)) or Path(output).is_dir():
        return False
    return Path(output).suffix.lower() in suffixes
