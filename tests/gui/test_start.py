"""The window is there at once."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from atomsegnet.core.settings import Theme, WindowSettings, load_window_settings
from atomsegnet.gui import main_window, start
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.gui.start import run_window

LARGEST_START_S = 2.0
LONGEST_HOLD_S = 0.1
START = """
import sys, time
start_s = time.process_time()
from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.application import make_application
from atomsegnet.gui.main_window import MainWindow
application = make_application()
window = MainWindow(WindowSettings())
window.show()
application.processEvents()
assert window.isVisible()
print(time.process_time() - start_s)
print(*[name for name in ("torch", "ncempy", "skimage", "rsciio") if name in sys.modules])
window.close()
"""

# How long the worker computes between two beats of the main thread, while it holds Python's lock
# or the main thread has no turn: an upper limit of how long the window can be held up.
FIRST_MODEL = """
import threading, time
import numpy as np
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.application import make_application
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.tasks.process import process
application = make_application()
window = MainWindow(WindowSettings())
window.show()
image = np.random.default_rng(0).poisson(50, (128, 128)).astype(np.float32)
done, leave, threads = threading.Event(), threading.Event(), []
def task(report):
    threads.append(threading.get_ident())
    try:
        process(Micrograph(image), "denoise", rescale=1.0)
    finally:
        done.set()
        leave.wait()
job = window.jobs.start(task)
while not threads:
    application.processEvents()
clock = time.pthread_getcpuclockid(threads[0])
times = [0.0]
while not done.is_set():
    application.processEvents()
    time.sleep(0.001)
    times.append(time.clock_gettime(clock))
print(max(np.diff(times)))
leave.set()
while window.jobs.is_busy:
    application.processEvents()
window.close()
"""


def test_that_the_window_is_there_in_two_seconds_and_before_torch() -> None:
    def times() -> list[str]:
        run = [sys.executable, "-c", START]
        return subprocess.run(run, capture_output=True, text=True, check=True).stdout.split("\n")

    # Computing time: other work on the machine lengthens the time that passes at will.
    starts = [times() for _ in range(3)]
    assert {loaded for _, loaded, *_ in starts} == {""}
    assert min(float(seconds) for seconds, *_ in starts) < LARGEST_START_S


@pytest.mark.skipif(not hasattr(time, "pthread_getcpuclockid"), reason="measures by Linux clocks")
def test_that_loading_the_first_model_does_not_hold_up_the_window() -> None:
    def hold_s() -> float:
        run = [sys.executable, "-c", FIRST_MODEL]
        return float(subprocess.run(run, capture_output=True, text=True, check=True).stdout)

    # Other work on the machine may take the main thread's turns, hardly three times.
    assert min(hold_s() for _ in range(3)) < LONGEST_HOLD_S


def test_that_an_empty_window_says_what_to_do(window: MainWindow) -> None:
    empty = window.middle.empty
    assert window.middle.stack.currentWidget() is empty
    assert empty.open.isVisible()
    assert not window.right.locate.locate.isEnabled()
    assert not window.right.restore.run.isEnabled()
    assert not window.right.export.csv.isEnabled()


@pytest.fixture
def closed_at_once(monkeypatch: pytest.MonkeyPatch) -> list[MainWindow]:
    """Let run_window end as if the user closed the window after a moment."""
    opened: list[MainWindow] = []

    class Closing(MainWindow):
        def show(self) -> None:
            super().show()
            opened.append(self)

    class Application:
        def __init__(self, application) -> None:
            self.application = application

        def exec(self) -> int:
            window = opened[-1]
            while window.reading.is_busy:
                self.application.processEvents()
            window.close()
            return 0

    real = start.make_application
    monkeypatch.setattr(start, "MainWindow", Closing)
    monkeypatch.setattr(start, "make_application", lambda: Application(real()))
    return opened


def test_that_files_of_the_command_line_are_open(qapp, closed_at_once, write_image) -> None:
    path = write_image()
    assert run_window([path]) == 0
    assert closed_at_once[0].workspace.document.key.path == path


def test_that_a_sample_is_open_when_asked_for(
    qapp, closed_at_once, write_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_image("si_110.tif")
    for module in (start, main_window):
        monkeypatch.setattr(module, "sample_micrographs", lambda: [path])
    run_window([], sample=True)
    window = closed_at_once[0]
    assert window.workspace.document.key.path == path
    assert [button.text() for button in window.middle.empty.samples] == ["si 110"]


def test_that_a_fresh_start_neither_reads_nor_changes_the_settings(
    qapp, closed_at_once, write_image, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(start, "user_settings_folder", lambda: tmp_path)
    run_window([write_image()])
    stored = tmp_path / "window.json"
    before = stored.read_bytes()
    assert load_window_settings(stored).recent_files
    run_window([], fresh=True)
    assert closed_at_once[1].settings.recent_files == []
    assert stored.read_bytes() == before


def test_that_size_and_choices_return_at_the_next_start(qtbot, tmp_path: Path) -> None:
    path = tmp_path / "window.json"
    first = MainWindow(WindowSettings(), path)
    qtbot.addWidget(first)
    first.show()
    first.resize(1200, 700)
    first.right.restore.model.setCurrentIndex(3)
    first.menus.themes.actions()[2].trigger()
    first.close()
    settings = load_window_settings(path)
    assert settings.theme is Theme.DARK
    second = MainWindow(settings, path)
    qtbot.addWidget(second)
    second.show()
    # The screen of the offscreen platform is not wide enough to compare the width.
    assert second.height() == 700
    assert second.right.restore.model.currentData() == "gaussian_map"
    second.close()
