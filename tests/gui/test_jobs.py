"""The worker thread and its queue."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from atomsegnet.core.errors import ModelError
from atomsegnet.core.progress import Progress, Report
from atomsegnet.gui.jobs import Job, Jobs, JobState


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    jobs = Jobs("test")
    yield jobs
    jobs.close()


def add(one: int, other: int, report: Report) -> int:
    report(Progress(1, 1))
    return one + other


def endless(report: Report) -> None:
    while True:
        report(Progress(0, 0))
        time.sleep(0.001)


def fail(report: Report) -> None:
    raise ModelError("The weights are damaged.")


def record(job: Job) -> list[str]:
    """Return a list that grows by the name of each signal a job sends."""
    sent: list[str] = []
    for name in ("progressed", "done", "failed", "cancelled", "finished"):
        getattr(job, name).connect(lambda *_args, name=name: sent.append(name))
    return sent


def test_that_a_job_gives_its_result_and_finishes_last(qtbot: QtBot, jobs: Jobs) -> None:
    job = jobs.start(add, 2, 3, title="Add")
    sent = record(job)
    results: list[int] = []
    job.done.connect(results.append)
    with qtbot.waitSignal(job.finished):
        pass
    assert results == [5]
    assert sent == ["progressed", "done", "finished"]
    assert not jobs.is_busy


def test_that_a_task_runs_outside_the_main_thread_and_its_signals_inside(
    qtbot: QtBot, jobs: Jobs
) -> None:
    names: list[int] = []
    job = jobs.start(lambda report: threading.get_ident())
    job.done.connect(names.append)
    job.done.connect(lambda _result: names.append(threading.get_ident()))
    with qtbot.waitSignal(job.finished):
        pass
    assert names[0] != threading.get_ident()
    assert names[1] == threading.get_ident()


def test_that_a_failed_job_gives_its_error(qtbot: QtBot, jobs: Jobs) -> None:
    job = jobs.start(fail)
    sent = record(job)
    with qtbot.waitSignal(job.failed) as signal:
        pass
    assert str(signal.args[0]) == "The weights are damaged."
    qtbot.waitUntil(lambda: sent == ["failed", "finished"])


def test_that_cancelling_is_answered_at_the_next_report(qtbot: QtBot, jobs: Jobs) -> None:
    job = jobs.start(endless)
    sent = record(job)
    qtbot.waitUntil(lambda: "progressed" in sent)
    start_s = time.monotonic()
    with qtbot.waitSignal(job.finished):
        job.cancel()
        assert job.state is JobState.CANCELLING
    assert time.monotonic() - start_s < 1
    assert sent[-2:] == ["cancelled", "finished"]


def test_that_a_waiting_job_is_cancelled_at_once(qtbot: QtBot, jobs: Jobs) -> None:
    running, waiting = jobs.start(endless), jobs.start(add, 1, 1)
    sent = record(waiting)
    waiting.cancel()
    assert sent == ["cancelled", "finished"]
    with qtbot.waitSignal(jobs.became_idle):
        running.cancel()


def test_that_jobs_run_in_turn(qtbot: QtBot, jobs: Jobs) -> None:
    running = 0
    most = 0

    def work(report: Report) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.005)
        running -= 1

    with qtbot.waitSignal(jobs.became_idle):
        for _ in range(5):
            jobs.start(work)
    assert most == 1


def test_that_reports_come_at_most_about_twenty_times_a_second(qtbot: QtBot, jobs: Jobs) -> None:
    def work(report: Report) -> None:
        end_s = time.monotonic() + 0.3
        while time.monotonic() < end_s:
            report(Progress(0, 0))

    job = jobs.start(work)
    sent = record(job)
    with qtbot.waitSignal(job.finished):
        pass
    assert 2 <= sent.count("progressed") <= 8


def test_that_closing_cancels_and_waits(qtbot: QtBot) -> None:
    jobs = Jobs("test")
    jobs.start(endless)
    jobs.start(endless)
    jobs.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "test"]
