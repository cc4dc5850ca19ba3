"""Simulate a library of micrographs with labels, and write it to a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atomsegnet.core.conditions import Conditions
from atomsegnet.core.errors import SettingError
from atomsegnet.core.library import FORMATS, LibrarySample
from atomsegnet.core.progress import Progress, Report, silent
from atomsegnet.tasks.simulate_one import LABELS, WIDTHS_PX, sample_of, simulate_one
from atomsegnet.tasks.worker_pool import in_order

if TYPE_CHECKING:
    from atomsegnet.physics.scene import SceneSettings


def simulate(
    folder: Path,
    count: int,
    *,
    material: str | None = None,
    cif: Path | None = None,
    zone: tuple[int, int, int] | None = None,
    labels: Sequence[str] | None = None,
    size: int = 256,
    seed: int = 0,
    first: int = 0,
    form: str = "tiff",
    workers: int = 1,
    like: Conditions | None = None,
    report: Report = silent,
) -> None:
    """Write a library of simulated micrographs: one folder for the images and one for each label.

    Beside them, ``position`` holds the true positions as CSV, and ``index.csv`` says how each
    micrograph was made: material, zone, morphology, elements, pixel size, dose, seed.

    Parameters
    ----------
    folder : Path
        A new or empty folder.
    count : int
        Number of micrographs.
    material, cif, zone
        The crystal, as for `atomsegnet.tasks.crystals.crystals_of`; if none, a random mix of
        crystals of the list, random ones, and empty frames.
    labels : sequence of str, optional
        Labels to write, see `LABELS`; all if None.
    size : int
        Side of an image [px], a multiple of 16.
    seed : int
        Micrograph number i depends on the crystals, the size, the seed and i alone.
    first : int
        Number of the first micrograph, so that any part of a library can be made again.
    form : str
        Out of `FORMATS`: "tiff" (float32), "png" (16 bit, its scale in the index), or "hdf5" (one
        file, ``library.h5``, see `atomsegnet.io.library_hdf5`).
    workers : int
        Processes that simulate and write; the library is the same. With more than 1, a script
        keeps what it does under ``if __name__ == "__main__":``, as `multiprocessing` asks for.
    like : Conditions, optional
        Conditions of a micrograph, see `atomsegnet.tasks.conditions.conditions_of`: the simulated
        ones have about its pixel size, dose, background and scan noise.
    report : callable
        Called after each micrograph; raises Cancelled to stop.

    Raises
    ------
    SettingError
        The folder is not empty, or a label, the format or the size is not possible.
    ReadError, WriteError
        The CIF cannot be read, the library not be written.
    Cancelled
        The report callback asked to stop; of HDF5 there is nothing then, else every file is whole
        and the index names those that were counted.
    """
    chosen = _checked(folder, labels, size, form)
    from atomsegnet.physics.scene import SceneSettings
    from atomsegnet.tasks.conditions import suited_settings
    from atomsegnet.tasks.crystals import crystals_of

    crystals = crystals_of(material, cif, zone)
    settings = SceneSettings()
    if crystals:
        settings = SceneSettings(crystals=crystals, crystal_share=1.0, empty_share=0.0)
    width_px = WIDTHS_PX
    if like is not None:
        suited = suited_settings(like)
        width_px = suited.pop("recorded_width_px")
        settings = replace(settings, **suited)
    make = _Maker(settings, seed, size, width_px, chosen, folder, form)
    report(Progress(0, count, "simulating"))
    with (
        _opened(folder, chosen, form) as add,
        closing(in_order(make, range(first, first + count), workers)) as made,
    ):
        for done, one in enumerate(made, start=1):
            add(one)
            report(Progress(done, count, "simulating"))


@dataclass(frozen=True, eq=False)
class _Maker:
    """Makes the samples of a library, in this process or in another."""

    settings: SceneSettings
    seed: int
    size: int
    width_px: tuple[float, float]
    labels: tuple[str, ...]
    folder: Path
    form: str

    def __call__(self, number: int) -> LibrarySample | dict[str, str]:
        """Return a sample for HDF5, else write its files and return its line of the index."""
        made = simulate_one(
            self.settings,
            (self.seed, number),
            size=self.size,
            width_px=self.width_px,
            labels=self.labels,
        )
        sample = sample_of(made, f"{number:06d}", self.seed, number)
        if self.form == "hdf5":
            return sample
        from atomsegnet.io.library_folders import write_sample

        return write_sample(self.folder, sample, png=self.form == "png")


def _checked(folder: Path, labels: Sequence[str] | None, size: int, form: str) -> tuple[str, ...]:
    chosen = tuple(LABELS) if labels is None else tuple(dict.fromkeys(labels))
    for name in chosen:
        if name not in LABELS:
            raise SettingError(f"There is no label {name!r}; known are {', '.join(LABELS)}.")
    if form not in FORMATS:
        raise SettingError(f"There is no format {form!r}; known are {', '.join(FORMATS)}.")
    if size < 32 or size % 16:
        raise SettingError(f"The size of an image is a multiple of 16 from 32 px, not {size}.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingError(f"{folder} is no empty folder; choose a new one.")
    return chosen


def _opened(
    folder: Path, labels: Sequence[str], form: str
) -> AbstractContextManager[Callable[[Any], None]]:
    if form == "hdf5":
        from atomsegnet.io.library_hdf5 import hdf5_library

        return hdf5_library(folder, labels)
    from atomsegnet.io.library_folders import folder_library

    return folder_library(folder, labels, png=form == "png")
