"""What the command line says: results and JSON lines on stdout, messages and bars on stderr.

With ``--progress json`` each line on stdout is an object whose "event" is one of

- "progress": "subject", "done", "total" (0 if unknown), "message" and "values", at most 20 a second
- "note": "subject" and "message", something the user should know
- "result": "subject" and what the verb found or where it wrote it
- "failed": "subject" and "message"; the other subjects are done all the same
- "cancelled": the last line, after "cancel" on stdin or an interruption
"""

from __future__ import annotations

import json
import math
import os
import sys
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from atomsegnet.core.progress import Cancelled, Progress

SHORTEST_INTERVAL_S = 0.05  # twenty lines a second are as many as anyone can follow
POLL_S = 0.1  # how soon "cancel" is noticed, and how long leaving takes


def say(message: str) -> None:
    """Print a message on stderr."""
    print(message, file=sys.stderr, flush=True)


def as_sentence(error: BaseException) -> str:
    """Return what happened as one line, without a traceback."""
    if isinstance(error, MemoryError):
        return "There is not enough memory."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'the output'}: {error.strerror}."
    return " ".join(str(error).split()) or type(error).__name__


def _finite(values: Mapping[str, float]) -> dict[str, float | None]:
    """Replace what JSON has no number for, such as the loss before the first step, by null."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


class Reporter:
    """Shows progress and results in the way that ``--progress`` names; used as a context.

    Parameters
    ----------
    mode : str
        "auto", "json" or "none".
    """

    def __init__(self, mode: str) -> None:
        self._json = mode == "json"
        self._bar_wanted = mode == "auto" and sys.stderr is not None and sys.stderr.isatty()
        self._bar: Any = None
        self._subject = ""
        self._last = 0.0
        self._cancel = CancelLine() if self._json else None

    def __enter__(self) -> Self:
        """Begin to listen for "cancel"."""
        if self._cancel is not None:
            self._cancel.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening; tell a reader of JSON lines that the work was cancelled."""
        self._close_bar()
        if self._cancel is not None:
            self._cancel.stop()
        if isinstance(error, Cancelled | KeyboardInterrupt):
            self._write({"event": "cancelled"})

    def begin(self, subject: str) -> None:
        """Name what the following reports are about."""
        self._close_bar()
        self._subject = subject
        self._last = 0.0

    def report(self, progress: Progress) -> None:
        """Show a report.

        Raises
        ------
        Cancelled
            "cancel" was read on stdin.
        """
        if self._cancel is not None and self._cancel.is_set:
            raise Cancelled
        now = time.monotonic()
        is_last = progress.total > 0 and progress.done >= progress.total
        if now - self._last < SHORTEST_INTERVAL_S and not is_last:
            return
        self._last = now
        if self._json:
            self._write(
                {
                    "event": "progress",
                    "subject": self._subject,
                    "done": progress.done,
                    "total": progress.total,
                    "message": progress.message,
                    "values": _finite(progress.values),
                }
            )
        elif self._bar_wanted:
            self._move_bar(progress)

    def note(self, message: str) -> None:
        """Show something that the user should know."""
        self._close_bar()
        self._write({"event": "note", "subject": self._subject, "message": message})
        say(f"{self._subject}: {message}")

    def result(self, text: str, **values: Any) -> None:
        """Show a result: as text, or with its values as a JSON line; "subject" is one of them."""
        self._close_bar()
        if self._json:
            self._write({"event": "result", "subject": self._subject, **values})
        else:
            print(text, flush=True)

    def failed(self, message: str, subject: str | None = None) -> None:
        """Show that the subject, or another one, could not be worked on."""
        self._close_bar()
        about = self._subject if subject is None else subject
        self._write({"event": "failed", "subject": about, "message": message})
        say(message)

    def _write(self, values: dict[str, Any]) -> None:
        if self._json:
            print(json.dumps(values, default=str), flush=True)

    def _move_bar(self, progress: Progress) -> None:
        from tqdm import tqdm

        if self._bar is None:
            tqdm.monitor_interval = 0  # no thread of its own
            self._bar = tqdm(desc=self._subject, leave=False, file=sys.stderr, dynamic_ncols=True)
        self._bar.total = progress.total or None
        self._bar.n = progress.done
        figures = ", ".join(f"{name} {value:.4g}" for name, value in progress.values.items())
        self._bar.set_postfix_str(" ".join(filter(None, (progress.message, figures))))

    def _close_bar(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class CancelLine:
    """Listens for a line "cancel" on stdin, in a thread of its own."""

    def __init__(self) -> None:
        self._found = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_set(self) -> bool:
        """Whether the line has come."""
        return self._found.is_set()

    def start(self) -> None:
        """Begin to listen, if there is a stdin."""
        try:
            descriptor = sys.stdin.fileno()
        except (AttributeError, OSError, ValueError):  # none, or one that is no real file
            return
        self._thread = threading.Thread(target=self._listen, args=(descriptor,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and wait for the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _listen(self, descriptor: int) -> None:
        text = b""
        while not self._stopping.is_set():
            if not _has_input(descriptor):
                continue
            # Not sys.stdin, whose lock would be held when the interpreter ends.
            piece = os.read(descriptor, 1024)
            if not piece:
                return
            text += piece
            *lines, text = text.split(b"\n")
            if any(line.strip() == b"cancel" for line in lines):
                self._found.set()
                return


if sys.platform == "win32":
    import ctypes
    import msvcrt

    def _has_input(descriptor: int) -> bool:
        # A pending read of a pipe keeps Windows from loading libraries: the pipe is looked at only.
        available = ctypes.c_ulong()
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(descriptor))
        peek = ctypes.windll.kernel32.PeekNamedPipe
        if peek(handle, None, 0, None, ctypes.byref(available), None) and not available.value:
            time.sleep(POLL_S)
            return False
        return True

else:
    import select

    def _has_input(descriptor: int) -> bool:
        """Wait a moment for input; return whether a read would not block."""
        return bool(select.select([descriptor], [], [], POLL_S)[0])
