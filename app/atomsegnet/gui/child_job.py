"""One long job in a child process: the program's own command line, JSON lines out."""

from __future__ import annotations

import json
import time
from collections import deque
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

from atomsegnet.core.progress import Progress
from atomsegnet.gui.job_records import ChildState, JobRecord
from atomsegnet.paths import program_command

# A child that does not answer "cancel" is told to end after this long, and then made to.
_TERMINATE_AFTER_MS = 5000
_KILL_AFTER_MS = 3000
_LOG_LINES = 400
# An estimate from the very first steps would jump about.
_EARLIEST_ESTIMATE_S = 3.0


class _Beginning(NamedTuple):
    """When a part of the work began, and how much was done then."""

    message: str
    since_s: float
    done: int


class ChildJob(QObject):
    """One long job; its process is a child of the window while it runs."""

    changed = Signal()
    progressed = Signal(object)
    event_came = Signal(object)
    logged = Signal(str)
    ended = Signal()

    def __init__(self, record: JobRecord, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.record = record
        self.progress: Progress | None = None
        self.log: deque[str] = deque(maxlen=_LOG_LINES)
        self._process: QProcess | None = None
        self._wanted = ChildState.CANCELLED
        self._has_spoken = False
        self._first: _Beginning | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._on_patience_over)

    @property
    def state(self) -> ChildState:
        """Where it stands."""
        return self.record.state

    @property
    def process_id(self) -> int | None:
        """Identity of the process; None while there is none."""
        return int(self._process.processId()) if self._process is not None else None

    def seconds_left(self) -> float | None:
        """Estimate how long the job still takes [s]; None as long as nobody knows."""
        progress = self.progress
        if self.state is not ChildState.RUNNING or progress is None or self._first is None:
            return None
        elapsed_s = time.monotonic() - self._first.since_s
        done = progress.done - self._first.done
        if not progress.total or done <= 0 or elapsed_s < _EARLIEST_ESTIMATE_S:
            return None
        return max(0.0, elapsed_s * (progress.total - progress.done) / done)

    def start(self) -> None:
        """Start the process, or go on with the work of an earlier one."""
        program, *before = program_command()
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONIOENCODING", "utf-8")
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(self._on_output)
        process.readyReadStandardError.connect(self._on_error_output)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        self._has_spoken = False
        self._first = None
        self.set_state(ChildState.RUNNING, "")
        process.start(program, [*before, *self.record.command(), "--progress", "json"])

    def stop(self, wanted: ChildState) -> None:
        """Ask the process to end and be paused or cancelled then."""
        self._wanted = wanted
        if self._process is None or self.state is not ChildState.RUNNING:
            return
        self.set_state(ChildState.STOPPING, "")
        self._process.write(b"cancel\n")
        if self._has_spoken:
            self._patience.start(_TERMINATE_AFTER_MS)
        else:
            # It is still loading, has nothing to save and would not listen.
            self._process.terminate()
            self._patience.start(_KILL_AFTER_MS)

    def wait(self) -> None:
        """Wait for the process to end, however it must be made to."""
        process = self._process
        if process is not None and not process.waitForFinished(_TERMINATE_AFTER_MS):
            process.kill()
            process.waitForFinished(_KILL_AFTER_MS)

    def set_state(self, state: ChildState, message: str | None = None) -> None:
        """Note how the job stands."""
        self.record.state = state
        if message is not None:
            self.record.message = message
        self.changed.emit()

    @Slot()
    def _on_patience_over(self) -> None:
        process = self._process
        if process is None:
            return
        if self._patience.interval() == _TERMINATE_AFTER_MS:
            process.terminate()
            self._patience.start(_KILL_AFTER_MS)
        else:
            process.kill()

    @Slot()
    def _on_output(self) -> None:
        while self._process is not None and self._process.canReadLine():
            line = bytes(self._process.readLine().data()).decode("utf-8", "replace").strip()
            try:
                event = json.loads(line)
            except ValueError:
                self._note(line)
                continue
            self._has_spoken = True
            if isinstance(event, dict):
                self._take(event)

    def _take(self, event: dict[str, Any]) -> None:
        kind = event.get("event")
        if kind == "progress":
            values = {k: float(v) for k, v in event["values"].items() if v is not None}
            self.progress = Progress(event["done"], event["total"], event["message"], values)
            if self._first is None or self._first.message != self.progress.message:
                self._first = _Beginning(
                    self.progress.message, time.monotonic(), self.progress.done
                )
            self.progressed.emit(self.progress)
        elif kind == "result":
            self.record.result |= {k: v for k, v in event.items() if k not in ("event", "subject")}
        self.event_came.emit(event)

    @Slot()
    def _on_error_output(self) -> None:
        if self._process is None:
            return
        # Only whole lines: what is cut here comes with the next call, or at the end.
        self._process.setReadChannel(QProcess.ProcessChannel.StandardError)
        while self._process.canReadLine():
            line = bytes(self._process.readLine().data())
            self._note(line.decode("utf-8", "replace").rstrip())
        self._process.setReadChannel(QProcess.ProcessChannel.StandardOutput)

    def _note(self, line: str) -> None:
        if line:
            self.log.append(line)
            self.logged.emit(line)

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            self._end(ChildState.FAILED, f"It could not be started: {self._process.errorString()}")

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._on_output()
        self._on_error_output()
        if self._process is not None:
            rest = bytes(self._process.readAllStandardError().data())
            self._note(rest.decode("utf-8", "replace").strip())
        if code == 0 and status is QProcess.ExitStatus.NormalExit:
            self._end(ChildState.DONE, "")
        elif self.record.result.get("failures") and self.state is ChildState.RUNNING:
            # The work went on to its end; what failed is listed.
            self._end(ChildState.DONE, f"{self.record.result['failures']} failed.")
        elif self.state is ChildState.STOPPING:
            self._end(self._wanted, "")
        elif status is QProcess.ExitStatus.CrashExit:
            self._end(ChildState.FAILED, "The process was ended from outside.")
        else:
            self._end(ChildState.FAILED, self.log[-1] if self.log else f"Exit code {code}.")

    def _end(self, state: ChildState, message: str) -> None:
        self._patience.stop()
        if self._process is not None:
            self._process.deleteLater()
            self._process = None
        self.set_state(state, message)
        self.ended.emit()
