"""The window, or in its place a run without one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Protocol

from atomsegnet.cli import locate
from atomsegnet.cli.options import UsageError, Verbs, add_verb
from atomsegnet.cli.reporting import say
from atomsegnet.core.errors import ReadError
from atomsegnet.paths import sample_micrographs, samples_folder


class OpenWindow(Protocol):
    """What opens the window; the command line itself knows none."""

    def __call__(self, paths: list[Path], *, fresh: bool, sample: bool, grab: Path | None) -> int:
        """Open the window with these files and return its exit code when it is closed."""


NAME = "window"
OUTPUT = "output"


def add_parser(verbs: Verbs) -> None:
    """Add the parser of the window."""
    parser = add_verb(
        verbs,
        NAME,
        "open the window; what happens without a verb",
        "atomsegnet window image.dm4",
    )
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="file or folder")
    parser.add_argument("--sample", action="store_true", help="open a bundled simulated sample")
    parser.add_argument("--fresh", action="store_true", help="forget what was set before")
    parser.add_argument(
        "--grab",
        metavar="PNG",
        type=Path,
        help="locate the columns, save a picture of the window and close it",
    )
    group = parser.add_argument_group("without a window")
    group.add_argument(
        "--headless",
        action="store_true",
        help="open no window: locate the columns, write tables and pictures of them",
    )
    group.add_argument(
        "--output", metavar="DIR", help=f"where they go with --headless (default: {OUTPUT})"
    )
    group.add_argument("--overwrite", action="store_true", help="replace files that are there")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Open the window, or work without one."""
    if arguments.headless:
        return _locate_without_window(arguments)
    if arguments.output is not None or arguments.overwrite:
        raise UsageError("--output and --overwrite go with --headless.")
    _refuse_misspelled_verb(arguments.files)
    try:
        return int(
            arguments.open_window(
                arguments.files,
                fresh=arguments.fresh,
                sample=arguments.sample,
                grab=arguments.grab,
            )
        )
    except ImportError as error:
        say(
            f"The window cannot be opened here ({error}); the verbs work without it,"
            ' see "atomsegnet --help".'
        )
        return 1


def _locate_without_window(arguments: argparse.Namespace) -> int:
    if not (arguments.files or arguments.sample):
        raise UsageError("--headless needs a FILE or --sample.")
    samples = sample_micrographs()[:1] if arguments.sample else []
    if arguments.sample and not samples:
        raise ReadError(samples_folder(), "holds no sample micrograph")
    files = [*arguments.files, *samples]
    output = Path(arguments.output or OUTPUT).absolute()
    parser = argparse.ArgumentParser()
    locate.add_locate_options(parser)
    options = ["--overlay", "--output", f"{output}/", *["--overwrite"] * arguments.overwrite]
    chosen = parser.parse_args(options)
    chosen.files = files
    return locate.run(chosen)


def _refuse_misspelled_verb(files: list[Path]) -> None:
    """Tell a word that is neither a verb nor a file, in place of opening a window for it."""
    for path in files:
        if len(path.parts) == 1 and not path.suffix and not path.exists():
            raise UsageError(f'There is no verb and no file "{path}"; see "atomsegnet --help".')
