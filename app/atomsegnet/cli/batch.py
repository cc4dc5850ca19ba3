"""The verb ``batch``: the same recipe for every micrograph of a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from atomsegnet.cli.options import Verbs, add_progress, add_verb, count
from atomsegnet.cli.reporting import Reporter

NAME = "batch"


def add_parser(verbs: Verbs) -> None:
    """Add the parser of this verb."""
    parser = add_verb(
        verbs,
        NAME,
        "do the same with every micrograph of a folder",
        "atomsegnet batch day_7/ --recipe recipe.toml --output results/ --workers 2",
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="folder of micrographs")
    parser.add_argument(
        "--recipe",
        metavar="FILE.toml",
        type=Path,
        help="what is done; without it, columns are located as by locate",
    )
    parser.add_argument(
        "--output",
        metavar="DIR",
        type=Path,
        help="folder of the results, new or empty (default: FOLDER_results)",
    )
    parser.add_argument(
        "--workers", type=count, default=1, metavar="N", help="files at once (default: 1)"
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        default="",
        help="Dask scheduler whose workers do it, such as tcp://host:8786; they have this program "
        "and see the same files",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="leave out the files that are done; those that failed are tried again",
    )
    add_progress(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run a batch; 1 if a file failed."""
    from atomsegnet.core.recipe import Recipe
    from atomsegnet.tasks.batch import SUMMARY_NAME, batch_files, read_recipe, run_batch

    folder: Path = arguments.folder
    recipe = read_recipe(arguments.recipe) if arguments.recipe else Recipe()
    files = batch_files(folder)
    beside = folder.absolute().parent / f"{folder.absolute().name}_results"
    output = arguments.output or beside
    failed = 0
    with Reporter(arguments.progress) as reporter:
        reporter.begin(str(folder))
        for result in run_batch(
            files,
            recipe,
            output,
            workers=arguments.workers,
            scheduler=arguments.scheduler,
            resume=arguments.resume,
            report=reporter.report,
        ):
            if result.error:
                failed += 1
                reporter.failed(result.error, subject=result.name)
            else:
                text = f"{result.name}: {result.columns} columns"
                reporter.result(text, subject=result.name, columns=result.columns)
        text = f"{len(files)} files, {failed} failed -> {output / SUMMARY_NAME}"
        reporter.result(text, output=str(output), files=len(files), failures=failed)
    return 1 if failed else 0
