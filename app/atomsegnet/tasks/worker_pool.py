"""Work that is cut into independent pieces, done by several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import wait
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
# Pieces that each process has before it, so that none waits for the next.
_AHEAD = 4


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Generator[Result, None, None]:
    """Yield the result of every item, in the order of the items.

    Parameters
    ----------
    work : callable
        What is done with an item; with workers, it and what it takes and gives are pickled.
    items : iterable
        What is to be done.
    workers : int
        Processes; with 0 or 1 this one does it all. When the results are no longer asked for, the
        items that were begun are finished and the others left out.
    """
    if workers < 2:
        yield from map(work, items)
        return
    # Not forked: a process with threads, as torch makes them, may hang after that.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= _AHEAD * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            # Not one by one: a pool whose processes a signal ended cannot bear cancelled futures.
            pool.shutdown(cancel_futures=True)


def _prepare() -> None:
    """Make a worker use one core, leave Ctrl-C to its parent, and end when that is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import torch

    torch.set_num_threads(1)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
