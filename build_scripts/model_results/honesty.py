"""Rows about frames without columns, and about columns off their lattice."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import torch
from cases import SIZE_PX, Recipe, Result, is_inner, seen_in_counts
from scipy import ndimage

from atomsegnet.analysis.matching import match
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.physics.background import Background, draw_background
from atomsegnet.physics.held_out import held_out_crystals
from atomsegnet.physics.scan_noise import Detector
from atomsegnet.physics.scene import Scene, SceneSettings, draw_scene
from atomsegnet.tasks.locate import locate
from atomsegnet.tasks.process import process
from atomsegnet.tasks.simulate_one import simulate_scene

EMPTY = ("noise", "slope", "steps and waves", "amorphous carbon")
COUNTS = (1.0, 3e4)
# Fringes are looked for in what varies faster than this [px].
SLOW_PX = 12.0
DISPLACEMENT_NM = 0.010


def empty_frame(kind: str, number: int) -> tuple[np.ndarray, float]:
    """Simulate a frame without columns; return it with the standard deviation of its noise."""
    rng = np.random.default_rng([2028, *kind.encode(), number])
    scene = draw_scene(SceneSettings(empty_share=1.0), rng, SIZE_PX, SIZE_PX, 6.0)
    flat = Background(1.0, np.zeros(5), np.zeros((0, 4)), np.zeros((0, 4)), np.zeros((0, 5)))
    background = {
        "noise": flat,
        "slope": replace(flat, polynomial=np.array([*rng.normal(0, 0.4, 2), 0, 0, 0])),
        "steps and waves": draw_background(rng, 1.0, structured=1.0),
        "amorphous carbon": flat,
    }[kind]
    counts = float(np.exp(rng.uniform(*np.log(COUNTS))))
    film = float(rng.uniform(0.02, 0.3)) if kind == "amorphous carbon" else 0.0
    scene = replace(scene, background=background, speckle=film, counts=counts, detector=Detector())
    generator = torch.Generator().manual_seed(number)
    return simulate_scene(scene, generator).image, float(np.sqrt(counts))


def empty(number: int) -> Result:
    """Return how many columns were found in a frame without any, the kinds in turn."""
    kind = number % len(EMPTY)
    frame, _ = empty_frame(EMPTY[kind], number // len(EMPTY))
    return {"kind": EMPTY[kind], "columns": len(locate(Micrograph(frame)).columns)}


def fringes(number: int) -> Result:
    """Return how much a restored frame of pure noise varies, over the noise."""
    frame, sigma = empty_frame("noise", number)
    restored = process(Micrograph(frame), "denoise").image
    fast = restored - ndimage.gaussian_filter(restored, SLOW_PX)
    return {"peak_to_peak": float(np.ptp(fast)) / sigma}


def _displaced(scene: Scene, rng: np.random.Generator) -> Scene:
    """Displace every column at random, without scan noise."""
    step = DISPLACEMENT_NM / scene.psf.fwhm_nm
    positions = scene.specimen.positions
    moved = positions + rng.normal(0, step / np.sqrt(2), positions.shape)
    specimen = replace(scene.specimen, positions=moved)
    return replace(scene, specimen=specimen, jitter=replace(scene.jitter, sigma_px=0.0))


def _in_place(scene: Scene, rng: np.random.Generator) -> Scene:
    moved = _displaced(scene, rng)
    return replace(moved, specimen=scene.specimen)


@cache
def _pair() -> tuple[Recipe, Recipe]:
    recipe = Recipe(
        "displaced",
        tuple(held_out_crystals().values()),
        kinds=("crystal",),
        psnr_db=(15.0, 25.0),
        counted=seen_in_counts,
    )
    return replace(recipe, change=_displaced), replace(recipe, change=_in_place)


def displaced(number: int) -> Result:
    """Return found against true displacement: sums whose quotient is the slope."""
    made, ideal = (recipe.image(number) for recipe in _pair())
    truth = made.scene.positions_px.numpy()
    step = truth - ideal.scene.positions_px.numpy()
    strong = np.zeros(len(truth), dtype=bool)
    strong[np.flatnonzero(made.is_inside)[made.is_visible & is_inner(made.positions)]] = True
    measured = {"raw": locate(Micrograph(made.image)).columns.positions}
    measured["map"] = locate(Micrograph(made.image), method="weighted-centroid").columns.positions
    for model in ("denoise", "denoise_background", "super_resolution"):
        restored = process(Micrograph(made.image), model).image
        measured[model] = locate(Micrograph(restored), method="gaussian-2d").columns.positions
    sums: Result = {}
    for name, positions in measured.items():
        matched = match(positions, truth, made.scene.image_width_px / 2)
        wanted = strong[matched.true]
        true_step = step[matched.true[wanted]]
        found_step = true_step + matched.errors[wanted]
        sums[f"{name} product"] = float((true_step * found_step).sum())
        sums[f"{name} square"] = float((true_step**2).sum())
    return sums
