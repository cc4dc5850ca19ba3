"""Take the command line apart, run a verb or the window, turn failures into exit codes."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import traceback
from collections.abc import Sequence

from atomsegnet import __version__
from atomsegnet.cli import (
    batch,
    benchmark,
    gallery,
    info,
    lattice,
    locate,
    models,
    process,
    selftest,
    simulate,
    train,
    window,
)
from atomsegnet.cli.options import Formatter, UsageError
from atomsegnet.cli.reporting import as_sentence, say
from atomsegnet.cli.window import OpenWindow
from atomsegnet.core.errors import AtomSegNetError
from atomsegnet.core.progress import Cancelled

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

_VERBS = (
    info, process, locate, lattice, simulate, gallery, train, batch, models, benchmark, selftest,
)  # fmt: skip

_DESCRIPTION = """Find, restore and measure atomic columns in ADF-STEM micrographs.

Without a verb, or with files, the window opens; see "atomsegnet window --help"."""

_EXAMPLES = """examples:
  atomsegnet                                 open the window
  atomsegnet image.dm4                       open the window with this image
  atomsegnet locate image.dm4 --overlay      find its columns, without a window
  atomsegnet process image.dm4 --model denoise
  atomsegnet --selftest                      is this installation sound?

exit codes: 0 done, 1 something failed, 2 wrong usage, 130 interrupted"""


def main(argv: Sequence[str], open_window: OpenWindow) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str
        The arguments, without the name of the program.
    open_window : callable
        Called where no verb is given.

    Returns
    -------
    int
        0 done, 1 the work or a part of it failed, 2 wrong usage, 130 interrupted or cancelled.
    """
    try:
        arguments = parse(argv)
        arguments.open_window = open_window
        return int(arguments.run(arguments))
    except SystemExit as leaving:  # argparse leaves this way, after --help or with its own message
        return leaving.code if isinstance(leaving.code, int) else WRONG_USAGE
    except UsageError as error:
        say(as_sentence(error))
        return WRONG_USAGE
    except (KeyboardInterrupt, Cancelled):
        say("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read stdout has left; nothing more may be written there, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (AtomSegNetError, OSError, MemoryError) as error:
        say(as_sentence(error))
        return FAILED
    except Exception as error:
        return _report_defect(error)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return the parsed arguments; ``run`` holds the function of the verb.

    Raises
    ------
    SystemExit
        After --help and --version, and with code 2 on wrong usage.
    """
    parser = _parser()
    first = argv[0] if argv else ""
    if first == selftest.OPTION:
        return parser.parse_args([selftest.NAME, *argv[1:]])
    names = {module.NAME for module in (*_VERBS, window)}
    if first in names or first in ("-h", "--help", "--version"):
        return parser.parse_args(argv)
    return parser.parse_args([window.NAME, *argv])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="atomsegnet", description=_DESCRIPTION, epilog=_EXAMPLES, formatter_class=Formatter
    )
    parser.add_argument("--version", action="version", version=f"AtomSegNet {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for module in (*_VERBS, window):
        module.add_parser(verbs)
    return parser


def _report_defect(error: Exception) -> int:
    """Tell of a defect of the program in one sentence and keep the details in the log folder."""
    from atomsegnet.paths import user_log_folder

    details = "".join(traceback.format_exception(error))
    log = user_log_folder() / "defects.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"AtomSegNet {__version__}: {' '.join(sys.argv)}\n{details}\n")
    except OSError:
        logging.getLogger(__name__).debug("the log could not be written", exc_info=True)
        say(f"This is a defect of the program ({as_sentence(error)}).")
    else:
        say(f"This is a defect of the program ({as_sentence(error)}); details are in {log}.")
    return FAILED
