"""How long work tells what it has done, and how it is asked to stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Progress:
    """One report of a long task.

    Attributes
    ----------
    done, total : int
        Finished and expected steps; ``total`` is 0 where the end is not known.
    message : str
        What is being done, for the user.
    values : Mapping[str, float]
        Figures of this moment, such as a training loss.
    """

    done: int
    total: int
    message: str = ""
    values: Mapping[str, float] = field(default_factory=dict)


Report = Callable[[Progress], None]


class Cancelled(Exception):  # noqa: N818 - being cancelled is no error
    """Raised by a report callback when the task was asked to stop."""


def silent(progress: Progress) -> None:
    """Take a report and do nothing with it."""
