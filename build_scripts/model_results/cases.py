"""Simulated images of crystals that no training saw, with their truth."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.spatial import cKDTree
from standard_errors import height_ratios

from atomsegnet.physics.probe import point_spread
from atomsegnet.physics.scene import Scene, SceneSettings, draw_probe, draw_scene
from atomsegnet.physics.structure import ProjectedCell
from atomsegnet.tasks.simulate_one import Simulated, simulate_scene

SIZE_PX = 256
WIDTH_PX = (2.5, 16.0)
PIXEL_NM = (0.005, 0.030)
# An image with fewer columns to be found says little about how many are.
FEWEST_COLUMNS = 25
# Columns nearer to the border than this need not be found [px].
BORDER_PX = 5
# Columns that are fewer standard errors high than this may be found, or not: of those at 5 a test
# at 5 standard errors finds half.
CLEAR_RATIO = 7.0

# What a measure says of one image.
Result = dict[str, float | str]
Change = Callable[[Scene, np.random.Generator], Scene]
# Which columns of an image count.
Counted = Callable[[Simulated], np.ndarray]


def to_be_found(made: Simulated) -> np.ndarray:
    """Return which true columns are to be found; the others may be found or not."""
    found = seen_in_counts(made)
    if found.any():
        found &= height_ratios(made) > CLEAR_RATIO
    return found


def seen_in_counts(made: Simulated) -> np.ndarray:
    """Return which true columns stand out from counting noise, a film and their neighbors."""
    seen: np.ndarray = made.is_visible & (made.noise_ratio > CLEAR_RATIO) & is_inner(made.positions)
    return seen


def is_inner(positions: np.ndarray, size: int = SIZE_PX) -> np.ndarray:
    """Return which positions are at least `BORDER_PX` from the border."""
    inner: np.ndarray = np.all(
        (positions >= BORDER_PX) & (positions <= size - 1 - BORDER_PX), axis=1
    )
    return inner


@dataclass(frozen=True)
class Recipe:
    """How the images of a row are drawn.

    Attributes
    ----------
    name : str
        Part of every seed.
    crystals : tuple of ProjectedCell
        Taken in turn.
    kinds : tuple of str
        Morphologies.
    psnr_db : tuple of float
        Range [dB].
    width_px : tuple of float
        Range of column widths [px].
    labels : tuple of str
        Labels of the library to make.
    fewest : int
        Least number of columns that count.
    counted : callable
        Tells which do.
    nearest_widths : float, optional
        Smallest distance of two columns of the crystal, which is scaled to that [column widths].
    change : callable, optional
        Changes a drawn scene.
    """

    name: str
    crystals: tuple[ProjectedCell, ...]
    kinds: tuple[str, ...] = ("crystal", "wedge", "grains", "twin", "interface", "nanocrystal")
    psnr_db: tuple[float, float] = (15.0, 30.0)
    width_px: tuple[float, float] = WIDTH_PX
    labels: tuple[str, ...] = ()
    fewest: int = FEWEST_COLUMNS
    counted: Counted = to_be_found
    nearest_widths: float | None = None
    change: Change | None = None

    def image(self, number: int) -> Simulated:
        """Simulate image `number`: the first draw with the pixel size and columns asked for."""
        for attempt in range(1000):
            seed = [2027, *self.name.encode(), number, attempt]
            rng = np.random.default_rng(seed)
            width = float(np.exp(rng.uniform(*np.log(self.width_px))))
            settings = SceneSettings(
                psnr_db=self.psnr_db,
                empty_share=0.0,
                crystals=(self._crystal(number, rng),),
                crystal_share=1.0,
                kinds=self.kinds,
            )
            scene = draw_scene(settings, rng, SIZE_PX, SIZE_PX, width)
            if not PIXEL_NM[0] <= scene.pixel_size_nm <= PIXEL_NM[1]:
                continue
            if self.change is not None:
                scene = self.change(scene, rng)
            generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
            made = simulate_scene(scene, generator, self.labels)
            if np.count_nonzero(self.counted(made)) >= self.fewest:
                return made
        raise RuntimeError(f"{self.name}: no image {number} with {self.fewest} columns")

    def _crystal(self, number: int, rng: np.random.Generator) -> ProjectedCell:
        cell = self.crystals[number % len(self.crystals)]
        if self.nearest_widths is None:
            return cell
        probe = draw_probe(copy.deepcopy(rng))  # what draw_scene will draw first
        factor = self.nearest_widths * point_spread(probe).fwhm_nm / nearest_nm(cell)
        return replace(
            cell, vectors_nm=factor * cell.vectors_nm, positions_nm=factor * cell.positions_nm
        )


def described(made: Simulated) -> Result:
    """Return what is told of every image beside its measures."""
    return {
        "material": made.scene.specimen.material.partition(" /")[0],
        "width_px": made.scene.image_width_px,
        "psnr_db": made.scene.psnr_db,
    }


def nearest_nm(cell: ProjectedCell) -> float:
    """Return the smallest distance of two columns of a crystal [nm]."""
    shifts = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    points = np.vstack([cell.positions_nm + np.array(s) @ cell.vectors_nm for s in shifts])
    return float(cKDTree(points).query(cell.positions_nm, k=2)[0][:, 1].min())
