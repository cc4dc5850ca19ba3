"""The verb ``train``: train a network on fresh simulations."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atomsegnet.cli.each_file import read_chosen
from atomsegnet.cli.options import (
    DEVICES,
    UsageError,
    Verbs,
    add_image_choice,
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
    from atomsegnet.core.micrograph import Micrograph
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
    "columns": "columns",
    "zone": "zones",
}
# Never reached within any budget of minutes, so that the minutes alone decide.
_UNLIMITED_STEPS = 10**9


def add_parser(verbs: Verbs) -> None:
    """Add the parser of this verb."""
    parser = add_verb(
        verbs,
        NAME,
        "train a network on fresh simulations",
        "atomsegnet train --from gaussian_map --cif crystal.cif --zone 1,1,0 --like image.dm4"
        " --minutes 10 --name mine --output run/",
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
    _add_likeness(parser)
    add_progress(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train a network, or go on with a run that was stopped; compare it with its base."""
    from atomsegnet.tasks.train import evaluate_run, train

    with Reporter(arguments.progress) as reporter:
        like, suited = _likeness(arguments, reporter)
        settings, folder = _settings_and_folder(arguments, suited)
        reporter.begin(str(folder))
        try:
            weights = train(
                settings,
                folder,
                device=arguments.device,
                workers=arguments.workers,
                resume=arguments.resume is not None,
                like=like,
                report=reporter.report,
            )
            if os.environ.get("RANK", "0") != "0":
                return 0  # of the processes that torchrun started, the first speaks for all
            comparison = evaluate_run(settings, folder, report=reporter.report)
        except (Cancelled, KeyboardInterrupt):
            reporter.note(f"The run can go on with: atomsegnet train --resume {folder}")
            raise
        if comparison is None:
            reporter.result(f"{weights}", output=str(weights))
        else:
            lines = [*comparison.lines(), comparison.sentence(), str(weights)]
            verdict = str(comparison.verdict)
            reporter.result("\n".join(lines), output=str(weights), verdict=verdict)
    return 0


def _likeness(
    arguments: argparse.Namespace, reporter: Reporter
) -> tuple[Micrograph | None, dict[str, Any]]:
    """Read the micrograph of ``--like`` and return the settings that suit it."""
    if arguments.like is None:
        return None, {}
    from atomsegnet.tasks.conditions import conditions_of, suited_settings

    reporter.begin(str(arguments.like))
    micrograph = read_chosen(arguments.like, arguments)
    conditions = conditions_of(micrograph, reporter.report)
    reporter.note(conditions.sentence())
    return micrograph, suited_settings(conditions)


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
    group.add_argument(
        "--columns",
        metavar="CSV",
        type=Path,
        help="arrangement of columns that locate wrote, in place of a crystal",
    )
    group.add_argument(
        "--zone",
        type=zone_axis,
        action="append",
        metavar="U,V,W",
        help="zone axis of the crystal; may be given several times",
    )


def _add_likeness(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--like",
        metavar="FILE",
        type=Path,
        help="a micrograph: its pixel size, dose, background and scan noise are measured, and "
        "similar images are simulated",
    )
    add_image_choice(parser)


def _settings_and_folder(
    arguments: argparse.Namespace, suited: dict[str, Any]
) -> tuple[TrainingSettings, Path]:
    from atomsegnet.tasks.conditions import retraining_settings
    from atomsegnet.tasks.train import (
        base_settings,
        make_settings,
        read_settings,
        resumed_settings,
    )

    given = _given(arguments)
    if arguments.resume is not None:
        if given or suited or arguments.config or arguments.output:
            raise UsageError("--resume goes on with a run as it was; it takes no other settings.")
        return resumed_settings(arguments.resume), arguments.resume
    if arguments.output is None:
        raise UsageError("A run needs --output, a new or empty folder.")
    if arguments.config is not None:
        written = read_settings(arguments.config).model_dump(exclude_unset=True)
    elif arguments.start_from is not None:
        written = {**base_settings(arguments.start_from), **retraining_settings()}
    elif arguments.model is not None:
        written = {}
    else:
        raise UsageError("A run needs CONFIG.toml, --from or --model.")
    return make_settings({**written, **suited, **given}), arguments.output


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
