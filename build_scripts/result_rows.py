"""Lines of the tables that the measuring scripts write, and the machine they ran on."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One line of a table of results."""

    subject: str
    bar: str
    measured: str
    holds: bool

    def markdown(self) -> str:
        """Return the line."""
        return (
            f"| {self.subject} | {self.bar} | {self.measured} | {'yes' if self.holds else 'NO'} |"
        )


def table(subject: str, rows: Iterable[Row]) -> list[str]:
    """Return the lines of a table; `subject` heads its first column."""
    return [
        f"| {subject} | must reach | measured | holds |",
        "|---|---|---|---|",
        *(row.markdown() for row in rows),
    ]


def processor() -> str:
    """Return the name of the processor as the operating system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(": ")[2]
    except OSError:
        pass
    return platform.processor() or platform.machine()
