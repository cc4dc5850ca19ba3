"""How fast a run trains, and whether it waits for its data."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


class Pace:
    """Measures the steps of a run apart from its waiting for their batches.

    Parameters
    ----------
    images : int
        Images in a step.
    """

    def __init__(self, images: int) -> None:
        self._images = images
        self._steps, self._working_s, self._waiting_s = 0, 0.0, 0.0

    def watched(self, batches: Iterator[Item]) -> Iterator[Item]:
        """Yield batches and note how long each was waited for."""
        while True:
            asked = time.monotonic()
            try:
                batch = next(batches)
            except StopIteration:
                return
            self._waiting_s += time.monotonic() - asked
            yield batch

    @contextmanager
    def step(self) -> Iterator[None]:
        """Note how long the block takes, one step."""
        started = time.monotonic()
        yield
        self._working_s += time.monotonic() - started
        self._steps += 1

    def figures(self) -> dict[str, float]:
        """Return what was measured since the last call; nothing where no step was taken.

        "images_per_second" is that of the steps alone, as if data were always there;
        "waiting_share" is the part of the time that went by waiting for data.
        """
        if not self._steps:
            return {}
        share = self._waiting_s / (self._waiting_s + self._working_s)
        rate = self._images * self._steps / self._working_s
        self._steps, self._working_s, self._waiting_s = 0, 0.0, 0.0
        return {"images_per_second": round(rate, 1), "waiting_share": round(share, 4)}
