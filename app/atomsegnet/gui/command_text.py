"""The same run as a command line, to be repeated elsewhere."""

from __future__ import annotations

import shlex
import subprocess
import sys

from atomsegnet.gui.document import RAW, Document
from atomsegnet.tasks.locate import Located

_PROGRAM = "atomsegnet"
_PM_PER_NM = 1000.0


def commands_of(document: Document) -> list[str]:
    """Return the commands that make the results of a document again, the columns last.

    Edits by hand are in no command.
    """
    # What was subtracted or computed from columns has a name, but no model.
    models = [
        layer.name
        for layer in document.layers
        if layer.name != RAW and layer.name in document.processed
    ]
    located = document.measured
    if located is not None and located.processed.model in models:
        models.remove(located.processed.model)
    commands = [command_line(["process", *_image(document), "--model", name]) for name in models]
    if located is not None:
        commands.append(command_line(["locate", *_image(document), *_locate_options(located)]))
    return commands


def _locate_options(located: Located) -> list[str]:
    options = ["--model", located.processed.model, "--method", located.method]
    detection = located.detection
    if detection.threshold is not None:
        options += ["--threshold", repr(detection.threshold)]
    if detection.minimum_area_px > 0:
        options += ["--minimum-area", repr(detection.minimum_area_px)]
    if not detection.split_touching:
        options.append("--keep-touching")
    return options


def _image(document: Document) -> list[str]:
    micrograph = document.micrograph
    options = [str(document.key.path)]
    if micrograph.frame_count > 1:
        options += ["--frame", str(micrograph.frame)]
    if len(micrograph.detectors) > 1:
        options += ["--detector", micrograph.detector]
    if document.is_pixel_size_typed and micrograph.pixel_size_nm is not None:
        options += ["--pixel-size", repr(micrograph.pixel_size_nm.x * _PM_PER_NM)]
    return options


def command_line(parts: list[str]) -> str:
    """Return verb and options as a line for the shell of this system."""
    words = [_PROGRAM, *parts]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
