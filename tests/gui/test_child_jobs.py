"""Long jobs as child processes: a small program stands for the command line."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from atomsegnet.gui import child_job
from atomsegnet.gui.child_job import ChildJob
from atomsegnet.gui.child_jobs import ChildJobs
from atomsegnet.gui.job_records import ChildState, JobRecord, load_records
from atomsegnet.paths import user_jobs_file

# Speaks as the command line does: counts to the number it is given, from where it stopped before.
PROGRAM = """
import json, signal, sys, threading, time
from pathlib import Path
verb, mode, last, folder = sys.argv[1:5]
stop = threading.Event()
def listen():
    for line in sys.stdin:
        if line.strip() == "cancel" and mode != "deaf":
            stop.set()
if mode == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
threading.Thread(target=listen, daemon=True).start()
place = Path(folder, "place")
first = int(place.read_text()) if "--go-on" in sys.argv else 0
print("some warning", file=sys.stderr, flush=True)
for done in range(first, int(last) + 1):
    place.write_text(str(done))
    values = {"loss": 1 / (done + 1), "step": done, "validation loss": None}
    print(json.dumps({"event": "progress", "subject": "x", "done": done, "total": int(last),
                      "message": "training", "values": values}), flush=True)
    if stop.is_set():
        print(json.dumps({"event": "cancelled"}), flush=True)
        sys.exit(130)
    if mode == "fail":
        sys.exit("The flux is gone.")
    time.sleep(0.01)
