"""Work on several files: one that fails is told of, the others are done all the same."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

from atomsegnet.cli.reporting import Reporter, as_sentence
from atomsegnet.core.errors import AtomSegNetError, ModelError
from atomsegnet.core.micrograph import Micrograph


def for_each_file(files: Iterable[Path], reporter: Reporter, work: Callable[[Path], None]) -> int:
    """Call ``work`` with each file and return the exit code: 1 if one of them failed, else 0.

    Raises
    ------
    ModelError
        The model is missing or damaged, which would be so for every file.
    """
    code = 0
    for path in files:
        reporter.begin(str(path))
        try:
            work(path)
        except ModelError:
            raise
        except (AtomSegNetError, OSError, MemoryError) as error:
            message = as_sentence(error)
            reporter.failed(message if str(path) in message else f"{path}: {message}")
            code = 1
    return code


def read_chosen(path: Path, arguments: argparse.Namespace) -> Micrograph:
    """Read the image that ``--frame``, ``--detector`` and ``--pixel-size`` ask for."""
    from atomsegnet.io.read import read

    micrograph = read(path, arguments.frame, arguments.detector)
    if arguments.pixel_size is not None:
        return micrograph.with_pixel_size(arguments.pixel_size)
    return micrograph
