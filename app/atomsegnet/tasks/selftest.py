"""Try everything the program does, on what it brings along, to see if an installation is sound."""

from __future__ import annotations

import json
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from atomsegnet import __version__, paths
from atomsegnet.tasks.own_process import SelfTestError, has_display, run_own

if TYPE_CHECKING:
    from atomsegnet.core.micrograph import Micrograph
    from atomsegnet.tasks.locate import Located

_SAMPLE = "simulated_Si_110"
# Formats of 8 bits, and JPEG's losses, leave no less than this correlation with the original.
_LOWEST_CORRELATION = 0.97
# Of the columns of the sample, which is clear to the eye, nearly all are found and few invented.
_LOWEST_F1 = 0.95
_LARGEST_RMS_PX = 0.5
_LIBRARIES = ("torch", "PySide6_Essentials", "numpy", "scipy", "h5py", "rosettasciio", "ncempy")


@dataclass(frozen=True)
class Step:
    """One thing that is tried.

    Attributes
    ----------
    title : str
        What is tried, for the user.
    run : callable
        Tries it and returns a few words on what was found.
    """

    title: str
    run: Callable[[], str]


@dataclass(frozen=True)
class Outcome:
    """What came of a step.

    Attributes
    ----------
    title : str
        What was tried.
    seconds : float
        How long it took [s].
    finding : str
        What was found, or why it failed.
    passed : bool
        Whether it was as it should be.
    """

    title: str
    seconds: float
    finding: str
    passed: bool


def installation() -> list[str]:
    """Return lines that say which program this is, on which system and with which libraries."""
    found = []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} is not installed")
    return [
        f"AtomSegNet {__version__}, Python {platform.python_version()}, {platform.platform()}",
        ", ".join(found),
        f"program: {' '.join(paths.program_command())}",
    ]


def run_selftest() -> Iterator[Outcome]:
    """Try every step in turn; a step that fails does not keep the others from being tried."""
    with tempfile.TemporaryDirectory(prefix="atomsegnet-") as name:
        for step in steps(Path(name)):
            started = time.perf_counter()
            try:
                finding, passed = step.run(), True
            except Exception as error:  # whatever a broken installation comes up with
                finding, passed = f"{type(error).__name__}: {error}", False
            finding = " ".join(finding.split())
            yield Outcome(step.title, time.perf_counter() - started, finding, passed)


def steps(folder: Path) -> list[Step]:
    """Return what is tried.

    Parameters
    ----------
    folder : Path
        Empty; everything is written below it. Its name has blanks and letters beyond ASCII added.
    """
    # What a real path may hold: a blank, an umlaut, Greek and Chinese letters.
    folder = folder / "a b \N{LATIN SMALL LETTER A WITH DIAERESIS}\N{GREEK SMALL LETTER MU}\u539f"
    folder.mkdir()
    located = cache(_locate_sample)
    return [
        # The window first: in it, Qt is loaded before torch, as when a user works.
        Step("open the window, locate columns, take a picture", partial(_window, folder)),
        *(Step(f"read {path.name}", partial(_read, path)) for path in _selftest_files()),
        *(Step(f"run the model {name}", partial(_model, name)) for name in _model_names()),
        Step("locate the columns of a sample", lambda: _compare_with_truth(located())),
        *(Step(f"measure by {name}", partial(_measure, located, name)) for name in _methods()),
        Step("export columns, picture and image", lambda: _export(folder, located())),
        Step("simulate two micrographs", partial(_simulate, folder)),
        Step("train two steps, with one process that simulates", partial(_train, folder)),
        Step("start a child job", partial(_child_job, folder)),
    ]


# Reading


def _selftest_files() -> list[Path]:
    files = sorted(paths.selftest_folder().glob("*.*"))
    return [path for path in files if path.suffix != ".npy"]


def _read(path: Path) -> str:
    from atomsegnet.io.read import read

    micrograph = read(path)
    reference = np.load(path.with_name("reference.npy"))
    if micrograph.shape != reference.shape:
        raise SelfTestError(f"shape {micrograph.shape} in place of {reference.shape}")
    correlation = float(np.corrcoef(micrograph.image.ravel(), reference.ravel())[0, 1])
    if not correlation > _LOWEST_CORRELATION:
        raise SelfTestError(f"other values: correlation {correlation:.3f}")
    return str(micrograph.metadata["format"])


# Models and columns


def _sample() -> Micrograph:
    from atomsegnet.io.read import read

    return read(paths.samples_folder() / f"{_SAMPLE}.tif")


