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
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
# Pieces that each process has before it, so that none waits for the next.
_AHEAD = 4
# How often someone who waits for a result may say that it is no longer wanted [s].
_ASK_EVERY_S = 0.2


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


def made_ahead(
    work: Callable[[Item], Result], items: Iterable[Item], workers: int, ask: Callable[[], None]
) -> Generator[Result, None, None]:
    """Yield the result of every item in the order of the items, made before it is asked for.

    Parameters
    ----------
    work : callable
        What is done with an item; it is pickled once for each process.
    items : iterable
        What is to be done.
    workers : int
        Processes beside this one, which works only where there are none.
    ask : callable
        Called now and then while a result is waited for; may raise. When the results are no longer
        asked for, what is under way is dropped and the processes are ended, whatever they do.
    """
    if not workers:
        yield from map(work, items)
        return
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_prepare_for, initargs=(work,)
    )
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(_do, item))
            if len(waiting) >= _AHEAD * workers:
                yield _awaited(waiting.popleft(), ask)
        while waiting:
            yield _awaited(waiting.popleft(), ask)
    finally:
        # One that still loads its libraries would take seconds to hear of it.
        for process in set(multiprocessing.active_children()) - others:
            process.kill()
        pool.shutdown()


def _awaited(future: Future[Result], ask: Callable[[], None]) -> Result:
    while True:
        try:
            return future.result(_ASK_EVERY_S)
        except TimeoutError:
            ask()


_work: Callable[[Any], Any]


def _prepare_for(work: Callable[[Any], Any]) -> None:
    """Make a worker ready for one kind of work."""
    global _work
    _work = work
    _prepare()


def _do(item: Any) -> Any:
    return _work(item)


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
