from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from atomsegnet.physics.materials import projected
from atomsegnet.physics.render import ALL_LABELS, render
from atomsegnet.physics.scene import SceneSettings, draw_scene
from atomsegnet.physics.visibility import visible_columns

CRYSTAL = SceneSettings(
    empty_share=0.0,
    crystals=(projected("Si", (1, 1, 0)),),
    crystal_share=1.0,
    psnr_db=(30.0, 35.0),
    jitter_px=0.0,
    speckle_share=0.0,
)


def scene_and_image(seed: int, settings: SceneSettings = CRYSTAL, width_px: float = 6.0):
    scene = draw_scene(settings, np.random.default_rng(seed), 128, 128, width_px)
    made = render(scene, torch.Generator().manual_seed(seed), ALL_LABELS)
    return scene, made


def test_that_the_same_seed_gives_the_same_image_and_another_a_different_one() -> None:
    first, again, other = (scene_and_image(seed)[1].image for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_that_labels_are_true_to_the_positions() -> None:
    for seed in range(4):
        scene, made = scene_and_image(seed)
        positions = scene.positions_px.numpy()[made.is_visible]
        inside = ((positions > 4) & (positions < 123)).all(axis=1)
        values = ndimage.map_coordinates(
            made.labels["gaussian_map"].numpy(), positions[inside].T, order=3
        )
        assert values.min() > 0.9


def test_that_the_image_is_noise_around_the_denoised_label() -> None:
    scene, made = scene_and_image(1, SceneSettings(empty_share=1.0, speckle_share=0.0))
    expected = made.labels["denoise"]
    residual = made.image - expected
    assert float(residual.mean() / expected.mean()) == pytest.approx(0, abs=0.01)
    assert scene.detector.gain == 1.0


def test_that_sharpening_keeps_the_integrated_intensity() -> None:
    for seed in range(3):
        _, made = scene_and_image(seed)
        before, after = made.labels["denoise_background"], made.labels["super_resolution"]
        if float(before.sum()) == 0:
            continue
        assert float(after.sum()) == pytest.approx(float(before.sum()), rel=0.1)
        assert float(after.max()) > 2 * float(before.max())


def test_that_an_empty_frame_has_empty_maps() -> None:
    _, made = scene_and_image(5, SceneSettings(empty_share=1.0))
    assert float(made.labels["gaussian_map"].max()) == 0
    assert float(made.labels["circular_mask"].max()) == 0
    assert float(made.weight.min()) == 1


def test_that_columns_lost_in_noise_or_under_a_neighbor_are_not_asked_for() -> None:
    positions = np.array([[0, 0], [0, 0.5], [5, 5], [9, 9], [9, 10.2]])
    intensity = np.array([1.0, 0.9, 1.0, 1.0, 0.1])
    ratio = np.array([90.0, 80.0, 2.0, 90.0, 9.0])
    visible = visible_columns(positions, intensity, ratio, 5.0)
    assert visible.tolist() == [True, False, False, True, True]


def test_that_a_spectrum_of_widths_is_what_was_asked_for() -> None:
    for width in (2.6, 6.0, 14.0):
        scene, _ = scene_and_image(2, width_px=width)
        assert scene.image_width_px == pytest.approx(width)
        assert scene.pixel_size_nm * width == pytest.approx(scene.psf.fwhm_nm)
