"""What an image tells of its own conditions, on simulations where they are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from atomsegnet.analysis.conditions import line_jitter_px, measure_conditions
from atomsegnet.core.conditions import Conditions
from atomsegnet.physics.materials import projected
from atomsegnet.physics.render import render
from atomsegnet.physics.scan_noise import Detector, Jitter
from atomsegnet.physics.scene import Scene, SceneSettings, draw_scene

WIDTH_PX = 7.0
WIDTH_NM = 0.09
SIZE_PX = 320


def simulated(psnr_db: float, jitter_px: float) -> tuple[Scene, np.ndarray]:
    settings = SceneSettings(
        psnr_db=(psnr_db, psnr_db),
        empty_share=0.0,
        crystals=(projected("SrTiO3", (0, 0, 1)),),
        crystal_share=1.0,
        kinds=("crystal",),
        fwhm_nm=(WIDTH_NM, WIDTH_NM),
        background=(0.3, 0.3),
    )
    scene = draw_scene(settings, np.random.default_rng(5), SIZE_PX, SIZE_PX, WIDTH_PX)
    # An interference of many cycles, so that the mean square of the shifts is that of the setting.
    scene = replace(scene, jitter=Jitter(jitter_px, 0.21, 0.3), detector=Detector(), speckle=0.0)
    return scene, render(scene, torch.Generator().manual_seed(1), ()).image.numpy()


def test_that_a_simulated_column_has_the_width_that_was_asked_for() -> None:
    scene, _ = simulated(20, 0)
    assert scene.pixel_size_nm == pytest.approx(WIDTH_NM / WIDTH_PX)


@pytest.mark.parametrize("psnr_db", [14.0, 28.0])
def test_that_dose_signal_and_background_are_found(psnr_db: float) -> None:
    scene, image = simulated(psnr_db, 0.0)
    found = measure_conditions(image, WIDTH_PX, scene.pixel_size_nm)
    assert found.psnr_db == pytest.approx(psnr_db, abs=2.0)
    assert found.counts == pytest.approx(scene.counts, rel=0.2)
    assert found.dose_e_per_nm2 == pytest.approx(scene.counts / scene.pixel_size_nm**2, rel=0.2)
    uneven = float(np.ptp(np.percentile(scene.background.sample(SIZE_PX).numpy(), (5, 95))))
    assert found.background == pytest.approx(uneven, rel=0.35)


@pytest.mark.parametrize(("psnr_db", "jitter_px"), [(20.0, 0.4), (28.0, 1.0)])
def test_that_scan_noise_is_found(psnr_db: float, jitter_px: float) -> None:
    _, image = simulated(psnr_db, jitter_px)
    assert line_jitter_px(image, WIDTH_PX) == pytest.approx(jitter_px, rel=0.15)


def test_that_counting_noise_is_not_taken_for_scan_noise() -> None:
    _, image = simulated(24.0, 0.0)
    assert line_jitter_px(image, WIDTH_PX) < 0.12


def test_that_noise_that_does_not_grow_tells_no_dose() -> None:
    rows, columns = np.indices((128, 128))
    lattice = np.cos(2 * np.pi * rows / 16) * np.cos(2 * np.pi * columns / 16)
    image = (lattice + np.random.default_rng(0).normal(0, 0.1, lattice.shape)).astype(np.float32)
    found = measure_conditions(image, 8.0, None)
    assert found.counts is None
    assert found.dose_e_per_nm2 is None
    assert dict(found.lines())["Dose"] == "not told by the noise"
    assert dict(found.lines())["Pixel size"] == "not known"


@pytest.mark.parametrize(
    ("counts", "written"), [(2.54, "2.5"), (1712.3, "1700"), (4.13e6, "4100000")]
)
def test_that_a_dose_is_written_without_a_power_of_ten(counts: float, written: str) -> None:
    lines = dict(Conditions(5.0, None, 20.0, counts, 0.1, 0.2).lines())
    assert lines["Dose"] == f"{written} counts at the top of a column"


def test_that_an_image_without_lines_enough_has_no_scan_noise() -> None:
    assert line_jitter_px(np.zeros((3, 40), dtype=np.float32), 6.0) == 0.0
