"""The verb ``locate``: find and measure the atomic columns of micrographs."""

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
    fraction,
    not_negative,
)
from atomsegnet.cli.outputs import make_folder_of, plan_outputs, refuse_existing
from atomsegnet.cli.reporting import Reporter
from atomsegnet.tasks.locate import DEFAULT_METHOD, Detection, Located

NAME = "locate"
METHODS = (
    "gaussian-2d",
    "poisson-ml",
    "poisson-ml-lines",
    "weighted-centroid",
    "otsu-centroid",
)
DEFAULT_MODEL = "gaussian_map"
_SUFFIXES = (".csv",)


def add_parser(verbs: Verbs) -> None:
    """Add the parser of this verb."""
    parser = add_verb(
        verbs,
        NAME,
        "find the atomic columns of micrographs and write their positions as CSV",
        "atomsegnet locate image.dm4 --overlay --output columns/",
    )
    add_files(parser)
    add_locate_options(parser)
    parser.set_defaults(run=run)


def add_locate_options(parser: argparse.ArgumentParser) -> None:
    """Add every option of this verb."""
    parser.add_argument(
        "--output",
        metavar="CSV|DIR",
        help="folder, or for one micrograph a .csv file (default: the current folder)",
    )
    parser.add_argument(
        "--overlay", action="store_true", help="write a picture of the columns beside the table"
    )
    add_overwrite(parser)
    group = parser.add_argument_group("how columns are found and measured")
    group.add_argument(
        "--model", metavar="NAME", default=DEFAULT_MODEL, help=f"(default: {DEFAULT_MODEL})"
    )
    group.add_argument(
        "--method",
        choices=METHODS,
        default=DEFAULT_METHOD,
        help=f"how positions are measured (default: {DEFAULT_METHOD})",
    )
    group.add_argument(
        "--threshold",
        type=fraction,
        metavar="T",
        help="lowest value of the map that belongs to a column, 0 to 1 (default: Otsu's)",
    )
    group.add_argument(
        "--minimum-area",
        type=not_negative,
        default=0.0,
        metavar="PX2",
        help="smallest area of a column on the map, in square pixels of the image (default: 0)",
    )
    group.add_argument(
        "--keep-touching",
        action="store_true",
        help="take columns that touch on the map for a single one",
    )
    add_network_options(parser)
    add_image_choice(parser)
    add_progress(parser)


def run(arguments: argparse.Namespace) -> int:
    """Locate the columns of each file."""
    targets = plan_outputs(
        arguments.files, arguments.output, ending="_columns.csv", suffixes=_SUFFIXES
    )
    target_of = dict(zip(arguments.files, targets, strict=True))
    with Reporter(arguments.progress) as reporter:
        work = functools.partial(_locate_one, arguments, reporter, target_of)
        return for_each_file(arguments.files, reporter, work)


def _locate_one(
    arguments: argparse.Namespace, reporter: Reporter, target_of: dict[Path, Path], path: Path
) -> None:
    from atomsegnet.tasks.locate import locate

    target = target_of[path]
    overlay = target.with_suffix(".png") if arguments.overlay else None
    written = [item for item in (target, overlay) if item is not None]
    refuse_existing(*written, overwrite=arguments.overwrite)
    located = locate(
        read_chosen(path, arguments),
        model=arguments.model,
        method=arguments.method,
        detection=Detection(
            threshold=arguments.threshold,
            minimum_area_px=arguments.minimum_area,
            split_touching=not arguments.keep_touching,
        ),
        device=arguments.device,
        rescale=arguments.rescale,
        report=reporter.report,
    )
    _write(arguments, located, target, overlay)
    for note in located.processed.notes:
        reporter.note(note)
    reporter.result(
        f"{path}: {len(located.columns)} columns -> {', '.join(map(str, written))}",
        columns=len(located.columns),
        output=str(target),
        overlay=str(overlay) if overlay else None,
        method=located.method,
        threshold=located.threshold,
    )


def _write(
    arguments: argparse.Namespace, located: Located, target: Path, overlay: Path | None
) -> None:
    from atomsegnet.tasks.export import export_columns, export_overlay

    make_folder_of(target)
    export_columns(
        target,
        located,
        is_pixel_size_typed=arguments.pixel_size is not None,
        overwrite=arguments.overwrite,
    )
    if overlay is not None:
        export_overlay(overlay, located, overwrite=arguments.overwrite)
