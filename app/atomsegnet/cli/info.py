"""The verb ``info``: what is in a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atomsegnet.cli.each_file import for_each_file
from atomsegnet.cli.options import Verbs, add_files, add_progress, add_verb
from atomsegnet.cli.reporting import Reporter
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.units import format_length

if TYPE_CHECKING:
    from atomsegnet.io.contents import DetectorContents, FileContents

NAME = "info"


def add_parser(verbs: Verbs) -> None:
    """Add the parser of this verb."""
    parser = add_verb(
        verbs,
        NAME,
        "tell what is in a file: detectors, frames, shape, type, pixel size",
        "atomsegnet info image.dm4",
    )
    add_files(parser)
    add_progress(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Tell what is in each file."""
    from atomsegnet.io.read import inspect

    with Reporter(arguments.progress) as reporter:

        def tell(path: Path) -> None:
            contents = inspect(path)
            reporter.result(as_text(contents), **as_values(contents))

        return for_each_file(arguments.files, reporter, tell)


def as_text(contents: FileContents) -> str:
    """Describe a file in a few lines."""
    lines = [f"{contents.path}: {contents.format}"]
    for item in contents.detectors:
        is_default = len(contents.detectors) > 1 and item.name == contents.default_detector
        lines.append(f"  {_line(item)}{'  (read by default)' if is_default else ''}")
    return "\n".join(lines)


def as_values(contents: FileContents) -> dict[str, Any]:
    """Describe a file by plain values, pixel sizes in nm."""
    return {
        "format": contents.format,
        "default_detector": contents.default_detector,
        "detectors": [
            {
                "name": item.name,
                "frames": item.frame_count,
                "rows": item.rows,
                "columns": item.columns,
                "type": item.dtype,
                "pixel_size_x_nm": item.pixel_size_nm.x if item.pixel_size_nm else None,
                "pixel_size_y_nm": item.pixel_size_nm.y if item.pixel_size_nm else None,
            }
            for item in contents.detectors
        ],
    }


def _line(item: DetectorContents) -> str:
    frames = "1 frame" if item.frame_count == 1 else f"{item.frame_count} frames"
    name = f"{item.name}: " if item.name else ""
    return (
        f"{name}{frames} of {item.columns} x {item.rows} px (width x height), {item.dtype},"
        f" {_pixel_size(item.pixel_size_nm)}"
    )


def _pixel_size(size: PixelSize | None) -> str:
    if size is None:
        return "pixel size unknown"
    if size.is_square:
        return f"pixel size {format_length(size.x)}"
    return f"pixel size {format_length(size.x)} x {format_length(size.y)} (width x height)"
