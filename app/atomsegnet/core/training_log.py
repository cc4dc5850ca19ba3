"""The log of a training run: one JSON object a line, one line for each validation."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

LOG_NAME = "log.jsonl"
# What the network, as it is now, makes of the micrograph that the run is for.
PREVIEW_NAME = "preview.png"


def add_to_log(path: Path, values: Mapping[str, float]) -> None:
    """Add a line; values that are no numbers are left out."""
    with path.open("a", encoding="utf-8") as log:
        log.write(json.dumps({k: v for k, v in values.items() if not math.isnan(v)}) + "\n")


def read_log(path: Path) -> list[dict[str, float]]:
    """Return the lines of a log that are whole; none where there is no log."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    read = []
    for line in lines:
        try:
            read.append(json.loads(line))
        except ValueError:  # cut by a power failure
            continue
    return read


def keep_log_until(path: Path, step: int) -> None:
    """Drop what a killed run wrote after its last checkpoint, at `step`; it is done again."""
    kept = [line for line in read_log(path) if 0 < step >= line["step"]]
    partial = path.with_suffix(".partial")
    partial.write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="utf-8")
    partial.replace(path)
