"""The verb ``simulate``: images with labels, as the networks are trained on."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from atomsegnet.cli.each_file import read_chosen
from atomsegnet.cli.options import (
    UsageError,
    Verbs,
    add_image_choice,
    add_progress,
    add_verb,
    count,
    whole_number,
    zone_axis,
)
from atomsegnet.cli.reporting import Reporter
from atomsegnet.core.library import FORMATS
from atomsegnet.tasks.simulate_one import LABELS

NAME = "simulate"
# A further process takes as long to start as about this many micrographs take to make.
_FEW = 100


def add_parser(verbs: Verbs) -> None:
    """Add the parser of this verb."""
    parser = add_verb(
        verbs,
        NAME,
        "simulate micrographs with labels",
        "atomsegnet simulate --output simulated/ --count 10 --material Si",
    )
    parser.add_argument(
        "--output", metavar="DIR", type=Path, required=True, help="folder, new or empty"
    )
    parser.add_argument(
        "--count", type=count, required=True, metavar="N", help="number of micrographs"
    )
    crystal = parser.add_mutually_exclusive_group()
    crystal.add_argument("--material", metavar="NAME", help='crystal of the list, or "all"')
    crystal.add_argument("--cif", metavar="FILE", type=Path, help="crystal of a CIF file")
    parser.add_argument("--zone", type=zone_axis, metavar="U,V,W", help="zone axis of the crystal")
    parser.add_argument(
        "--labels",
        nargs="+",
        choices=LABELS,
        metavar="LABEL",
        help=f"labels to write (default: all): {', '.join(LABELS)}",
    )
    parser.add_argument(
        "--size", type=count, default=256, metavar="PX", help="side of an image (default: 256)"
    )
    parser.add_argument(
        "--seed", type=whole_number, default=0, metavar="S", help="seed (default: 0)"
    )
    parser.add_argument(
        "--first",
        type=whole_number,
        default=0,
        metavar="I",
        help="number of the first micrograph, to make a part of a library again (default: 0)",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="tiff",
        help="float32 TIFF (default), 16-bit PNG with the scale in the index, or one HDF5 file",
    )
    parser.add_argument(
        "--workers",
        type=count,
        metavar="N",
        help="processes that simulate (default: one for each core, one for few micrographs)",
    )
    parser.add_argument(
        "--like",
        metavar="FILE",
        type=Path,
        help="a micrograph: about its pixel size, dose, background and scan noise are simulated",
    )
    add_image_choice(parser)
    add_progress(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Simulate micrographs."""
    from atomsegnet.tasks.conditions import conditions_of
    from atomsegnet.tasks.simulate import simulate

    if arguments.zone is not None and not (arguments.material or arguments.cif):
        raise UsageError("--zone belongs to a crystal; name one by --material or --cif.")
    with Reporter(arguments.progress) as reporter:
        reporter.begin(str(arguments.output))
        like = None
        if arguments.like is not None:
            micrograph = read_chosen(arguments.like, arguments)
            like = conditions_of(micrograph, reporter.report)
            reporter.note(like.sentence())
        simulate(
            arguments.output,
            arguments.count,
            material=arguments.material,
            cif=arguments.cif,
            zone=arguments.zone,
            labels=arguments.labels,
            size=arguments.size,
            seed=arguments.seed,
            first=arguments.first,
            form=arguments.format,
            workers=arguments.workers or min(os.cpu_count() or 1, arguments.count // _FEW),
            like=like,
            report=reporter.report,
        )
        reporter.result(
            f"{arguments.count} simulated micrographs -> {arguments.output}",
            output=str(arguments.output),
            count=arguments.count,
        )
    return 0
