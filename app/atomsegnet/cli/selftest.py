"""The verb ``selftest``, or ``--selftest``: try everything on what the program brings along."""

from __future__ import annotations

import argparse

from atomsegnet.cli.options import Verbs, add_verb

NAME = "selftest"
OPTION = "--selftest"


def add_parser(verbs: Verbs) -> None:
    """Add the parser of this verb."""
    parser = add_verb(
        verbs, NAME, "try whether this installation is sound", "atomsegnet --selftest"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Try every step and print one line for each; 1 if any of them failed."""
    from atomsegnet.tasks.selftest import installation, run_selftest

    del arguments
    for line in installation():
        print(line, flush=True)
    count, failed, seconds = 0, 0, 0.0
    for outcome in run_selftest():
        mark = "ok  " if outcome.passed else "FAIL"
        print(f"{mark} {outcome.seconds:7.2f} s  {outcome.title}: {outcome.finding}", flush=True)
        count, failed = count + 1, failed + (not outcome.passed)
        seconds += outcome.seconds
    if failed:
        print(f"{failed} of {count} steps failed ({seconds:.1f} s).", flush=True)
        return 1
    print(f"All {count} steps passed ({seconds:.1f} s).", flush=True)
    return 0
