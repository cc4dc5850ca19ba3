"""The verb ``models``: which models there are, and what each says of itself."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from atomsegnet.cli.options import Verbs, add_overwrite, add_verb
from atomsegnet.cli.reporting import say
from atomsegnet.core.errors import ModelError
from atomsegnet.paths import user_models_folder

if TYPE_CHECKING:
    from atomsegnet.nn.weights import Card

NAME = "models"


def add_parser(verbs: Verbs) -> None:
    """Add the parser of this verb."""
    parser = add_verb(
        verbs, NAME, "list the models, or show one", "atomsegnet models show gaussian_map"
    )
    parser.set_defaults(run=run_list)
    actions = parser.add_subparsers(title="actions", metavar="list|show|import|export")
    listing = add_verb(actions, "list", "list the models", "atomsegnet models list")
    listing.set_defaults(run=run_list)
    show = add_verb(
        actions, "show", "show what a model says of itself", "atomsegnet models show gaussian_map"
    )
    show.add_argument("model", metavar="NAME", help="name of the model")
    show.set_defaults(run=run_show)
    bring = add_verb(
        actions, "import", "add a model to your list", "atomsegnet models import mine.safetensors"
    )
    bring.add_argument("file", metavar="FILE", type=Path, help="weights file")
    bring.add_argument("--name", default="", help="name of the model (default: the file's)")
    bring.set_defaults(run=run_import)
    hand_on = add_verb(
        actions, "export", "copy a model", "atomsegnet models export mine copy.safetensors"
    )
    hand_on.add_argument("model", metavar="NAME", help="name of the model")
    hand_on.add_argument("file", metavar="FILE", type=Path, help="weights file to write")
    add_overwrite(hand_on)
    hand_on.set_defaults(run=run_export)


def run_list(arguments: argparse.Namespace) -> int:
    """List the models: name, what each does, and whose it is."""
    from atomsegnet.nn.registry import installed_models, task_named
    from atomsegnet.nn.weights import read_card

    del arguments
    models = installed_models()
    if not models:
        raise ModelError("No model is installed.")
    code = 0
    longest = max(map(len, models))
    for name, path in models.items():
        try:
            task = task_named(read_card(path).task)
        except ModelError as error:
            say(str(error))
            code = 1
        else:
            owner = "" if task.name == name else f" ({task.name})"
            owner += " - yours" if path.is_relative_to(user_models_folder()) else ""
            print(f"{name:{longest}}  {task.explanation}{owner}")
    return code


def run_show(arguments: argparse.Namespace) -> int:
    """Show the header of a model's file and its model card."""
    from atomsegnet.core.provenance import sha256_of
    from atomsegnet.nn.registry import installed_path
    from atomsegnet.nn.weights import read_card

    path = installed_path(arguments.model)
    for title, value in _facts(read_card(path), path, sha256_of(path)):
        print(f"{title:14}  {value}")
    card = path.with_suffix(".md")
    if card.is_file():
        print(f"\n{card.read_text(encoding='utf-8').rstrip()}")
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    """Add a model to the user's list."""
    from atomsegnet.tasks.models import import_model

    print(import_model(arguments.file, arguments.name))
    return 0


def run_export(arguments: argparse.Namespace) -> int:
    """Copy a model."""
    from atomsegnet.tasks.models import export_model

    export_model(arguments.model, arguments.file, overwrite=arguments.overwrite)
    print(arguments.file)
    return 0


def _facts(card: Card, path: Path, sha256: str) -> list[tuple[str, str]]:
    from atomsegnet.nn.registry import task_named
    from atomsegnet.nn.weights import LICENSE

    task = task_named(card.task)
    facts = [
        ("model", card.name),
        ("task", f"{task.name}: {task.explanation}"),
        ("network", f"U-Net, {', '.join(map(str, card.architecture.widths))} channels"),
        ("column width", f"{card.width_px:g} px, spread {card.width_spread_octaves:g} octaves"),
        ("trained", f"{card.steps} steps with {json.dumps(dict(card.training))}"),
    ]
    facts += [(name.replace("_", " "), f"{value:.6g}") for name, value in card.metrics.items()]
    return [*facts, ("file", str(path)), ("SHA-256", sha256), ("licence", LICENSE)]
