"""The verb ``train``: train a network on fresh simulations."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atomsegnet.cli.options import (
    DEVICES,
    UsageError,
    Verbs,
    add_progress,
    add_verb,
    count,
    positive,
    whole_number,
    zone_axis,
)
from atomsegnet.cli.reporting import Reporter
from atomsegnet.core.progress import Cancelled

if TYPE_CHECKING:
    from atomsegnet.core.training_settings import TrainingSettings

NAME = "train"

# Option of the command line -> setting of the run.
_SETTINGS = {
    "model": "task",
    "name": "name",
    "start_from": "start_from",
    "steps": "steps",
    "minutes": "minutes",
    "seed": "seed",
    "material": "material",
    "cif": "cif",
    "zone": "zone",
}
# Never reached within any budget of minutes, so that the minutes alone decide.
_UNLIMITED_STEPS = 10**9


def add_parser(verbs: Verbs) -> None:
    """Add the parser of this verb."""
    parser = add_verb(
        verbs,
        NAME,
        "train a network on fresh simulations",
        "atomsegnet train --model gaussian_map --from gaussian_map --cif crystal.cif"
        " --minutes 10 --output run/",
    )
    parser.add_argument(
        "config", metavar="CONFIG.toml", nargs="?", type=Path, help="settings of a run"
    )
    _add_settings(parser)
    parser.add_argument(
        "--output", metavar="DIR", type=Path, help="folder of the run, new or empty"
    )
    parser.add_argument(
        "--resume", metavar="DIR", type=Path, help="go on with the run that lies in this folder"
    )
    parser.add_argument("--device", choices=DEVICES, default="auto", help="(default: auto)")
    parser.add_argument(
        "--workers", type=whole_number, metavar="N", help="processes that simulate ahead"
    )
    add_progress(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train a network, or go on with a run that was stopped."""
    from atomsegnet.tasks.train import train

    settings, folder = _settings_and_folder(arguments)
    with Reporter(arguments.progress) as reporter:
        reporter.begin(str(folder))
        try:
            weights = train(
                settings,
                folder,
                device=arguments.device,
                workers=arguments.workers,
                resume=arguments.resume is not None,
                report=reporter.report,
            )
        except (Cancelled, KeyboardInterrupt):
            reporter.note(f"The run can go on with: atomsegnet train --resume {folder}")
            raise
        reporter.result(f"{weights}", output=str(weights))
    return 0


def _add_settings(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "settings of the run", "They take the place of those in CONFIG.toml."
    )
    group.add_argument("--model", metavar="NAME", help="task that is learnt, one of the five")
    group.add_argument("--name", help="name of the new model (default: the task's)")
    group.add_argument(
        "--from", dest="start_from", metavar="WEIGHTS", help="model or file to start from"
    )
    budget = group.add_mutually_exclusive_group()
    budget.add_argument("--steps", type=count, metavar="N", help="length of the run")
    budget.add_argument("--minutes", type=positive, metavar="M", help="time budget of the run")
    group.add_argument("--seed", type=whole_number, metavar="S", help="seed of weights and images")
    group.add_argument("--material", metavar="NAME", help="crystal of the program's list")
    group.add_argument("--cif", metavar="FILE", type=Path, help="crystal of a CIF file")
    group.add_argument("--zone", type=zone_axis, metavar="U,V,W", help="zone axis of the crystal")


def _settings_and_folder(arguments: argparse.Namespace) -> tuple[TrainingSettings, Path]:
    from atomsegnet.tasks.train import make_settings, read_settings, resumed_settings

    given = _given(arguments)
    if arguments.resume is not None:
        if given or arguments.config or arguments.output:
            raise UsageError("--resume goes on with a run as it was; it takes no other settings.")
        return resumed_settings(arguments.resume), arguments.resume
    if arguments.output is None:
        raise UsageError("A run needs --output, a new or empty folder.")
    if arguments.config is not None:
        written = read_settings(arguments.config).model_dump(exclude_unset=True)
    elif arguments.model is not None:
        written = {}
    else:
        raise UsageError("A run needs CONFIG.toml or --model.")
    return make_settings({**written, **given}), arguments.output


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that the command line names."""
    given = {
        setting: getattr(arguments, option)
        for option, setting in _SETTINGS.items()
        if getattr(arguments, option) is not None
    }
    if "minutes" in given:
        given["steps"] = _UNLIMITED_STEPS
    elif "steps" in given:
        given["minutes"] = None
    return given
