"""PNG, JPEG, BMP and GIF pictures that the tests write."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from atomsegnet.io.read import inspect, read

GRAY = (np.arange(300) % 251).astype(np.uint8).reshape(15, 20)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".gif"])
def test_that_gray_pictures_keep_their_values(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(GRAY).save(tmp_path / f"a{suffix}")
    micrograph = read(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(micrograph.image, GRAY)
    assert micrograph.pixel_size_nm is None


def test_that_a_jpeg_is_close_to_what_was_saved(tmp_path: Path) -> None:
    smooth = np.add.outer(np.arange(32), np.arange(32)).astype(np.uint8)
    Image.fromarray(smooth).save(tmp_path / "a.jpg", quality=95, dpi=(300, 300))
    assert np.abs(read(tmp_path / "a.jpg").image - smooth).max() <= 3
    assert read(tmp_path / "a.jpg").pixel_size_nm is None


def test_that_sixteen_bits_are_kept(tmp_path: Path) -> None:
    deep = GRAY.astype(np.uint16) * 257
    Image.fromarray(deep).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read(tmp_path / "a.png").image, deep)
    assert inspect(tmp_path / "a.png").detectors[0].dtype == "uint16"


@pytest.mark.parametrize("mode", ["LA", "RGB", "RGBA", "P"])
def test_that_gray_in_another_mode_keeps_its_values(tmp_path: Path, mode: str) -> None:
    Image.fromarray(GRAY).convert(mode).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read(tmp_path / "a.png").image, GRAY)


def test_that_transparency_does_not_change_the_values(tmp_path: Path) -> None:
    stored = np.stack([GRAY, GRAY, GRAY, GRAY[::-1]], axis=-1)
    Image.fromarray(stored).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read(tmp_path / "a.png").image, GRAY)


def test_that_colors_become_their_brightness(tmp_path: Path) -> None:
    stored = np.zeros((4, 4, 3), dtype=np.uint8)
    stored[..., 1] = 100
    Image.fromarray(stored).save(tmp_path / "a.png")
    np.testing.assert_allclose(read(tmp_path / "a.png").image, 58.7, rtol=1e-6)


def test_that_one_bit_pictures_are_black_and_white(tmp_path: Path) -> None:
    Image.fromarray(GRAY > 100).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read(tmp_path / "a.png").image, (GRAY > 100) * 255.0)
