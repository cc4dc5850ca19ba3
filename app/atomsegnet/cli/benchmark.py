"""The verb ``benchmark``: precision, detection, restoration and speed beside baselines."""

from __future__ import annotations

import argparse
import os
import platform
from pathlib import Path

from atomsegnet.cli.options import Verbs, add_overwrite, add_progress, add_verb
from atomsegnet.cli.outputs import make_folder_of, refuse_existing
from atomsegnet.cli.reporting import Reporter

NAME = "benchmark"


def add_parser(verbs: Verbs) -> None:
    """Add the parser of this verb."""
    parser = add_verb(
        verbs,
        NAME,
        "compare every method on simulated images with the truth and the Cramér-Rao bound",
        "atomsegnet benchmark --quick --output benchmark/",
    )
    parser.add_argument(
        "--quick", action="store_true", help="one dose and small images, about half a minute"
    )
    parser.add_argument(
        "--output",
        metavar="DIR",
        type=Path,
        default=Path("benchmark"),
        help="folder of the page, the table and the figure (default: benchmark)",
    )
    add_overwrite(parser)
    add_progress(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the benchmark and write what it measured."""
    from atomsegnet.tasks.benchmark import benchmark
    from atomsegnet.tasks.benchmark_report import FIGURE, PAGE, TABLE, write_benchmark

    folder: Path = arguments.output
    targets = [folder / name for name in (PAGE, TABLE, FIGURE)]
    refuse_existing(*targets, overwrite=arguments.overwrite)
    with Reporter(arguments.progress) as reporter:
        reporter.begin(str(folder))
        measured = benchmark(quick=arguments.quick, report=reporter.report)
        make_folder_of(targets[0])
        write_benchmark(
            folder,
            measured,
            machine=machine(),
            command=f"atomsegnet benchmark{' --quick' if arguments.quick else ''}",
            overwrite=arguments.overwrite,
        )
        for name, reason in measured.missing.items():
            reporter.note(f"{name}: {reason}")
        reporter.result(
            (folder / PAGE).read_text(encoding="utf-8")
            + f"\n-> {', '.join(str(target) for target in targets)}",
            output=[str(target) for target in targets],
            methods=sorted({score.method for score in measured.scores}),
        )
    return 0


def machine() -> str:
    """Return processor, number of cores and operating system, without the name of the machine."""
    name = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                name = line.partition(": ")[2]
                break
    except OSError:  # only Linux has this file
        pass
    return f"{os.cpu_count()} cores of a {name}, {platform.system()}"
