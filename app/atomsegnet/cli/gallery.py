"""The verb ``gallery``: one page over a library of simulated micrographs."""

from __future__ import annotations

import argparse
from pathlib import Path

from atomsegnet.cli.options import Verbs, add_overwrite, add_progress, add_verb
from atomsegnet.cli.reporting import Reporter

NAME = "gallery"


def add_parser(verbs: Verbs) -> None:
    """Add the parser of this verb."""
    parser = add_verb(
        verbs,
        NAME,
        "write a page to search, see and pick from a library of simulate",
        "atomsegnet gallery simulated/",
    )
    parser.add_argument("library", metavar="LIBRARY", type=Path, help="folder that simulate wrote")
    add_overwrite(parser)
    add_progress(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the page."""
    from atomsegnet.tasks.gallery import gallery

    with Reporter(arguments.progress) as reporter:
        reporter.begin(str(arguments.library))
        page = gallery(arguments.library, overwrite=arguments.overwrite, report=reporter.report)
        reporter.result(f"gallery -> {page}", output=str(page))
    return 0
