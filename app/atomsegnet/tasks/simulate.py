"""Simulate micrographs with labels and write them to a folder."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from atomsegnet.core.errors import SettingError, WriteError
from atomsegnet.core.micrograph import FloatImage, PixelSize
from atomsegnet.core.progress import Progress, Report, silent

if TYPE_CHECKING:
    from atomsegnet.physics.scene import Scene, SceneSettings

# Name of a label in the library -> name of the task that learns it.
LABELS = {
    "noNoise": "denoise",
    "noBackgroundnoNoise": "denoise_background",
    "noNoiseNoBackgroundSuperresolution": "super_resolution",
    "gaussianMask": "gaussian_map",
    "circularMask": "circular_mask",
}
INDEX_FIELDS = (
    "name", "seed", "specimen", "pixel_size_pm", "column_width_px", "psnr_db", "counts",
    "jitter_px", "columns",
)  # fmt: skip
POSITION_FIELDS = ("x_px", "y_px", "intensity", "elements")


@dataclass(frozen=True, eq=False)
class Simulated:
    """One simulated micrograph.

    Attributes
    ----------
    image : ndarray of float32, shape (size, size)
        What the microscope records [counts].
    labels : dict of ndarray
        The labels, by their names in the library.
    positions : ndarray, shape (N, 2)
        True (row, column) of the columns within the image [px].
    scene : Scene
        What was simulated.
    is_inside : ndarray of bool
        Which columns of the scene lie within the image; N of them do.
    is_visible : ndarray of bool, shape (N,)
        Which of those stand out from noise and neighbors.
    """

    image: FloatImage
    labels: dict[str, FloatImage]
    positions: np.typing.NDArray[np.float64]
    scene: Scene
    is_inside: np.typing.NDArray[np.bool_]
    is_visible: np.typing.NDArray[np.bool_]


def simulate_one(
    settings: SceneSettings,
    seed: Sequence[int],
    *,
    size: int = 256,
    width_px: tuple[float, float] = (2.5, 16.0),
    labels: Sequence[str] = tuple(LABELS),
) -> Simulated:
    """Simulate one micrograph; the same seed gives the same one.

    Parameters
    ----------
    settings : SceneSettings
        Ranges of specimen and microscope.
    seed : sequence of int
        Seed.
    size : int
        Side [px], a multiple of 16.
    width_px : tuple of float
        Range of the full width at half maximum of a column [px].
    labels : sequence of str
        Names out of `LABELS`.
    """
    import torch

    from atomsegnet.physics.imaging import to_numpy
    from atomsegnet.physics.render import render
    from atomsegnet.physics.scene import draw_scene

    rng = np.random.default_rng(list(seed))
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    width = float(np.exp(rng.uniform(*np.log(width_px))))
    scene = draw_scene(settings, rng, size, size, width)
    made = render(scene, generator, [LABELS[name] for name in labels])
    positions = scene.positions_px.numpy()
    inside = np.all((positions > -0.5) & (positions < size - 0.5), axis=1)
    return Simulated(
        to_numpy(made.image),
        {name: to_numpy(made.labels[LABELS[name]]) for name in labels},
        positions[inside],
        scene,
        inside,
        made.is_visible[inside],
    )


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
    report: Report = silent,
) -> None:
    """Write a library of simulated micrographs: one folder for the images and one for each label.

    Beside them, ``position`` holds the true positions as CSV, and ``index.csv`` says how each
    micrograph was made.

    Parameters
    ----------
    folder : Path
        A new or empty folder.
    count : int
        Number of micrographs.
    material, cif, zone
        The crystal, as for `atomsegnet.tasks.crystals.crystals_of`; a random mix if none.
    labels : sequence of str, optional
        Labels to write, see `LABELS`; all if None.
    size : int
        Side of an image [px], a multiple of 16.
    seed : int
        Micrograph number i depends on the seed and on i alone.
    report : callable
        Called after each micrograph; raises Cancelled to stop.

    Raises
    ------
    SettingError
        The folder is not empty, or a label or the size is not possible.
    ReadError, WriteError
        The CIF cannot be read, the library not be written.
    Cancelled
        The report callback asked to stop; what was written is whole.
    """
    chosen = _checked(folder, labels, size)
    from atomsegnet.physics.scene import SceneSettings
    from atomsegnet.tasks.crystals import crystals_of

    crystals = crystals_of(material, cif, zone)
    settings = SceneSettings()
    if crystals:
        settings = SceneSettings(crystals=crystals, crystal_share=1.0, empty_share=0.0)
    _make_folders(folder, ("image", "position", *chosen))
    for number in range(count):
        report(Progress(number, count, "simulating"))
        made = simulate_one(settings, (seed, number), size=size, labels=chosen)
        _write(folder, f"{number:06d}", seed, made)
    report(Progress(count, count, "simulating"))


def _checked(folder: Path, labels: Sequence[str] | None, size: int) -> tuple[str, ...]:
    chosen = tuple(LABELS) if labels is None else tuple(dict.fromkeys(labels))
    for name in chosen:
        if name not in LABELS:
            raise SettingError(f"There is no label {name!r}; known are {', '.join(LABELS)}.")
    if size < 32 or size % 16:
        raise SettingError(f"The size of an image is a multiple of 16 from 32 px, not {size}.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingError(f"{folder} is no empty folder; choose a new one.")
    return chosen


def _make_folders(folder: Path, names: Sequence[str]) -> None:
    try:
        for name in names:
            (folder / name).mkdir(parents=True, exist_ok=True)
        with (folder / "index.csv").open("w", newline="", encoding="utf-8") as index:
            csv.writer(index).writerow(INDEX_FIELDS)
    except OSError as error:
        raise WriteError(folder, f"cannot be written ({error.strerror})") from error


def _write(folder: Path, name: str, seed: int, made: Simulated) -> None:
    from atomsegnet.io.write_tiff import write_tiff

    scene = made.scene
    pixel = PixelSize(scene.pixel_size_nm, scene.pixel_size_nm)
    for label, image in made.labels.items():
        write_tiff(folder / label / f"{name}.tif", image, pixel)
    (folder / "position" / f"{name}.csv").write_text(positions_table(made), encoding="utf-8")
    write_tiff(folder / "image" / f"{name}.tif", made.image, pixel)
    line = (
        name,
        seed,
        scene.specimen.kind,
        f"{1e3 * scene.pixel_size_nm:.4f}",
        f"{scene.image_width_px:.3f}",
        f"{scene.psnr_db:.2f}",
        f"{scene.counts:.4g}",
        f"{scene.jitter.sigma_px:.3f}",
        len(made.positions),
    )
    with (folder / "index.csv").open("a", newline="", encoding="utf-8") as index:
        csv.writer(index).writerow(line)


def positions_table(made: Simulated) -> str:
    """Return the true columns of a simulated micrograph as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(POSITION_FIELDS)
    inside = np.flatnonzero(made.is_inside)
    for index, (row, column) in zip(inside, made.positions, strict=True):
        specimen = made.scene.specimen
        writer.writerow(
            (
                f"{column:.5f}",
                f"{row:.5f}",
                f"{specimen.intensity[index]:.5f}",
                specimen.elements[index] if specimen.elements else "",
            )
        )
    return text.getvalue()
