"""What every test can rely on, and what every test is held to.

No window appears, no real settings are touched, and a test fails that logs a warning it did not
announce or leaves a thread or a child process behind.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# Both are read when Qt and torch are first imported, so they are set before any test module is.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "2")
# A shell starts what it puts in the background deaf to Ctrl-C, and children would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

TORCH_THREADS = 2
GRACE_S = 3.0  # how long a thread or a child may take to end after its test
USER_VARIABLES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
# Says that it builds its font cache, once on each machine, when that takes more than 5 s.
IGNORED_LOGGERS = ("matplotlib.font_manager",)
REPOSITORY = Path(__file__).resolve().parents[1]


class _Recorder(logging.Handler):
    """Keeps the records at WARNING and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        if record.name not in IGNORED_LOGGERS:
            self.records.append(record)


@pytest.fixture
def _expected_logs() -> list[str]:
    """Patterns of the log messages that this test announced."""
    return []


@pytest.fixture
def expect_log(_expected_logs: list[str]) -> Callable[[str], None]:
    """Return a function that announces a log message by a regular expression."""
    return _expected_logs.append


@pytest.fixture(autouse=True)
def _no_unexpected_log(_expected_logs: list[str]) -> Iterator[None]:
    """Fail a test that logs a warning it did not announce, or announces one that never comes."""
    recorder = _Recorder()
    logging.getLogger().addHandler(recorder)
    yield
    logging.getLogger().removeHandler(recorder)
    messages = [f"{record.name}: {record.getMessage()}" for record in recorder.records]
    for pattern in _expected_logs:
        assert any(re.search(pattern, text) for text in messages), f"never logged: {pattern}"
    unexpected = [
        text for text in messages if not any(re.search(item, text) for item in _expected_logs)
    ]
    assert not unexpected, f"logged without being announced: {unexpected}"


@pytest.fixture(autouse=True)
def user_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test, and the children it starts, empty user folders of its own."""
    home = tmp_path_factory.mktemp("user")
    for name in USER_VARIABLES:
        monkeypatch.setenv(name, str(home / name.lower()))
    return home


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    """Fail a test that leaves a thread or a child process behind; keep torch at two threads."""
    threads_before = set(threading.enumerate())
    children_before = _children()
    yield
    _restore_torch_threads()
    deadline = time.monotonic() + GRACE_S
    while left := _left_running(threads_before, children_before):
        if time.monotonic() > deadline:
            pytest.fail(f"left running: {', '.join(left)}")
        time.sleep(0.02)


def _left_running(threads_before: set[threading.Thread], children_before: set[str]) -> list[str]:
    threads = [
        f"thread {thread.name}"
        for thread in threading.enumerate()
        # Python's note of a QThread it once met stays; Qt itself reports one still running.
        if thread not in threads_before and not isinstance(thread, threading._DummyThread)
    ]
    return threads + [f"process {child}" for child in _children() - children_before]


def _children() -> set[str]:
    """Return "pid command line" of each child of this process; empty where there is no /proc."""
    children = set()
    for listing in Path("/proc/self/task").glob("*/children"):
        try:
            pids = listing.read_text().split()
        except OSError:  # the thread ended meanwhile
            continue
        for pid in pids:
            try:
                command = Path("/proc", pid, "cmdline").read_text().replace("\0", " ").strip()
            except OSError:
                continue
            # multiprocessing keeps this one until the interpreter ends
            if "multiprocessing.resource_tracker" not in command:
                children.add(f"{pid} {command}")
    return children


def _restore_torch_threads() -> None:
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() != TORCH_THREADS:
        torch.set_num_threads(TORCH_THREADS)


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real micrographs and format samples; skip where it is absent."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    return folder
