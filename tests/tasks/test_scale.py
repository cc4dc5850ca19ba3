from __future__ import annotations

import numpy as np
import pytest

from atomsegnet.core.errors import SettingError
from atomsegnet.core.micrograph import Micrograph, PixelSize
from atomsegnet.core.progress import Progress
from atomsegnet.nn import column_width
from atomsegnet.nn.column_width import WidthEstimate, estimate_width
from atomsegnet.physics.materials import projected
from atomsegnet.physics.scene import SceneSettings
from atomsegnet.tasks.scale import PROBE_PX, busiest_piece, checked_factor, choose_scale
from atomsegnet.tasks.simulate_one import simulate_one


def crystal(width_px: float, seed: int, zone: str = "SrTiO3") -> Micrograph:
    name, direction = {"SrTiO3": ("SrTiO3", (0, 0, 1)), "Si": ("Si", (1, 1, 0))}[zone]
    settings = SceneSettings(
        crystals=(projected(name, direction),),
        crystal_share=1.0,
        empty_share=0.0,
        psnr_db=(20.0, 25.0),
        speckle_share=0.0,
    )
    made = simulate_one(settings, (seed,), size=320, width_px=(width_px, width_px), labels=())
    return Micrograph(made.image)


@pytest.mark.parametrize("zone", ["SrTiO3", "Si"])
@pytest.mark.parametrize("width_px", [4.0, 8.0, 13.0])
def test_that_the_scale_of_a_crystal_is_found_from_the_image(width_px: float, zone: str) -> None:
    scale = choose_scale(crystal(width_px, 21, zone), 6.0)
    # The networks were trained on a standard deviation of a quarter of an octave.
    assert abs(np.log2(scale.factor * width_px / 6.0)) < 0.35
    assert scale.column_width_px == pytest.approx(6.0 / scale.factor)


@pytest.mark.parametrize("wrong", [0.4, 2.3])
def test_that_a_wrong_first_estimate_is_mended_by_the_network(monkeypatch, wrong: float) -> None:
    micrograph = crystal(8.0, 21)
    monkeypatch.setattr(column_width, "estimate_width", lambda _: WidthEstimate(8.0 * wrong, 99.0))
    scale = choose_scale(micrograph, 6.0)
    assert abs(np.log2(scale.factor * 8.0 / 6.0)) < 0.35


def test_that_the_first_estimate_is_right_within_its_error_on_most_images() -> None:
    errors = []
    for seed in range(8):
        for width_px in (4.0, 9.0):
            estimate = estimate_width(crystal(width_px, seed).image)
            if estimate is not None:
                errors.append(np.log2(estimate.width_px / width_px))
    assert len(errors) >= 14
    assert abs(np.median(errors)) < 0.25
    assert np.median(np.abs(errors)) < 0.4


def test_that_pure_noise_has_no_column_width() -> None:
    noise = np.random.default_rng(0).poisson(30, (256, 256)).astype(np.float32)
    assert estimate_width(noise) is None


def test_that_noise_correlated_by_the_detector_does_not_pass_for_columns() -> None:
    micrograph = crystal(10.0, 4)
    rng = np.random.default_rng(1)
    fine = rng.normal(0, 1, micrograph.shape)
    smeared = (fine + np.roll(fine, 1, 0) + np.roll(fine, 1, 1)) * 0.3 * micrograph.image.std()
    estimate = estimate_width((micrograph.image + smeared).astype(np.float32))
    assert estimate is not None
    assert 5.0 < estimate.width_px < 16.0


def test_that_the_scale_is_sought_once_for_each_micrograph() -> None:
    micrograph = crystal(7.0, 5)
    seen: list[Progress] = []
    first = choose_scale(micrograph, 6.0, seen.append)
    count = len(seen)
    assert count > 0
    assert choose_scale(micrograph, 6.0, seen.append) is first
    assert len(seen) == count


def test_that_an_image_without_columns_takes_its_scale_from_the_pixel_size() -> None:
    noise = np.random.default_rng(0).poisson(30, (128, 128)).astype(np.float32)
    scale = choose_scale(Micrograph(noise, PixelSize(0.01, 0.01)), 6.0)
    assert scale.factor == pytest.approx(0.6)
    assert "pixel size" in scale.notes[0]
    assert choose_scale(Micrograph(noise), 6.0).factor == 1.0


def test_that_the_busiest_piece_is_where_the_columns_are() -> None:
    row, column = np.mgrid[:1200, :1500]
    slope = (column / 10).astype(np.float32)
    columns = (np.cos(row * 0.6) * np.cos(column * 0.6)).astype(np.float32)
    columns[(row < 700) | (row > 1050) | (column < 1000) | (column > 1350)] = 0
    piece = busiest_piece(slope + columns, 1.0)
    assert piece.shape == (PROBE_PX, PROBE_PX)
    # The slope tells which columns of the image the piece holds.
    assert 10 * piece.mean() == pytest.approx(1175, abs=40)
    assert (piece - piece.mean(axis=0)).std() > 0.8 * columns[700:1050, 1000:1350].std()


def test_that_a_factor_out_of_range_is_refused() -> None:
    assert checked_factor(2.0) == 2.0
    for factor in (0.0, 0.01, 50.0, float("nan")):
        with pytest.raises(SettingError, match="rescaled"):
            checked_factor(factor)
