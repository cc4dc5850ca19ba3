"""How the program tells what it does while it works, and how it is stopped."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_inputs import TINY, Cli

from atomsegnet.cli import reporting
from atomsegnet.cli.reporting import Reporter
from atomsegnet.core.progress import Cancelled, Progress

SIMULATE = ["simulate", "--output", "made", "--size", "32", "--labels", "gaussianMask", "--count"]
MANY = "100000"
pytestmark = pytest.mark.usefixtures("workplace")


@pytest.fixture
def program(workplace: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a simulation that would take hours, in a session of its own, with JSON progress."""
    child = subprocess.Popen(
        [sys.executable, "-m", "atomsegnet", *SIMULATE, MANY, "--progress", "json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=workplace,
        start_new_session=True,
    )
    yield child
    child.kill()
    child.communicate()


def wait_for_progress(child: subprocess.Popen[str], done: int = 3) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        if json.loads(line).get("done", 0) >= done:
            return
    pytest.fail("the program ended")


def report_for_seconds() -> None:
    with Reporter("json") as reporter:
        for done in range(100):
            threading.Event().wait(0.05)
            reporter.report(Progress(done, 100))


def leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.startswith(".")]


def test_that_each_line_of_progress_is_a_json_object(cli: Cli) -> None:
    outcome = cli(*SIMULATE, 3, "--progress", "json")
    assert (outcome.code, outcome.err) == (0, "")
    *steps, last = [json.loads(line) for line in outcome.out.splitlines()]
    assert {step["event"] for step in steps} == {"progress"}
    assert (steps[-1]["done"], steps[-1]["total"]) == (3, 3)
    assert last["event"] == "result"
    assert last["output"] == "made"


def test_that_a_failure_is_a_json_object_and_a_sentence(cli: Cli) -> None:
    outcome = cli("info", "missing.tif", "--progress", "json")
    assert outcome.code == 1
    assert json.loads(outcome.out)["message"] == outcome.err.strip()


def test_that_no_bar_is_drawn_where_there_is_no_terminal(cli: Cli) -> None:
    outcome = cli(*SIMULATE, 2)
    assert outcome.out == "2 simulated micrographs -> made\n"
    assert outcome.err == ""


def test_that_a_terminal_gets_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    with Reporter("auto") as reporter:
        reporter.begin("image.dm4")
        reporter.report(Progress(1, 2, "running", {"loss": 0.25}))
        shown = terminal.getvalue()
    assert "image.dm4" in shown
    assert "1/2" in shown
    assert "running loss 0.25" in shown
    assert terminal.getvalue().endswith("\r")


def test_that_progress_is_told_at_most_twenty_times_a_second(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(reporting.time, "monotonic", lambda: now)
    with Reporter("json") as reporter:
        for done in range(1, 1001):
            now += 0.001
            reporter.report(Progress(done, 1000))
    lines = [json.loads(line)["done"] for line in capsys.readouterr().out.splitlines()]
    assert len(lines) <= 22
    assert lines[-1] == 1000


def test_that_json_gets_null_for_what_is_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    with Reporter("json") as reporter:
        reporter.report(Progress(0, 10, "training", {"loss": float("nan"), "rate": 0.5}))
    assert json.loads(capsys.readouterr().out)["values"] == {"loss": None, "rate": 0.5}


def test_that_the_line_cancel_stops_the_work(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, os.fdopen(writing, "w") as pipe:
        monkeypatch.setattr(sys, "stdin", stdin)
        pipe.write("cancel\n")
        pipe.flush()
        with pytest.raises(Cancelled):
            report_for_seconds()
    assert json.loads(capfd.readouterr().out.splitlines()[-1]) == {"event": "cancelled"}


def test_that_a_child_is_cancelled_by_a_line_on_its_stdin(
    program: subprocess.Popen[str], workplace: Path
) -> None:
    wait_for_progress(program)
    out, err = program.communicate("cancel\n", timeout=60)
    assert program.returncode == 130
    assert json.loads(out.splitlines()[-1]) == {"event": "cancelled"}
    assert err == "Interrupted.\n"
    assert leftovers(workplace) == []


@pytest.mark.skipif(os.name == "nt", reason="signals are of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_that_a_signal_ends_the_program_cleanly(
    program: subprocess.Popen[str], workplace: Path, number: int
) -> None:
    wait_for_progress(program)
    os.killpg(program.pid, number)
    _, err = program.communicate(timeout=60)
    assert program.returncode == 130
    assert err == "Interrupted.\n"
    assert leftovers(workplace) == []


@pytest.mark.usefixtures("tiny_model")
def test_that_cancelling_a_run_on_a_file_writes_nothing(
    cli: Cli, workplace: Path, micrograph_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancel(reporter: Reporter, progress: Progress) -> None:
        raise Cancelled

    monkeypatch.setattr(Reporter, "report", cancel)
    outcome = cli("locate", "--model", TINY, micrograph_file, "--overlay")
    assert outcome.code == 130
    assert list(workplace.iterdir()) == []
