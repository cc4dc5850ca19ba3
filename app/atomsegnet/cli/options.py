"""Options that several verbs share, and the types of their values."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any, TypeAlias

from atomsegnet.core.errors import AtomSegNetError
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.units import LARGEST_PIXEL_NM, SMALLEST_PIXEL_NM

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

DEVICES = ("auto", "cpu", "cuda")
_PM_PER_NM = 1000.0


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of descriptions and examples."""


class UsageError(AtomSegNetError):
    """Arguments that are right one by one and make no sense together."""


def add_verb(verbs: Verbs, name: str, summary: str, example: str) -> argparse.ArgumentParser:
    """Add the parser of a verb, with an example below its help."""
    return verbs.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"example:\n  {example}",
        formatter_class=Formatter,
    )


def add_files(parser: argparse.ArgumentParser) -> None:
    """Add the micrographs to work on."""
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="micrograph")


def add_image_choice(parser: argparse.ArgumentParser) -> None:
    """Add what image of a file is meant, and its scale."""
    group = parser.add_argument_group("which image, and its scale")
    group.add_argument(
        "--frame", type=whole_number, default=0, metavar="N", help="frame of a stack, from 0"
    )
    group.add_argument("--detector", metavar="NAME", help="detector, as info names it")
    group.add_argument(
        "--pixel-size",
        type=pixel_size,
        metavar="PM",
        help="size of a pixel [pm], in place of the one in the file",
    )


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """Add how a network is run."""
    group = parser.add_argument_group("how the network is run")
    group.add_argument(
        "--device", choices=DEVICES, default="auto", help="where it runs (default: auto)"
    )
    group.add_argument(
        "--rescale",
        type=rescale_factor,
        metavar="auto|FACTOR",
        help="enlarge the image by FACTOR for the network (default: auto)",
    )


def add_overwrite(parser: argparse.ArgumentParser) -> None:
    """Add the permission to replace files."""
    parser.add_argument(
        "--overwrite", action="store_true", help="replace files that are there already"
    )


def add_progress(parser: argparse.ArgumentParser) -> None:
    """Add how progress is shown."""
    parser.add_argument(
        "--progress",
        choices=("auto", "json", "none"),
        default="auto",
        help="a bar on a terminal (auto), one JSON object a line on stdout, where the line "
        '"cancel" on stdin stops the work (json), or nothing',
    )


def whole_number(text: str) -> int:
    """Return a whole number from 0."""
    value = _number(text, int)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is below 0")
    return int(value)


def count(text: str) -> int:
    """Return a whole number from 1."""
    value = _number(text, int)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is below 1")
    return int(value)


def positive(text: str) -> float:
    """Return a finite number above 0."""
    value = _number(text, float)
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not above 0")
    return float(value)


def not_negative(text: str) -> float:
    """Return a finite number from 0."""
    value = _number(text, float)
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"{text!r} is below 0")
    return float(value)


def fraction(text: str) -> float:
    """Return a number between 0 and 1."""
    value = _number(text, float)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 1")
    return float(value)


def pixel_size(text: str) -> PixelSize:
    """Return a square pixel of a side given in picometers."""
    side_nm = positive(text) / _PM_PER_NM
    if not SMALLEST_PIXEL_NM <= side_nm <= LARGEST_PIXEL_NM:
        raise argparse.ArgumentTypeError(f"{text} pm is the size of no micrograph's pixel")
    return PixelSize(side_nm, side_nm)


def rescale_factor(text: str) -> float | None:
    """Return a factor, or None for "auto"."""
    return None if text == "auto" else positive(text)


def zone_axis(text: str) -> tuple[int, int, int]:
    """Return a zone axis, three whole numbers that are not all zero."""
    parts = text.replace(",", " ").split()
    if len(parts) != 3:
        raise argparse.ArgumentTypeError(f"{text!r} is no zone axis such as 1,1,0")
    u, v, w = (int(_number(part, int)) for part in parts)
    if not (u or v or w):
        raise argparse.ArgumentTypeError("a zone axis cannot be 0,0,0")
    return u, v, w


def _number(text: str, kind: type[int] | type[float]) -> Any:
    try:
        return kind(text)
    except ValueError as error:
        name = "whole number" if kind is int else "number"
        raise argparse.ArgumentTypeError(f"{text!r} is no {name}") from error
