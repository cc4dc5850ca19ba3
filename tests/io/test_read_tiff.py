"""TIFF files that the tests write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from atomsegnet.core.errors import NotAnImageError, ReadError
from atomsegnet.io.read import inspect, read

IMAGE = np.arange(300).reshape(15, 20)


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "f2", "f4", "f8"])
def test_that_every_type_and_byte_order_keeps_its_values(
    tmp_path: Path, dtype: str, byteorder: str
) -> None:
    stored = (IMAGE % 120).astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", stored, byteorder=byteorder)
    np.testing.assert_array_equal(read(tmp_path / "a.tif").image, stored.astype(np.float32))
    assert inspect(tmp_path / "a.tif").detectors[0].dtype == np.dtype(dtype).name


@pytest.mark.parametrize(
    "options",
    [
        {"bigtiff": True},
        {"compression": "zlib"},
        {"compression": "zlib", "predictor": True},
        {"tile": (16, 16)},
        {"rowsperstrip": 4},
    ],
    ids=str,
)
def test_that_every_layout_keeps_its_values(tmp_path: Path, options: dict[str, Any]) -> None:
    tifffile.imwrite(tmp_path / "a.tif", IMAGE.astype(np.uint16), **options)
    np.testing.assert_array_equal(read(tmp_path / "a.tif").image, IMAGE)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_that_lzw_is_unpacked(tmp_path: Path, dtype: type[np.generic]) -> None:
    stored = (IMAGE % 250).astype(dtype)
    Image.fromarray(stored).save(tmp_path / "a.tif", compression="tiff_lzw")
    np.testing.assert_array_equal(read(tmp_path / "a.tif").image, stored)


@pytest.mark.parametrize("options", [{}, {"imagej": True}, {"compression": "zlib"}], ids=str)
def test_that_pages_are_frames(tmp_path: Path, options: dict[str, Any]) -> None:
    stack = np.stack([IMAGE, IMAGE + 1000, IMAGE + 2000]).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack", **options)
    assert read(tmp_path / "a.tif").frame_count == 3
    np.testing.assert_array_equal(read(tmp_path / "a.tif", frame=2).image, stack[2])


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_that_equal_colors_keep_their_values(tmp_path: Path, planar: str) -> None:
    gray = (IMAGE % 250).astype(np.uint8)
    stored = np.stack([gray] * 3, axis=-1 if planar == "contig" else 0)
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="rgb", planarconfig=planar)
    micrograph = read(tmp_path / "a.tif")
    assert (micrograph.shape, micrograph.frame_count) == ((15, 20), 1)
    np.testing.assert_array_equal(micrograph.image, gray)


def test_that_a_palette_is_looked_up(tmp_path: Path) -> None:
    palette = np.zeros((3, 256), dtype=np.uint16)
    palette[:] = np.arange(256)[::-1] * 257
    indices = (IMAGE % 250).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", indices, photometric="palette", colormap=palette)
    np.testing.assert_array_equal(read(tmp_path / "a.tif").image, palette[0][indices])


def test_that_dots_per_inch_are_no_pixel_size(tmp_path: Path) -> None:
    for unit in ("INCH", "CENTIMETER", "NONE"):
        tifffile.imwrite(
            tmp_path / "a.tif", IMAGE.astype(np.uint8), resolution=(72, 72), resolutionunit=unit
        )
        assert read(tmp_path / "a.tif").pixel_size_nm is None


@pytest.mark.parametrize(
    ("unit", "nm"),
    [("nm", 1), ("micron", 1000), (r"\u00B5m", 1000), (r"\u00C5", 0.1), ("pm", 1e-3)],
)
def test_that_imagej_units_give_the_pixel_size_by_axis(
    tmp_path: Path, unit: str, nm: float
) -> None:
    tifffile.imwrite(
        tmp_path / "a.tif",
        IMAGE.astype(np.float32),
        imagej=True,
        resolution=(4, 2),
        metadata={"unit": unit},
    )
    assert read(tmp_path / "a.tif").pixel_size_nm == pytest.approx((nm / 2, nm / 4))


@pytest.mark.parametrize("unit", ["pixel", "", "sec"])
def test_that_imagej_without_a_unit_of_length_has_no_pixel_size(tmp_path: Path, unit: str) -> None:
    tifffile.imwrite(
        tmp_path / "a.tif",
        IMAGE.astype(np.float32),
        imagej=True,
        resolution=(4, 2),
        metadata={"unit": unit},
    )
    assert read(tmp_path / "a.tif").pixel_size_nm is None


def test_that_private_tags_of_digitalmicrograph_give_the_pixel_size(tmp_path: Path) -> None:
    tags = [(65003, "s", 0, "nm", True), (65004, "s", 0, "pm", True)]
    scales = [(65009, "d", 1, 0.25, True), (65010, "d", 1, 500.0, True)]
    tifffile.imwrite(
        tmp_path / "a.tif", IMAGE.astype(np.int32), extratags=tags + scales, resolution=(72, 72)
    )
    assert read(tmp_path / "a.tif").pixel_size_nm == pytest.approx((0.5, 0.25))


def test_that_ome_gives_the_pixel_size(tmp_path: Path) -> None:
    size = {"PhysicalSizeX": 0.1, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 2e-4}
    tifffile.imwrite(
        tmp_path / "a.ome.tif", IMAGE.astype(np.uint16), ome=True, metadata={"axes": "YX", **size}
    )
    assert read(tmp_path / "a.ome.tif").pixel_size_nm == pytest.approx((0.2, 0.1))


def test_that_a_stack_of_pages_is_refused_when_a_page_is_lost(tmp_path: Path) -> None:
    for page in range(3):
        tifffile.imwrite(tmp_path / "a.tif", (IMAGE + page).astype(np.uint16), append=page > 0)
    whole = (tmp_path / "a.tif").read_bytes()
    for length in range(100, len(whole), 97):
        (tmp_path / "a.tif").write_bytes(whole[:length])
        with pytest.raises(ReadError):
            read(tmp_path / "a.tif")


def test_that_a_list_of_pages_that_goes_in_a_circle_is_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", IMAGE.astype(np.uint16), byteorder="<", metadata=None)
    data = bytearray((tmp_path / "a.tif").read_bytes())
    start = int.from_bytes(data[4:8], "little")
    end = start + 2 + 12 * int.from_bytes(data[start : start + 2], "little")
    data[end : end + 4] = start.to_bytes(4, "little")
    (tmp_path / "a.tif").write_bytes(data)
    with pytest.raises(ReadError, match="circle"):
        read(tmp_path / "a.tif")


def test_that_complex_numbers_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", IMAGE.astype(np.complex64))
    with pytest.raises(NotAnImageError, match="complex"):
        read(tmp_path / "a.tif")