print(json.dumps({"event": "result", "subject": "x", "output": folder}), flush=True)
"""
FOREVER = 10**6


@pytest.fixture
def _program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    monkeypatch.setattr(child_job, "program_command", lambda: [sys.executable, str(path)])


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[ChildJobs]:
    jobs = ChildJobs(user_jobs_file())
    yield jobs
    jobs.close()


@pytest.fixture
def record(tmp_path: Path, _program: None) -> Callable[..., JobRecord]:
    def make(mode: str = "count", last: int = FOREVER, **fields) -> JobRecord:
        folder = tmp_path / f"{mode}{last}"
        folder.mkdir(exist_ok=True)
        arguments = [mode, str(last), str(folder)]
        return JobRecord(
            verb="train",
            title=f"Count to {last}",
            arguments=arguments,
            resume_arguments=[*arguments, "--go-on"],
            folder=folder,
            begun_mark="place",
            **fields,
        )

    return make


def wait_for_progress(qtbot: QtBot, job: ChildJob) -> int:
    with qtbot.waitSignal(job.progressed, timeout=20_000):
        pass
    assert job.progress is not None
    return job.progress.done


def wait_for_state(qtbot: QtBot, job: ChildJob, state: ChildState) -> None:
    qtbot.waitUntil(lambda: job.state is state, timeout=20_000)


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_that_a_job_tells_its_progress_result_and_log(
    qtbot: QtBot, jobs: ChildJobs, record: Callable[..., JobRecord]
) -> None:
    job = jobs.add(record(last=3))
    seen: list[int] = []
    job.progressed.connect(lambda progress: seen.append(progress.done))
    wait_for_state(qtbot, job, ChildState.DONE)
    assert seen == [0, 1, 2, 3]
    assert job.record.result == {"output": str(job.record.folder)}
    assert list(job.log) == ["some warning"]
    assert not jobs.is_busy


def test_that_jobs_wait_for_their_turn(
    qtbot: QtBot, jobs: ChildJobs, record: Callable[..., JobRecord]
) -> None:
    first, second = jobs.add(record(last=2)), jobs.add(record(last=1))
    assert (first.state, second.state) == (ChildState.RUNNING, ChildState.QUEUED)
    with qtbot.waitSignal(jobs.became_idle, timeout=20_000):
        pass
    assert (first.state, second.state) == (ChildState.DONE, ChildState.DONE)


def test_that_a_paused_job_goes_on_where_it_was(
    qtbot: QtBot, jobs: ChildJobs, record: Callable[..., JobRecord]
) -> None:
    job = jobs.add(record())
    qtbot.waitUntil(lambda: job.progress is not None and job.progress.done >= 3, timeout=20_000)
    jobs.pause(job)
    assert job.state is ChildState.STOPPING
    wait_for_state(qtbot, job, ChildState.PAUSED)
    done = job.progress.done
    job.progress = None
    jobs.resume(job)
    assert wait_for_progress(qtbot, job) == done


def test_that_cancelling_ends_the_process(
    qtbot: QtBot, jobs: ChildJobs, record: Callable[..., JobRecord]
) -> None:
    running, waiting = jobs.add(record()), jobs.add(record(last=5))
    wait_for_progress(qtbot, running)
    process_id = running.process_id
    jobs.cancel(waiting)
    assert waiting.state is ChildState.CANCELLED
    started = time.monotonic()
    jobs.cancel(running)
    wait_for_state(qtbot, running, ChildState.CANCELLED)
    assert time.monotonic() - started < 3
    assert not is_alive(process_id)
    jobs.remove(running)
    assert jobs.jobs == [waiting]


@pytest.mark.skipif(os.name == "nt", reason="signals are of POSIX")
def test_that_a_child_that_does_not_listen_is_made_to_end(
    qtbot: QtBot,
    jobs: ChildJobs,
    record: Callable[..., JobRecord],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child_job, "_TERMINATE_AFTER_MS", 50)
    monkeypatch.setattr(child_job, "_KILL_AFTER_MS", 60)
    job = jobs.add(record("deaf"))
    wait_for_progress(qtbot, job)
    process_id = job.process_id
    jobs.cancel(job)
    wait_for_state(qtbot, job, ChildState.CANCELLED)
    assert not is_alive(process_id)


def test_that_a_failed_job_says_why_in_its_own_words(
    qtbot: QtBot, jobs: ChildJobs, record: Callable[..., JobRecord]
) -> None:
    job = jobs.add(record("fail"))
    wait_for_state(qtbot, job, ChildState.FAILED)
    assert job.record.message == "The flux is gone."


def test_that_a_program_that_is_not_there_is_told(
    qtbot: QtBot,
    jobs: ChildJobs,
    record: Callable[..., JobRecord],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    made = record()
    monkeypatch.setattr(child_job, "program_command", lambda: [str(tmp_path / "nothing")])
    job = jobs.add(made)
    wait_for_state(qtbot, job, ChildState.FAILED)
    assert "could not be started" in job.record.message


def test_that_jobs_come_back_paused_after_a_power_cut_and_go_on(
    qtbot: QtBot, record: Callable[..., JobRecord]
) -> None:
    before = ChildJobs(user_jobs_file())
    job = before.add(record())
    finished = before.add(record(last=1))
    qtbot.waitUntil(lambda: job.progress is not None and job.progress.done >= 3, timeout=20_000)
    noted = user_jobs_file().read_bytes()  # as it lies on the disk when the power fails
    before.close()
    user_jobs_file().write_bytes(noted)
    after = ChildJobs(user_jobs_file())
    try:
        assert [again.state for again in after.jobs] == [ChildState.PAUSED] * 2
        assert [again.record.title for again in after.jobs] == [
            job.record.title,
            finished.record.title,
        ]
        after.resume(after.jobs[0])
        assert wait_for_progress(qtbot, after.jobs[0]) >= 3
    finally:
        after.close()
    assert [again.state for again in load_records(user_jobs_file())] == [ChildState.PAUSED] * 2


def test_that_a_second_window_leaves_the_notes_of_the_first_alone(
    qtbot: QtBot, jobs: ChildJobs, record: Callable[..., JobRecord]
) -> None:
    jobs.add(record(last=0))
    second = ChildJobs(user_jobs_file())
    assert second.jobs == []
    second.add(record(last=1))
    with qtbot.waitSignal(second.became_idle, timeout=20_000):
        pass
    second.close()
    assert [noted.title for noted in load_records(user_jobs_file())] == ["Count to 0"]


@pytest.mark.parametrize("content", [b"", b"{", b'[{"verb": 1}]', b"\xff"])
def test_that_damaged_notes_are_no_jobs(qtbot: QtBot, content: bytes) -> None:
    user_jobs_file().parent.mkdir(parents=True)
    user_jobs_file().write_bytes(content)
    jobs = ChildJobs(user_jobs_file())
    assert jobs.jobs == []
    jobs.close()


INTERVAL_S = 0.3
CONFIG = f"""
task = "gaussian_map"
steps = 1000000
batch = 1
widths = [4, 8]
crop_px = 32
validation_images = 1
validate_every = 50
warm_up_steps = 1
checkpoint_seconds = {INTERVAL_S}
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are of POSIX")
def test_that_a_training_killed_ten_times_loses_at_most_one_checkpoint_each_time(
    qtbot: QtBot, jobs: ChildJobs, tmp_path: Path
) -> None:
    from safetensors import safe_open

    from atomsegnet.nn.checkpoint import FILE_NAME

    config, folder = tmp_path / "tiny.toml", tmp_path / "run"
    config.write_text(CONFIG)
    job = jobs.add(
        JobRecord(
            verb="train",
            title="Training",
            arguments=[str(config), "--output", str(folder), "--workers", "0"],
            resume_arguments=["--resume", str(folder), "--workers", "0"],
            folder=folder,
            begun_mark="settings.json",
        )
    )
    steps: list[tuple[float, int]] = []
    job.progressed.connect(
        lambda progress: (
            progress.message == "training"
            and steps.append((time.monotonic(), int(progress.values["step"])))
        )
    )
    kept = 0
    for number in range(10):
        steps.clear()
        # The moments are spread over more than one interval between checkpoints.
        qtbot.waitUntil(
            lambda: (
                job.state is ChildState.FAILED
                or (len(steps) > 1 and steps[-1][0] - steps[0][0] >= 0.13 * number)  # noqa: B023
            ),
            timeout=280_000,
        )
        assert job.state is ChildState.RUNNING, job.record.message
        assert steps[0][1] >= kept
        # What was done in the interval before the kill may be lost, and while a file was written:
        # no longer than from one report to the next.
        times = [when for when, _ in steps]
        slowest = max(later - sooner for sooner, later in itertools.pairwise(times))
        safe = time.monotonic() - INTERVAL_S - 2 * slowest
        kept = max([step for when, step in steps if when <= safe], default=steps[0][1]) - 1
        os.kill(job.process_id, signal.SIGKILL)
        wait_for_state(qtbot, job, ChildState.FAILED)
        assert job.record.message == "The process was ended from outside."
        for path in folder.glob("*.safetensors"):
            with safe_open(path, framework="np") as opened:
                assert opened.keys()
        jobs.resume(job)
    # On a busy disk each of the ten may have been killed while it wrote.
    qtbot.waitUntil(
        lambda: job.state is ChildState.RUNNING and (folder / FILE_NAME).is_file(), timeout=60_000
    )
    os.kill(job.process_id, signal.SIGKILL)
    wait_for_state(qtbot, job, ChildState.FAILED)
