from __future__ import annotations

import contextlib
import stat
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from atomsegnet.io.safe_write import safely_written

# Not pathlib: an interrupt inside write_text leaves its file to the collector, which complains.
WATCHED = ("safe_write.py", "contextlib.py", "tempfile.py")


def interrupt_at_line(number: int) -> Any:
    """Return a trace function that interrupts at the line with that number of those that run."""
    seen = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal seen
        if not frame.f_code.co_filename.endswith(WATCHED):
            return None
        if event == "line":
            seen += 1
            if seen == number:
                raise KeyboardInterrupt
        return trace

    return trace


def write(path: Path) -> None:
    with safely_written(path, overwrite=True) as temporary:
        temporary.write_text("new", encoding="utf-8")


def test_that_an_interrupt_at_any_moment_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for number in range(1, 1000):
        path.write_text("old", encoding="utf-8")
        sys.settrace(interrupt_at_line(number))
        try:
            write(path)
        except KeyboardInterrupt:
            is_done = False
        else:
            is_done = True
        finally:
            sys.settrace(None)
        assert list(tmp_path.iterdir()) == [path], number
        assert path.read_text(encoding="utf-8") in ("old", "new")
        if is_done:
            break
    assert is_done
    assert number > 10


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are of POSIX")
def test_that_a_result_has_the_usual_permissions(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.touch()
    write(tmp_path / "a.csv")
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)


def test_that_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with contextlib.suppress(RuntimeError), safely_written(tmp_path / "a.csv") as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
