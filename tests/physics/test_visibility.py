"""Which columns stand out, against heights measured in repeated simulations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from atomsegnet.physics.background import Background
from atomsegnet.physics.render import render
from atomsegnet.physics.scan_noise import Detector, Jitter
from atomsegnet.physics.scene import Scene, SceneSettings, draw_scene
from atomsegnet.physics.specimen import Specimen

FILMS = 40
SPECKLE = 0.1


def lattice_on_a_film(counts: float) -> Scene:
    """Return 25 equal columns, three widths apart, on an amorphous film."""
    rng = np.random.default_rng(8)
    scene = draw_scene(SceneSettings(empty_share=0.0, speckle_share=0.0), rng, 128, 128, 6.0)
    steps = np.arange(-2, 3) * 3.0
    places = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    none = np.zeros((0, 4))
    return replace(
        scene,
        specimen=Specimen(places, np.ones(25), "crystal", np.full(25, "")),
        background=Background(0.2, np.zeros(5), none, none, np.zeros((0, 5))),
        speckle=SPECKLE,
        counts=counts,
        jitter=Jitter(),
        detector=Detector(),
    )


def fitted_heights(image: np.ndarray, scene: Scene) -> np.ndarray:
    """Fit height, place and background of each column alone, linearly, in a window around it."""
    sigma = scene.width_px / 2.3548
    heights = []
    for row, column in scene.positions_px.numpy():
        y, x = (np.arange(round(c) - 9, round(c) + 10) - c for c in (row, column))
        peak = np.exp(-(y[:, None] ** 2 + x[None, :] ** 2) / (2 * sigma**2))
        design = np.stack([peak, peak * y[:, None], peak * x, np.ones_like(peak)], -1)
        window = image[round(row) - 9 : round(row) + 10, round(column) - 9 : round(column) + 10]
        heights.append(np.linalg.lstsq(design.reshape(-1, 4), window.ravel())[0][0])
    return np.array(heights)


def test_a_film_hides_columns_as_the_ratio_says() -> None:
    scene = lattice_on_a_film(counts=1e6)
    films = [render(scene, torch.Generator().manual_seed(n), ()) for n in range(FILMS)]
    heights = np.array([fitted_heights(made.image.numpy(), scene) for made in films])
    measured = float(np.median(heights.mean(axis=0) / heights.std(axis=0)))
    expected = float(np.median(films[0].noise_ratio))
    # Alone, a column stands out a little more than between others.
    assert expected <= measured < 1.7 * expected


def test_what_a_film_hides_may_be_found_or_not() -> None:
    hidden = replace(lattice_on_a_film(counts=1e6), speckle=0.2)
    made = render(hidden, torch.Generator().manual_seed(1), ("gaussian_map",))
    assert not made.is_visible.any()
    assert not made.labels["gaussian_map"].any()
    rows, columns = np.rint(hidden.positions_px.numpy()).astype(int).T
    assert (made.weight.numpy()[rows, columns] == 0).all()
    assert made.weight.mean() > 0.5


def test_noise_hides_columns_for_good() -> None:
    dark = replace(lattice_on_a_film(counts=0.05), speckle=0.0)
    made = render(dark, torch.Generator().manual_seed(1), ("gaussian_map",))
    assert (made.noise_ratio < 3).all()
    assert (made.weight == 1).all()
