"""Measure how fast the window starts, answers, draws and stops, and write docs/results_window.md.

    xvfb-run -a -s "-screen 0 1920x1200x24" python build_scripts/window_speed.py [FILE]

All times are by the clock, with the program's own models on a simulated 4096 x 4096 image of 19881
columns; so nothing else should run meanwhile. The tests measure the same by the processor's time
(tests/gui/test_responsive.py), which other work on the machine does not lengthen.
"""

from __future__ import annotations

import datetime
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import tifffile
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from scipy.ndimage import gaussian_filter

from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.application import make_application
from atomsegnet.gui.job_records import ChildState, JobRecord
from atomsegnet.gui.jobs import Job
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.view_state import Region
from result_rows import Row, processor, table
from window_pictures import drop, is_idle, wait_until

PAGE = Path(__file__).resolve().parents[1] / "docs" / "results_window.md"
SIDE, PITCH, SIGMA_PX, PIXEL_NM = 4096, 29, 3.0, 0.01
STARTS, FRAMES = 5, 90
BEAT_MS = 2
START_BAR_S, BLOCK_BAR_MS, FRAMES_BAR, CANCEL_BAR_S, TRAINING_BAR_S = 2.0, 100, 30, 1.0, 3.0
# When a run is cancelled after its start [s]: while the model is loaded, on its first tiles, later.
INFERENCE_CANCELLED_AFTER_S = (0.2, 0.6, 1.2, 2.0, 3.0)

# What `python -m atomsegnet --fresh` does; it tells when the window was painted and has its turn.
START = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from atomsegnet.gui import start
class Painted(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, watched, lambda: tell(watched.window()))
        return False
def tell(window):
    print(time.monotonic(), "torch" in sys.modules, flush=True)
    window.close()
class Told(start.MainWindow):
    def show(self):
        self.painted = Painted()
        self.middle.empty.installEventFilter(self.painted)
        super().show()
