"""Work for other processes, and how soon they end when it is no longer wanted."""

from __future__ import annotations

import operator
import os
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


@pytest.mark.slow
@pytest.mark.parametrize("later_s", [0.0, 0.01, 0.02, 0.05])
def test_that_a_process_is_ended_while_it_hands_over_a_large_result(later_s: float) -> None:
    made = made_ahead(bytes, [100_000_000] * 100, 1, lambda: None)
    next(made)
    time.sleep(later_s)  # the next result fills the pipe by then, and is not taken out
    begun = time.monotonic()
    made.close()
    assert time.monotonic() - begun < 0.5


@pytest.mark.slow
def test_that_what_goes_wrong_in_a_process_is_told_here() -> None:
    made = made_ahead(operator.neg, [1, "one", 2], 1, lambda: None)
    assert next(made) == -1
    with pytest.raises(TypeError, match="str"):
        next(made)


@pytest.mark.slow
def test_that_the_end_of_a_process_is_told_and_not_waited_for() -> None:
    with pytest.raises(ChildProcessError, match="ended with 3"):
        list(made_ahead(os._exit, [3], 1, lambda: None))
