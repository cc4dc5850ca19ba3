"""The verb ``process``: run a model on micrographs."""

from __future__ import annotations

import argparse
import functools
from pathlib import Path

from atomsegnet.cli.each_file import for_each_file, read_chosen
from atomsegnet.cli.options import (
    Verbs,
    add_files,
    add_image_choice,
    add_network_options,
    add_overwrite,
    add_progress,
    add_verb,
)
from atomsegnet.cli.outputs import make_folder_of, plan_outputs, refuse_existing
from atomsegnet.cli.reporting import Reporter

NAME = "process"
_SUFFIXES = (".tif", ".tiff")


def add_parser(verbs: Verbs) -> None:
    """Add the parser of this verb."""
    parser = add_verb(
        verbs,
        NAME,
        "run a model on micrographs and write its output as 32-bit TIFF",
        "atomsegnet process image.dm4 --model denoise --output restored/",
    )
    add_files(parser)
    parser.add_argument(
        "--model", metavar="NAME", required=True, help='model, see "atomsegnet models list"'
    )
    parser.add_argument(
        "--output",
        metavar="DIR|FILE",
        help="folder, or for one micrograph a .tif file (default: the current folder)",
    )
    add_overwrite(parser)
    add_network_options(parser)
    add_image_choice(parser)
    add_progress(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Process each file."""
    targets = plan_outputs(
        arguments.files,
        arguments.output,
        ending=f"_{arguments.model}.tif",
        suffixes=_SUFFIXES,
    )
    target_of = dict(zip(arguments.files, targets, strict=True))
    with Reporter(arguments.progress) as reporter:
        work = functools.partial(_process_one, arguments, reporter, target_of)
        return for_each_file(arguments.files, reporter, work)


def _process_one(
    arguments: argparse.Namespace, reporter: Reporter, target_of: dict[Path, Path], path: Path
) -> None:
    from atomsegnet.tasks.export import export_image
    from atomsegnet.tasks.process import process

    target = target_of[path]
    refuse_existing(target, overwrite=arguments.overwrite)
    processed = process(
        read_chosen(path, arguments),
        arguments.model,
        device=arguments.device,
        rescale=arguments.rescale,
        report=reporter.report,
    )
    make_folder_of(target)
    export_image(
        target,
        processed,
        is_pixel_size_typed=arguments.pixel_size is not None,
        overwrite=arguments.overwrite,
    )
    for note in processed.notes:
        reporter.note(note)
    reporter.result(
        f"{path}: {arguments.model} -> {target}",
        output=str(target),
        model=processed.model,
        device=processed.device,
        rescale_factor=processed.factor,
    )