start.MainWindow = Told
sys.argv = ["atomsegnet", "--fresh"]
from atomsegnet.__main__ import main
main()
"""


class Heart:
    """Beats in the main thread, and keeps the longest time that passed between two beats.

    Attributes
    ----------
    longest_s, used_s : float
        That time [s], and how much of it the main thread itself computed.
    """

    def __init__(self, window: MainWindow) -> None:
        self._timer = QTimer(window)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)
        self.begin()

    def begin(self) -> None:
        """Forget what was before."""
        self._last_s, self._last_used_s = time.monotonic(), time.thread_time()
        self.longest_s = self.used_s = 0.0

    def _beat(self) -> None:
        now_s, now_used_s = time.monotonic(), time.thread_time()
        if now_s - self._last_s > self.longest_s:
            self.longest_s, self.used_s = now_s - self._last_s, now_used_s - self._last_used_s
        self._last_s, self._last_used_s = now_s, now_used_s


def starts() -> Row:
    """Time the start of the program until its window is painted."""
    seconds, loaded = [], set()
    for _ in range(STARTS):
        started_s = time.monotonic()
        told = subprocess.run(
            [sys.executable, "-c", START], capture_output=True, text=True, check=True
        ).stdout.split()
        seconds.append(float(told[0]) - started_s)
        loaded.add(told[1])
    measured = f"{statistics.median(seconds):.2f} s, the slowest {max(seconds):.2f} s"
    return Row(
        f"Start to a painted window with its turn, {STARTS} times",
        f"under {START_BAR_S:g} s, torch not loaded",
        measured + (", torch not loaded" if loaded == {"False"} else ", TORCH LOADED"),
        max(seconds) < START_BAR_S and loaded == {"False"},
    )


def write_large_image(path: Path) -> None:
    """Write an image of 19881 columns, with counting noise and its pixel size."""
    image = np.zeros((SIDE, SIDE), dtype=np.float32)
    centers = np.arange(PITCH // 2, SIDE - PITCH // 2, PITCH)
    image[np.ix_(centers, centers)] = 2 * np.pi * SIGMA_PX**2
    counts = 20 + 150 * gaussian_filter(image, SIGMA_PX, truncate=4)
    noisy = np.random.default_rng(0).poisson(counts).astype(np.float32)
    scale = (1 / PIXEL_NM, 1 / PIXEL_NM)
    tifffile.imwrite(path, noisy, imagej=True, resolution=scale, metadata={"unit": "nm"})


def steps(window: MainWindow, image: Path, folder: Path) -> Iterator[tuple[str, Callable]]:
    """Yield each step of the work on the large image."""
    whole = Region(0, SIDE, 0, SIDE)
    yield "opening", lambda: drop(window, image)
    yield "restoring (denoise), torch loaded meanwhile", lambda: restore(window, "denoise")
    yield "locating", window.right.locate.locate.click
    yield "exporting CSV", lambda: window.exports.export_columns(folder / "columns.csv")
    yield "exporting TIFF", lambda: window.exports.export_image(folder / "image.tif")
    yield "exporting a figure", lambda: window.exports.export_figure(folder / "figure.png", whole)
    yield "exporting four panels", lambda: window.exports.export_panels(folder / "four.png", whole)


def restore(window: MainWindow, model: str) -> Job:
    """Press Restore for a model."""
    job = window.runs.restore(model, model)
    assert job is not None
    return job


def blocks(window: MainWindow, heart: Heart, image: Path, folder: Path) -> list[Row]:
    """Time the longest block of the event loop in each step on the large image."""
    rows = []
    for name, begin in steps(window, image, folder):
        heart.begin()
        started_s = time.monotonic()
        begin()
        wait_until(lambda: window.workspace.document is not None)
        wait_for(0.3)
        wait_until(lambda: is_idle(window))
        longest_ms, used_ms = 1000 * heart.longest_s, 1000 * heart.used_s
        lasted_s = time.monotonic() - started_s
        rows.append(
            Row(
                f"Longest block while {name}",
                f"under {BLOCK_BAR_MS} ms",
                f"{longest_ms:.0f} ms, {used_ms:.0f} ms of them computing (in {lasted_s:.1f} s)",
                longest_ms < BLOCK_BAR_MS,
            )
        )
        print(rows[-1].markdown(), flush=True)
    count = len(window.workspace.document.located.columns)
    assert count > 19_000, f"only {count} columns were located"
    return rows


def wait_for(seconds: float) -> None:
    """Let the event loop run for a while."""
    until_s = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > until_s)


def frames(window: MainWindow) -> list[Row]:
    """Time panning by drags and zooming by the wheel, with all columns of the view drawn."""
    view = window.middle.view
    viewport = view.graphics.viewport()
    pg.setConfigOption("mouseRateLimit", 0)
    middle = QPoint(viewport.width() // 2, viewport.height() // 2)
    rows = []
    for name, factor in (("the whole image", 1.0), ("a quarter of its side", 4.0)):
        view.fit()
        view.zoom(factor)
        settle()
        _mouse(viewport, QEvent.Type.MouseButtonPress, middle)
        places = [
            middle + QPoint(round(60 * np.sin(n / 9)), round(40 * np.cos(n / 9)))
            for n in range(FRAMES)
        ]
        moves = [lambda at=at: _mouse(viewport, QEvent.Type.MouseMove, at) for at in places]
        rows.append(_frames_row(f"Pan, seen is {name}", moves))
        _mouse(viewport, QEvent.Type.MouseButtonRelease, places[-1])
    view.fit()
    settle()
    turns = [120 if n % 30 < 15 else -120 for n in range(FRAMES)]
    wheel = [lambda turn=turn: _wheel(viewport, middle, turn) for turn in turns]
    rows.append(_frames_row("Zoom by the wheel, in and out", wheel))
    view.fit()
    return rows


def _frames_row(name: str, moves: list[Callable[[], None]]) -> Row:
    times = []
    for move in moves:
        started_s = time.monotonic()
        move()
        settle()
        times.append(time.monotonic() - started_s)
    rate, slowest_ms = len(times) / sum(times), 1000 * max(times)
    row = Row(
        name,
        f"at least {FRAMES_BAR} frames/s",
        f"{rate:.0f} frames/s, the slowest frame {slowest_ms:.0f} ms",
        rate >= FRAMES_BAR,
    )
    print(row.markdown(), flush=True)
    return row


def settle() -> None:
    """Draw what is to be drawn, and let the screen have it."""
    QCoreApplication.processEvents()
    QGuiApplication.sync()


def _mouse(viewport, kind: QEvent.Type, at: QPoint) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind is QEvent.Type.MouseMove else left
    held = none if kind is QEvent.Type.MouseButtonRelease else left
    place = QPointF(at), QPointF(viewport.mapToGlobal(at))
    event = QMouseEvent(kind, *place, button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(viewport, event)


def _wheel(viewport, at: QPoint, turn: int) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(viewport.mapToGlobal(at)),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


def cancelled_inference(window: MainWindow) -> Row:
    """Time from Escape to the end of a run, at several moments of it."""
    document = window.workspace.document
    kept = [layer.name for layer in document.layers], len(document.located.columns)
    answers = []
    for after_s in INFERENCE_CANCELLED_AFTER_S:
        job = restore(window, "super_resolution")
        ended: list[float] = []
        job.finished.connect(lambda: ended.append(time.monotonic()))  # noqa: B023
        wait_for(after_s)
        assert not ended, "the run was over before it was cancelled"
        asked_s = time.monotonic()
        window.jobs.cancel_all()
        wait_until(lambda: bool(ended))  # noqa: B023
        answers.append(ended[0] - asked_s)
    is_kept = kept == ([layer.name for layer in document.layers], len(document.located.columns))
    return Row(
        f"Cancel of inference, at {len(answers)} moments of a run",
        f"within {CANCEL_BAR_S:g} s, earlier result kept",
        f"{max(answers):.2f} s at most" + (", kept" if is_kept else ", LOST"),
        max(answers) < CANCEL_BAR_S and is_kept,
    )


def cancelled_training(window: MainWindow, folder: Path) -> Row:
    """Time from Cancel to the end of a retraining: while it loads, prepares and trains."""
    answers, left = [], 0
    for number, moment in enumerate(("", "simulating the validation set", "training", "training")):
        run = folder / f"run_{number}"
        record = JobRecord(
            verb="train",
            title="Retrain",
            arguments=[
                "--from", "gaussian_map", "--name", "mine", "--material", "Si", "--zone", "1,1,0",
                "--minutes", "10", "--output", str(run),
            ],
            folder=run,
        )  # fmt: skip
        job = window.long_jobs.start(record)
        wait_until(
            lambda: (
                not moment  # noqa: B023
                or (job.progress is not None and job.progress.message == moment)  # noqa: B023
            )
        )
        wait_for(0.5 if number < 3 else 4.0)
        processes = _descendants()
        asked_s = time.monotonic()
        window.child_jobs.cancel(job)
        wait_until(lambda: job.state is ChildState.CANCELLED)  # noqa: B023
        answers.append(time.monotonic() - asked_s)
        wait_for(0.5)
        left += sum(map(_is_running, processes))
    return Row(
        "Cancel of training: loading, preparing, twice training",
        f"within {TRAINING_BAR_S:g} s, no process left",
        f"{max(answers):.2f} s at most, {left or 'no'} process left",
        max(answers) < TRAINING_BAR_S and not left,
    )


def _is_running(process: int) -> bool:
    """Return whether a process is there, and not only its exit status (on Linux)."""
    try:
        stat = Path("/proc", str(process), "stat").read_text()
    except OSError:
        return False
    return stat.rpartition(") ")[2][0] != "Z"


def _descendants() -> set[int]:
    """Return the children of this process, theirs, and so on (on Linux)."""
    found: set[int] = set()
    waiting = [os.getpid()]
    while waiting:
        for listing in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                children = [int(word) for word in listing.read_text().split()]
            except OSError:  # ended meanwhile
                continue
            waiting += children
            found.update(children)
    return found


def measured() -> list[Row]:
    """Measure everything."""
    rows = [starts()]
    print(rows[0].markdown(), flush=True)
    application = make_application()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            os.environ[variable] = name
        write_large_image(folder / "large.tif")
        window = MainWindow(WindowSettings(), folder / "window.json")
        window.show()
        settle()
        heart = Heart(window)
        rows += blocks(window, heart, folder / "large.tif", folder)
        rows += frames(window)
        for row in (cancelled_inference(window), cancelled_training(window, folder)):
            print(row.markdown(), flush=True)
            rows.append(row)
        window.close()
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return rows


def main(page: Path) -> None:
    """Measure everything and write the page."""
    before = os.getloadavg()[0]
    rows = measured()
    lines = [
        "# Speed of the window",
        "",
        f"Measured on {datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d} by",
        "`python build_scripts/window_speed.py` with the platform "
        f"`{QGuiApplication.platformName()}` (Xvfb, software",
        f"rendering), {os.cpu_count()} cores of a {processor()}. By the clock, on a 4096 x 4096",
        "image of 19881 columns with the program's own models. Other work on the machine at the",
        f"beginning and at the end (load average): {before:.1f} and {os.getloadavg()[0]:.1f}.",
        "",
        *table("", rows),
    ]
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE)
