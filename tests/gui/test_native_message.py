"""A window that cannot be opened says why, without Qt; and what it logs is kept."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from atomsegnet.gui import native_message
from atomsegnet.paths import user_log_folder

REASON = "libEGL.so.1: cannot open shared object file: No such file or directory"
# Qt's own error where a library of the system is missing.
WITHOUT_LIBRARY = f"""
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("PySide6"):
            raise ImportError({REASON!r})

sys.meta_path.insert(0, Blocked())
sys.argv = ["atomsegnet"]
from atomsegnet.__main__ import main
sys.exit(main())
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the dialogs are those of Linux")


def put_dialog(folder: Path, name: str) -> Path:
    folder.mkdir()
    shown = folder / "shown.txt"
    program = folder / name
    program.write_text(f'#!/bin/sh\necho "$@" > "{shown}"\n', encoding="utf-8")
    program.chmod(0o755)
    return shown


@pytest.mark.parametrize("program", ["zenity", "kdialog", "xmessage", "notify-send"])
def test_that_any_dialog_of_the_system_shows_the_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    shown = put_dialog(tmp_path / "bin", program)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert native_message.show_native_message("one sentence")
    assert "one sentence" in shown.read_text(encoding="utf-8")


def test_that_no_line_of_a_dialog_that_does_not_wrap_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = put_dialog(tmp_path / "bin", "xmessage")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    sentence = native_message.explanation(REASON)
    assert native_message.show_native_message(sentence)
    words = shown.read_text(encoding="utf-8")
    assert "libEGL.so.1" in words
    assert all(len(line) <= 80 for line in words.splitlines()[1:])
    assert " ".join(words.split()).endswith(sentence)


def test_that_a_frozen_program_names_the_library_and_not_its_own_plugin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Frozen(ctypes.CDLL):
        """As PyInstaller puts it in place of the class of ctypes."""

        def __init__(self, name: str) -> None:
            try:
                super().__init__("libnowhere.so.7")
            except OSError as reason:
                raise OSError(f"Failed to load dynlib/dll {name!r}.") from reason

    monkeypatch.setattr(ctypes, "CDLL", Frozen)
    reason = native_message.missing_library()
    assert reason is not None
    assert reason.startswith("libnowhere.so.7: cannot open shared object file")


def test_that_it_is_told_where_there_is_no_dialog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not native_message.show_native_message("one sentence")


def test_that_a_damaged_installation_is_not_blamed_on_the_system() -> None:
    text = native_message.explanation("No module named 'numpy'")
    assert "this installation is damaged" in text
    assert "numpy" in text


def test_that_a_missing_library_is_named_with_its_package(tmp_path: Path) -> None:
    shown = put_dialog(tmp_path / "bin", "zenity")
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_LIBRARY], capture_output=True, text=True, env=environment
    )
    assert result.returncode == 1
    assert "libEGL.so.1" in result.stderr
    text = shown.read_text(encoding="utf-8")
    assert "libEGL.so.1" in text
    assert "the package libegl1" in text
    log = (user_log_folder() / "window.log").read_text(encoding="utf-8")
    assert "The window could not be loaded." in log
    assert "libEGL.so.1" in log
