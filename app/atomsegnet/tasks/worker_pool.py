"""Work that is cut into independent pieces, done by several processes."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import Connection, wait
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
    work: Callable[[Item], Result], items: Sequence[Item], workers: int, ask: Callable[[], None]
) -> Generator[Result, None, None]:
    """Yield the result of every item in the order of the items, made before it is asked for.

    Parameters
    ----------
    work : callable
        What is done with an item; it is pickled once for each process.
    items : sequence
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
    # One pipe for each process, whose other end is open in that process alone: where one is ended
    # in the middle of a result, the pipe ends, and nobody waits for the rest.
    makers = [_Maker(work, items[first::workers]) for first in range(workers)]
    try:
        for index in range(len(items)):
            yield makers[index % workers].result(ask)
    finally:
        for maker in makers:
            maker.end()


class _Maker:
    """A process that makes results and hands them over through a pipe of its own."""

    def __init__(self, work: Callable[[Item], Result], items: Sequence[Item]) -> None:
        # Not forked: a process with threads, as torch makes them, may hang after that.
        context = multiprocessing.get_context("spawn")
        self._results, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_make, args=(work, items, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def result(self, ask: Callable[[], None]) -> Any:
        while not self._is_ready():
            ask()
        try:
            result, error = self._results.recv()
        except EOFError:
            self._process.join()
            code = self._process.exitcode
            raise ChildProcessError(f"A process that worked ahead ended with {code}.") from None
        if error is not None:
            raise error
        return result

    def _is_ready(self) -> bool:
        try:
            return self._results.poll(_ASK_EVERY_S)
        except BrokenPipeError:  # on Windows, where the process is gone
            return True

    def end(self) -> None:
        # One that still loads its libraries would take seconds to hear of a request.
        self._process.kill()
        self._process.join()
        self._results.close()


def _make(work: Callable[[Item], Result], items: Sequence[Item], results: Connection) -> None:
    """Make the results and keep a few ready; run in a process of its own."""
    _prepare()
    ready: queue.Queue[tuple[Result | None, Exception | None] | None] = queue.Queue(_AHEAD)

    def hand_over() -> None:
        while (made := ready.get()) is not None:
            results.send(made)

    sender = threading.Thread(target=hand_over, daemon=True)
    sender.start()
    try:
        for item in items:
            ready.put((work(item), None))
    except Exception as error:
        ready.put((None, error))
    ready.put(None)
    sender.join()


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
