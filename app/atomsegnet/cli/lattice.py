"""The verb ``lattice``: spacings, displacements, strain and missing columns."""

from __future__ import annotations

import argparse
import functools
from pathlib import Path

from atomsegnet.cli.each_file import for_each_file, read_chosen
from atomsegnet.cli.locate import DEFAULT_MODEL, METHODS
from atomsegnet.cli.options import (
    Verbs,
    add_image_choice,
    add_network_options,
    add_overwrite,
    add_progress,
    add_verb,
)
from atomsegnet.cli.outputs import make_folder_of, plan_outputs, refuse_existing
from atomsegnet.cli.reporting import Reporter
from atomsegnet.tasks.lattice import MeasuredLattice
from atomsegnet.tasks.locate import DEFAULT_METHOD

NAME = "lattice"
FORMATS = ("csv", "hdf5", "png", "svg", "pdf")
_SUFFIX = {"hdf5": "h5"}


def add_parser(verbs: Verbs) -> None:
    """Add the parser of this verb."""
    parser = add_verb(
        verbs,
        NAME,
        "measure spacings, displacements, strain and missing columns of a crystal",
        "atomsegnet lattice image_columns.csv --output lattice/ --write csv png hdf5",
    )
    parser.add_argument(
        "files",
        metavar="CSV|FILE",
        nargs="+",
        type=Path,
        help="table of columns that locate wrote, or a micrograph to locate them in",
    )
    parser.add_argument("--output", metavar="DIR", help="folder (default: the current one)")
    parser.add_argument(
        "--write",
        nargs="+",
        choices=FORMATS,
        default=["csv", "png"],
        metavar="FORMAT",
        help=f"what is written, out of {', '.join(FORMATS)} (default: csv png)",
    )
    add_overwrite(parser)
    group = parser.add_argument_group("how columns are located in a micrograph")
    group.add_argument(
        "--model", metavar="NAME", default=DEFAULT_MODEL, help=f"(default: {DEFAULT_MODEL})"
    )
    group.add_argument(
        "--method",
        choices=METHODS,
        default=DEFAULT_METHOD,
        help=f"how positions are measured (default: {DEFAULT_METHOD})",
    )
    add_network_options(parser)
    add_image_choice(parser)
    add_progress(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure the lattice of each file."""
    targets = plan_outputs(arguments.files, arguments.output, ending="_lattice", suffixes=())
    target_of = dict(zip(arguments.files, targets, strict=True))
    with Reporter(arguments.progress) as reporter:
        work = functools.partial(_measure_one, arguments, reporter, target_of)
        return for_each_file(arguments.files, reporter, work)


def _measure_one(
    arguments: argparse.Namespace, reporter: Reporter, target_of: dict[Path, Path], path: Path
) -> None:
    from atomsegnet.tasks.lattice import export_lattice, lattice, summary

    bare = target_of[path]
    written = [
        bare.with_name(f"{bare.name}.{_SUFFIX.get(form, form)}")
        for form in dict.fromkeys(arguments.write)
    ]
    refuse_existing(*written, overwrite=arguments.overwrite)
    source = path if path.suffix.lower() == ".csv" else read_chosen(path, arguments)
    measured = lattice(
        source,
        model=arguments.model,
        method=arguments.method,
        device=arguments.device,
        rescale=arguments.rescale,
        pixel_size_nm=arguments.pixel_size,
        report=reporter.report,
    )
    make_folder_of(bare)
    for target in written:
        export_lattice(target, measured, overwrite=arguments.overwrite)
    for note in measured.notes:
        reporter.note(note)
    lines = "".join(f"\n  {line}" for line in summary(measured.lattice))
    reporter.result(
        f"{path}: lattice -> {', '.join(map(str, written))}{lines}", **_values(measured, written)
    )


def _values(measured: MeasuredLattice, written: list[Path]) -> dict[str, object]:
    """Return what a line of JSON says of a lattice."""
    found = measured.lattice
    return {
        "output": [str(target) for target in written],
        "unit": found.unit,
        "angle_deg": found.angle_deg,
        "indexed": int(found.is_indexed.sum()),
        "columns": len(found.positions),
        "vacancies": int(found.missing.is_vacancy.sum()),
        "spacings": {
            spacing.axis: {
                "mean": spacing.mean,
                "sd": spacing.sd,
                "robust_sd": spacing.robust_sd,
                "count": spacing.count,
            }
            for spacing in found.spacings
        },
    }
