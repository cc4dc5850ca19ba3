"""Simulate one micrograph with its labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atomsegnet.core.library import IMAGE, LibrarySample
from atomsegnet.core.micrograph import FloatImage

if TYPE_CHECKING:
    import torch

    from atomsegnet.physics.scene import Scene, SceneSettings

# Name of a label in the library of Lin et al. (2021), doi 10.1038/s41598-021-84499-w -> what is
# rendered: the target of the task of that name, if there is one. With the micrographs ("image") and
# the true positions ("position") these are the ten products of the library.
LABELS = {
    "noNoise": "denoise",
    "noBackgroundnoNoise": "denoise_background",
    "noNoiseNoBackgroundSuperresolution": "super_resolution",
    "noNoiseUpinterpolation2x": "denoise_2x",
    "noNoiseNoBackgroundUpinterpolation2x": "denoise_background_2x",
    "circularMask": "circular_mask",
    "smallcircularMask": "small_circular_mask",
    "gaussianMask": "gaussian_map",
}
# Range of the widths of columns where none is asked for [px].
WIDTHS_PX = (2.5, 16.0)


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
    noise_ratio : ndarray, shape (N,)
        Their signal-to-noise ratio under a matched filter.
    is_visible : ndarray of bool, shape (N,)
        Which of those stand out from noise and neighbors.
    """

    image: FloatImage
    labels: dict[str, FloatImage]
    positions: np.typing.NDArray[np.float64]
    scene: Scene
    is_inside: np.typing.NDArray[np.bool_]
    noise_ratio: np.typing.NDArray[np.float64]
    is_visible: np.typing.NDArray[np.bool_]


def simulate_one(
    settings: SceneSettings,
    seed: Sequence[int],
    *,
    size: int = 256,
    width_px: tuple[float, float] = WIDTHS_PX,
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

    from atomsegnet.physics.scene import draw_scene

    rng = np.random.default_rng(list(seed))
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    width = float(np.exp(rng.uniform(*np.log(width_px))))
    scene = draw_scene(settings, rng, size, size, width)
    return simulate_scene(scene, generator, labels)


def simulate_scene(
    scene: Scene, generator: torch.Generator, labels: Sequence[str] = ()
) -> Simulated:
    """Simulate the micrograph of a scene.

    Parameters
    ----------
    scene : Scene
        What is imaged.
    generator : torch.Generator
        Source of the noise.
    labels : sequence of str
        Names out of `LABELS`.
    """
    from atomsegnet.physics.imaging import to_numpy
    from atomsegnet.physics.render import render

    made = render(scene, generator, [LABELS[name] for name in labels])
    positions = scene.positions_px.numpy()
    inside = np.all((positions > -0.5) & (positions < scene.label_size - 0.5), axis=1)
    return Simulated(
        to_numpy(made.image),
        {name: to_numpy(made.labels[LABELS[name]]) for name in labels},
        positions[inside],
        scene,
        inside,
        made.noise_ratio[inside],
        made.is_visible[inside],
    )


def sample_of(made: Simulated, name: str, seed: int, number: int) -> LibrarySample:
    """Return a simulated micrograph as a library holds it.

    Parameters
    ----------
    made : Simulated
        The micrograph.
    name : str
        Name of its files.
    seed, number : int
        Seed of the library and number of the micrograph.
    """
    scene = made.scene
    inside = np.flatnonzero(made.is_inside)
    elements = tuple(scene.specimen.elements[inside].tolist())
    phases = [phase.partition(" [") for phase in scene.specimen.material.split(" / ")]
    symbols = {symbol for column in elements for symbol in column.split("+") if symbol}
    row = {
        "name": name,
        "seed": str(seed),
        "number": str(number),
        "material": " / ".join(material for material, _, _ in phases),
        "zone": " / ".join(f"[{zone}" for _, _, zone in phases if zone),
        "morphology": scene.specimen.kind,
        "elements": " ".join(sorted(symbols)),
        "pixel_size_pm": f"{1e3 * scene.pixel_size_nm:.4f}",
        "column_width_px": f"{scene.image_width_px:.3f}",
        "psnr_db": f"{scene.psnr_db:.2f}",
        "dose_e_per_nm2": f"{scene.counts / scene.pixel_size_nm**2:.4g}",
        "counts": f"{scene.counts:.4g}",
        "jitter_px": f"{scene.jitter.sigma_px:.3f}",
        "columns": str(len(made.positions)),
    }
    return LibrarySample(
        name,
        {IMAGE: made.image, **made.labels},
        scene.pixel_size_nm,
        made.positions,
        scene.specimen.intensity[inside],
        elements,
        made.is_visible,
        row,
    )
