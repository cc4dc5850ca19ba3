"""Images with known truth for the benchmark, and the bound of each of their columns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from atomsegnet.core.micrograph import FloatImage
from atomsegnet.tasks.benchmark_bound import BEYOND_IN_WIDTHS, bounds_of

if TYPE_CHECKING:
    from atomsegnet.physics.probe import PointSpread
    from atomsegnet.physics.scene import Scene
    from atomsegnet.physics.structure import ProjectedCell

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Every column is displaced at random by this standard deviation along x and along y [nm].
DISPLACEMENT_NM = 0.01

# Frequency of what shakes the scan [cycles per line].
_INTERFERENCE = 0.31
# Side of an image [widths], so that coarse and fine ones hold as many columns.
_SIDE_IN_WIDTHS, _QUICK_SIDE_IN_WIDTHS = 28.0, 20.0
# Columns nearer to the border than this are not scored [widths].
_BORDER_IN_WIDTHS = 1.0
# Images of each case, which differ by their noise and jitter only.
_IMAGES, _QUICK_IMAGES = 8, 1


@dataclass(frozen=True)
class Case:
    """One image of the benchmark.

    Attributes
    ----------
    name : str
        Crystal and zone.
    psnr_db : float
        Height of the strongest column over the mean noise [dB], 20 log10.
    width_px : float
        Full width at half maximum of a column [px].
    size : int
        Side [px], a multiple of 16.
    seed : int
        Seed.
    source_nm : float
        Size of the source, FWHM [nm].
    jitter_px : float
        Standard deviation of the displacement of lines along x and along y [px].
    images : int
        Images that differ by their noise and jitter only.
    """

    name: str
    psnr_db: float
    width_px: float
    size: int
    seed: int
    source_nm: float = 0.07
    jitter_px: float = 0.0
    images: int = 1

    @property
    def label(self) -> str:
        """What the case is called in tables."""
        jitter = f", jitter {self.jitter_px:g} px" if self.jitter_px else ""
        return f"{self.name}, {self.psnr_db:.0f} dB, {self.width_px:.1f} px{jitter}"


@dataclass(frozen=True, eq=False)
class BenchmarkImage:
    """An image and everything that is true of it; N columns lie within it or at its border.

    Attributes
    ----------
    case : Case
        What was asked for.
    image : ndarray of float32, shape (H, W)
        Counts.
    expected : ndarray of float32, shape (H, W)
        The image without noise [counts].
    labels : dict of ndarray
        What the restoring models should make of it, by the name of the task.
    positions, undisplaced : ndarray of float64, shape (N, 2)
        True (row, column) with and without the random displacement [px].
    bounds : ndarray of float64, shape (N, 2)
        Cramér-Rao bound of row and column [px]; NaN for columns that it takes as known.
    is_scored : ndarray of bool, shape (N,)
        Columns that can be seen and are not cut by the border.
    scene : Scene
        What was simulated.
    """

    case: Case
    image: FloatImage
    expected: FloatImage
    labels: dict[str, FloatImage]
    positions: FloatArray
    undisplaced: FloatArray
    bounds: FloatArray
    is_scored: BoolArray
    scene: Scene


def benchmark_cases(*, quick: bool = False) -> list[Case]:
    """Return the cases: crystals that no training saw, and silicon [110], which was trained on."""
    from atomsegnet.physics.held_out import held_out_crystals

    names = [*held_out_crystals(), "Si [110]"]
    widths = (5.0, 6.5, 8.0, 4.0)
    doses = (20.0,) if quick else (15.0, 20.0, 25.0, 30.0)
    cases = []
    for number, name in enumerate(names):
        for dose, psnr_db in enumerate(doses):
            width = widths[(number + dose) % len(widths)]
            seed = 100 * number + dose
            cases.append(Case(name, psnr_db, width, 0, seed))
    # Silicon at 9.4 pm a pixel, as the micrograph of Lin et al. (2021), Fig. 11.
    fwhm_nm = point_spread_of(cases[-1]).fwhm_nm
    cases[-len(doses) :] = [replace(c, width_px=fwhm_nm / 0.0094) for c in cases[-len(doses) :]]
    side = _QUICK_SIDE_IN_WIDTHS if quick else _SIDE_IN_WIDTHS
    images = _QUICK_IMAGES if quick else _IMAGES
    return [
        replace(case, size=16 * round(side * case.width_px / 16), images=images) for case in cases
    ]


def jitter_cases(*, quick: bool = False) -> list[Case]:
    """Return cases with a line jitter of 0.5 px."""
    still = [case for case in benchmark_cases(quick=quick) if case.psnr_db == 20]
    chosen = still[:1] if quick else still
    return [replace(case, seed=case.seed + 50, jitter_px=0.5) for case in chosen]


def point_spread_of(case: Case) -> PointSpread:
    """Return the shape of the columns of a case."""
    from atomsegnet.physics.probe import Probe, point_spread

    return point_spread(
        Probe(
            energy_ev=200e3,
            aperture_mrad=24.0,
            defocus_nm=2.0,
            source_fwhm_nm=case.source_nm,
            tail_share=0.1,
        )
    )


def simulate_case(case: Case, labels: tuple[str, ...] = ()) -> BenchmarkImage:
    """Simulate the image of a case; the same case gives the same image.

    Parameters
    ----------
    case : Case
        What is wanted.
    labels : tuple of str
        Names of restoring tasks whose target is wanted.
    """
    import torch

    from atomsegnet.physics.imaging import to_numpy
    from atomsegnet.physics.render import DENOISED, render
    from atomsegnet.physics.specimen import cell_of_crystal, fill

    rng = np.random.default_rng((20260, case.seed))
    psf = point_spread_of(case)
    half_size = 0.5 * 21 / 16 * case.size / case.width_px
    cell = cell_of_crystal(_projected(case.name), psf.fwhm_nm, 1.7)
    still, intensity, _ = fill(rng, cell, half_size, shear=0.0)
    moved = still + rng.normal(0, DISPLACEMENT_NM / psf.fwhm_nm, still.shape)
    scene = _scene(case, psf, moved, intensity, rng)
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    made = render(scene, generator, tuple({DENOISED, *labels}))
    expected = to_numpy(made.labels[DENOISED])
    positions = scene.positions_px.numpy()
    # A column whose center lies a little beyond the border may be found, but need not be.
    near = BEYOND_IN_WIDTHS * case.width_px
    inside = np.all((positions > -near) & (positions < case.size - 1 + near), axis=1)
    bounds = bounds_of(scene, expected, made.noise_ratio)[inside]
    border = np.minimum(positions, case.size - 1 - positions).min(axis=1)[inside]
    is_whole = border > _BORDER_IN_WIDTHS * case.width_px
    return BenchmarkImage(
        case=case,
        image=to_numpy(made.image),
        expected=expected,
        labels={name: to_numpy(made.labels[name]) for name in labels},
        positions=positions[inside],
        undisplaced=still[inside] * case.width_px + (case.size - 1) / 2,
        bounds=bounds,
        is_scored=is_whole & made.is_visible[inside] & np.isfinite(bounds).all(axis=1),
        scene=scene,
    )


def images_of(made: BenchmarkImage) -> Iterator[FloatImage]:
    """Yield the images of a case, shape (H, W) each, the one that was made first."""
    import torch

    from atomsegnet.physics.imaging import to_numpy
    from atomsegnet.physics.render import render

    yield made.image
    for number in range(1, made.case.images):
        generator = torch.Generator().manual_seed(1000 * made.case.seed + number)
        yield to_numpy(render(made.scene, generator, ()).image)


def _projected(name: str) -> ProjectedCell:
    from atomsegnet.physics.held_out import held_out_crystals
    from atomsegnet.physics.materials import projected

    known = held_out_crystals()
    return known[name] if name in known else projected("Si", (1, 1, 0))


def _scene(
    case: Case,
    psf: PointSpread,
    positions: FloatArray,
    intensity: FloatArray,
    rng: np.random.Generator,
) -> Scene:
    """Return the scene: a crystal on a background that bends, counting noise, no detector."""
    from atomsegnet.physics.background import Background
    from atomsegnet.physics.scan_noise import Detector, Jitter
    from atomsegnet.physics.scene import Scene
    from atomsegnet.physics.specimen import Specimen

    nothing = np.zeros((0, 4))
    level = float(rng.uniform(0.2, 0.6))
    background = Background(
        level, level * rng.uniform(-0.2, 0.2, 5), nothing, nothing, np.zeros((0, 5))
    )
    area = (case.size * 21 / 16 / case.width_px) ** 2
    # 1.133 is the volume of a Gaussian peak of height and width 1.
    mean = level + 1.133 * float(intensity.sum()) / area
    counts = 10 ** (case.psnr_db / 10) * mean / float(intensity.max()) ** 2
    jitter = Jitter(case.jitter_px, _INTERFERENCE, math.pi / 2) if case.jitter_px else Jitter()
    return Scene(
        Specimen(positions, intensity, "crystal", np.full(len(positions), "")),
        case.width_px, case.size, case.size, psf, background, 0.0, counts, jitter, Detector(),
        case.psnr_db,
    )  # fmt: skip
