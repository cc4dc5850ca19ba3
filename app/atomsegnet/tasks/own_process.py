"""Run the program's own command line in a child process and listen to it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import IO

from atomsegnet import paths

# A busy microscope PC may take minutes to load torch from a cold disk; a hang takes forever.
_TIMEOUT_S = 900.0
_DRAIN_TIMEOUT_S = 5.0


class SelfTestError(Exception):
    """What a step of the self-test found that should not be."""


def run_own(*arguments: str) -> str:
    """Run a verb of this program in a child process and return its standard output.

    Where there is no display, a window of the child is offscreen.

    Raises
    ------
    SelfTestError
        It ended with another exit code than 0.
    subprocess.TimeoutExpired
        It did not end within a quarter of an hour.
    """
    process = subprocess.Popen(
        [*paths.program_command(), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_child_environment(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    output, errors = _Drain(process.stdout), _Drain(process.stderr)
    try:
        code = process.wait(_TIMEOUT_S)
    finally:
        process.kill()
        process.wait()
    if code != 0:
        raise SelfTestError(f"the child ended with code {code}: {errors.text()[-1000:]}")
    return output.text()


class _Drain:
    """Reads a pipe as it fills, but waits for the child and not for the end of the pipe.

    What a child starts in its turn, a service of the desktop say, may keep the pipe open for ever.
    """

    def __init__(self, pipe: IO[bytes] | None) -> None:
        self._pieces: list[bytes] = []
        self._thread = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self._thread.start()

    def text(self) -> str:
        """Return what came until the child ended."""
        self._thread.join(_DRAIN_TIMEOUT_S)
        return b"".join(self._pieces).decode("utf-8", errors="replace")

    def _read(self, pipe: IO[bytes] | None) -> None:
        if pipe is not None:
            with pipe:
                self._pieces.extend(iter(pipe.readline, b""))


def _child_environment() -> dict[str, str]:
    environment = dict(os.environ)
    if not has_display():
        environment["QT_QPA_PLATFORM"] = "offscreen"
    return environment


def has_display() -> bool:
    """Whether a window of a child will be on a screen, or on the platform that the user named."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
