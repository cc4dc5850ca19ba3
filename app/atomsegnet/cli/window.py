"""The window, or in its place a run without one."""

from __future__ import annotations

import argparse
from pathlib import Path

from atomsegnet.cli import locate
from atomsegnet.cli.options import UsageError, Verbs, add_verb
from atomsegnet.cli.reporting import say
from atomsegnet.paths import sample_micrographs

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
        from atomsegnet.gui.main_window import run_window
    except ImportError as error:
        say(
            f"The window cannot be opened here ({error}); the verbs work without it,"
            ' see "atomsegnet --help".'
        )
        return 1
    return int(run_window(arguments.files, fresh=arguments.fresh, sample=arguments.sample))


def _locate_without_window(arguments: argparse.Namespace) -> int:
    files = [*arguments.files, *(sample_micrographs()[:1] if arguments.sample else [])]
    if not files:
        raise UsageError("--headless needs a FILE or --sample.")
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
