"""Work for other processes, and how soon they end when it is no longer wanted."""

from __future__ import annotations

import operator
import time

import pytest

from atomsegnet.core.progress import Cancelled
from atomsegnet.tasks.worker_pool import made_ahead

NUMBERS = range(20)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 1, 2])
def test_that_results_come_in_the_order_of_the_items(workers: int) -> None:
    made = made_ahead(operator.neg, NUMBERS, workers, lambda: None)
    assert list(made) == [-number for number in NUMBERS]


@pytest.mark.slow
def test_that_a_process_that_still_works_is_ended_at_once() -> None:
    asked: list[float] = []

    def ask() -> None:
        asked.append(time.monotonic())
        raise Cancelled

    # It would load its libraries for a second, and then sleep for an hour.
    with pytest.raises(Cancelled):
        list(made_ahead(time.sleep, [3600], 1, ask))
    # No child is left when a test ends, or it fails.
    assert time.monotonic() - asked[0] < 0.5
