"""Collecting garbage neither stops the window for long nor deletes parts of it elsewhere."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from atomsegnet.gui.main_window import MainWindow


class Ring:
    """Refers to itself, so that only the collector can delete it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collecting_threads() -> Iterator[set[threading.Thread]]:
    """Return the threads in which garbage was collected."""
    threads: set[threading.Thread] = set()

    def note(phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            threads.add(threading.current_thread())

    gc.callbacks.append(note)
    yield threads
    gc.callbacks.remove(note)


def test_that_garbage_of_a_worker_is_collected_in_the_main_thread(
    qtbot: QtBot, window: MainWindow, collecting_threads: set[threading.Thread]
) -> None:
    rings: list[weakref.ref[Ring]] = []

    def make_garbage(report) -> None:
        rings.extend(weakref.ref(Ring()) for _ in range(2000))

    qtbot.waitUntil(lambda: gc.get_freeze_count() > 0)
    collecting_threads.clear()
    job = window.jobs.start(make_garbage)
    with qtbot.waitSignal(job.finished):
        pass
    qtbot.waitUntil(lambda: all(ring() is None for ring in rings))
    assert collecting_threads == {threading.main_thread()}


def test_that_a_collection_leaves_out_what_modules_brought_along(
    qtbot: QtBot, window: MainWindow
) -> None:
    qtbot.waitUntil(lambda: gc.get_freeze_count() > 0)
    assert len(gc.get_objects()) < gc.get_freeze_count() / 10


def test_that_closing_leaves_the_collection_to_python_again(
    window: MainWindow,
) -> None:
    assert not gc.isenabled()
    window.close()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