def _model_names() -> tuple[str, ...]:
    from atomsegnet.nn.registry import TASKS

    return tuple(TASKS)


def _model(name: str) -> str:
    from atomsegnet.tasks.process import process

    micrograph = _sample()
    processed = process(micrograph, name)
    if processed.image.shape != micrograph.shape or not np.isfinite(processed.image).all():
        raise SelfTestError("the output is no image of the input's shape")
    if float(np.ptp(processed.image)) == 0:
        raise SelfTestError("the output is constant")
    return f"{processed.image.shape[1]} x {processed.image.shape[0]} px on {processed.device}"


def _methods() -> tuple[str, ...]:
    from atomsegnet.analysis.refine import METHODS

    return METHODS


def _locate_sample() -> Located:
    from atomsegnet.tasks.locate import locate

    return locate(_sample())


def _measure(located: Callable[[], Located], method: str) -> str:
    from atomsegnet.tasks.locate import locate_on_map

    return _compare_with_truth(locate_on_map(located().processed, method=method))


def _compare_with_truth(located: Located) -> str:
    """Compare with the positions that the sample was simulated from."""
    from atomsegnet.analysis.matching import match

    table = (paths.samples_folder() / f"{_SAMPLE}.csv").read_text(encoding="utf-8").splitlines()
    true = np.array([[float(text) for text in line.split(",")[:2]] for line in table[2:]])
    matching = match(located.columns.positions, true[:, ::-1], tolerance=2.0)
    rms_px = float(np.hypot(*matching.rms))
    finding = f"{len(located.columns)} of {len(true)} columns, {rms_px:.3f} px from the truth"
    if matching.f1 < _LOWEST_F1 or not rms_px < _LARGEST_RMS_PX:
        raise SelfTestError(finding)
    return finding


def _export(folder: Path, located: Located) -> str:
    from atomsegnet.io.columns_csv import read_columns_csv
    from atomsegnet.io.read import read
    from atomsegnet.tasks.export import export_columns, export_image, export_overlay

    table, figure, image = folder / "c.csv", folder / "c.png", folder / "c.tif"
    export_columns(table, located)
    export_overlay(figure, located)
    export_image(image, located.processed)
    again = read_columns_csv(table).columns.positions
    if not np.array_equal(again, located.columns.positions):
        raise SelfTestError("the table reads back with other positions")
    if not np.array_equal(read(image).image, located.processed.image):
        raise SelfTestError("the image reads back with other values")
    if float(np.ptp(read(figure).image)) == 0:
        raise SelfTestError("the picture is empty")
    return ", ".join(f"{path.stat().st_size} bytes" for path in (table, figure, image))


# Simulation and training


def _simulate(folder: Path) -> str:
    from atomsegnet.tasks.simulate import simulate

    simulate(folder / "library", 2, size=64)
    return f"{len(list((folder / 'library').rglob('*.*')))} files"


def _train(folder: Path) -> str:
    from atomsegnet.tasks.train import make_settings, train

    settings = make_settings(
        {"task": "denoise", "widths": (4, 8), "steps": 2, "batch": 2, "crop_px": 32,
         "warm_up_steps": 1, "validation_images": 2, "validate_every": 2}
    )  # fmt: skip
    weights = train(settings, folder / "run", device="cpu", workers=1)
    return f"{weights.stat().st_size} bytes of weights"


# The program as a child of its own


def _window(folder: Path) -> str:
    from atomsegnet.io.read import read

    picture = folder / "window.png"
    sample = paths.samples_folder() / f"{_SAMPLE}.tif"
    run_own("window", "--fresh", "--grab", str(picture), str(sample))
    image = read(picture).image
    # A window whose fonts or canvas are missing is all but empty.
    shades = len(np.unique(image))
    if shades < 100:
        raise SelfTestError(f"the picture has {shades} shades of gray")
    where = "" if has_display() else ", offscreen, since there is no display"
    return f"{image.shape[1]} x {image.shape[0]} px{where}"


def _child_job(folder: Path) -> str:
    output = str(folder / "child")
    options = ["--count", "2", "--size", "64", "--labels", "gaussianMask", "--progress", "json"]
    lines = run_own("simulate", "--output", output, *options).splitlines()
    events = [json.loads(line)["event"] for line in lines]
    if events[-1:] != ["result"]:
        raise SelfTestError(f"it told {events or 'nothing'}, and no result last")
    return f"{len(events)} messages"
