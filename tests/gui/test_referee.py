"""What every window test is held to is noticed where it does not hold."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BAD_TESTS = """
import logging, subprocess, sys, threading
from PySide6.QtCore import QObject, QTimer, Signal, Slot, qWarning
kept = []

class Slipping(QObject):
    told = Signal()
    @Slot()
    def _on_told(self):
        raise ValueError("a slot slipped")

def test_slot(qapp):
    slipping = Slipping()
    slipping.told.connect(slipping._on_told)
    slipping.told.emit()

def test_slot_of_a_timer(qtbot):
    seen = []
    def slip():
        seen.append(1)
        raise ValueError("a slot slipped")
    QTimer.singleShot(0, slip)
    qtbot.waitUntil(lambda: bool(seen))

def test_timer(qapp):
    kept.append(QTimer())
    kept[-1].start(1000)

def test_thread():
    threading.Thread(target=threading.Event().wait, args=(8,)).start()

def test_child():
    kept.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(8)"]))

def test_log():
    logging.getLogger("atomsegnet").warning("not announced")

def test_message_of_qt(qapp):
    qWarning("not announced")

def test_nothing(qapp):
    pass
"""


@pytest.mark.slow
def test_that_what_a_test_leaves_behind_or_raises_in_a_slot_fails_it(
    tmp_path: Path, repository: Path
) -> None:
    folder = tmp_path / "gui"
    folder.mkdir()
    shutil.copy(repository / "tests" / "conftest.py", tmp_path)
    shutil.copy(repository / "tests" / "gui" / "conftest.py", folder)
    (folder / "test_bad.py").write_text(BAD_TESTS)
    run = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-c", str(repository / "pyproject.toml"),
            "-p", "no:cacheprovider", "-rA", "--tb=no", str(folder),
        ],
        capture_output=True, text=True, cwd=repository, check=False,
    )  # fmt: skip
    fates: dict[str, set[str]] = {}
    for fate, name in re.findall(r"^(PASSED|FAILED|ERROR) .*::test_(\w+)", run.stdout, re.M):
        fates.setdefault(name, set()).add(fate)
    bad = re.findall(r"def test_(\w+)", BAD_TESTS)
    assert fates.keys() == set(bad), run.stdout + run.stderr
    assert [name for name in bad if fates[name] == {"PASSED"}] == ["nothing"]
