"""Save pictures of the jobs panel and of the dialogs of long jobs, light and dark.

    python build_scripts/job_pictures.py FOLDER [RUN]

With the folder of a finished retraining as RUN, its curve, preview and comparison are shown too.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from atomsegnet.core.conditions import Conditions
from atomsegnet.core.progress import Progress
from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.application import make_application
from atomsegnet.gui.job_records import ChildState, JobRecord
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.paths import sample_micrographs
from window_pictures import wait_until

SHOWN = Conditions(7.6, 0.013, 21.0, 95.0, 0.24, 0.12)


def walk(folder: Path, run: Path | None, theme: str) -> None:
    """Open each dialog once and save its picture."""
    window = MainWindow(WindowSettings(theme=theme))
    window.show()
    sample = sample_micrographs()[-1]
    window.opening.open_paths([sample])
    wait_until(lambda: window.workspace.document is not None)

    def picture(name: str, widget: object) -> None:
        settle = time.monotonic() + 0.4
        wait_until(lambda: time.monotonic() > settle)
        target = folder / f"jobs_{theme}_{name}.png"
        widget.grab().save(str(target))  # type: ignore[attr-defined]
        print(target)

    window.models.measure_for = lambda *_args: None  # type: ignore[method-assign]
    for name, ask, of in (
        ("retrain", window.models.retrain, lambda: window.models.dialog),
        ("simulate", window.simulations.ask, lambda: window.simulations.dialog),
        ("batch", window.long_jobs.ask_for_batch, lambda: window.long_jobs.batch),
        ("preferences", window.show_preferences, lambda: window.preferences),
        ("cards", window.models.show_cards, lambda: window.models.cards),
    ):
        ask()
        dialog = of()
        if hasattr(dialog, "show_conditions"):
            dialog.show_conditions(SHOWN)
        picture(name, dialog)
        dialog.reject()
    _show_jobs(window, run)
    picture("panel", window)
    if run is not None:
        window.models.show_result(window.child_jobs.jobs[0])
        picture("result", window.models.result_dialog)
        window.models.result_dialog.reject()
    for job in window.child_jobs.jobs:
        job.record.state = ChildState.DONE
    window.close()


def _show_jobs(window: MainWindow, run: Path | None) -> None:
    """Show a training under way and a simulation that is done; no process is started."""
    window.child_jobs._start_next = lambda: None  # type: ignore[method-assign]
    training = JobRecord(
        verb="train",
        title="Retrain Column map for CdTe",
        arguments=[],
        resume_arguments=["--resume"],
        folder=run or Path("none"),
    )
    job = window.long_jobs.start(training)
    job.set_state(ChildState.RUNNING)
    job.progress = Progress(150, 600, "training")
    job.progressed.emit(job.progress)
    done = JobRecord(
        verb="simulate", title="Simulate 100 images of Si", arguments=[], folder=Path()
    )
    window.child_jobs.add(done).set_state(ChildState.DONE)
    window.job_panel.choose(job)


def main(folder: Path, run: Path | None) -> None:
    """Take all pictures in light and dark."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            os.environ[name] = home
        make_application()
        for theme in ("light", "dark"):
            walk(folder, run, theme)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
