"""DM3, DM4, SER and MRC files that the tests write."""

from __future__ import annotations

from pathlib import Path

import mrcfile
import numpy as np
import pytest
from minimal_files import dm_image, write_dm, write_ser

from atomsegnet.core.errors import NotAnImageError, ReadError
from atomsegnet.io.read import inspect, read

IMAGE = np.arange(12, dtype=np.int16).reshape(3, 4)
THUMBNAIL = dm_image(np.zeros((8, 8), dtype="<i4").view("<i4"), color=True)


@pytest.mark.parametrize("version", [3, 4])
def test_that_a_dm_file_gives_its_values_and_a_pixel_size_by_axis(
    tmp_path: Path, version: int
) -> None:
    tags = dm_image(IMAGE, name="HAADF", units=("nm", "A"), scales=(1.5, 2.0))
    micrograph = read(write_dm(tmp_path / "a.dm3", tags, version=version))
    np.testing.assert_array_equal(micrograph.image, IMAGE)
    assert micrograph.pixel_size_nm == pytest.approx((0.2, 1.5))
    assert micrograph.detector == "HAADF"
    assert micrograph.metadata["stored_dtype"] == "int16"


@pytest.mark.parametrize("marked", [0, None])
def test_that_a_thumbnail_is_never_taken(tmp_path: Path, marked: int | None) -> None:
    path = write_dm(tmp_path / "a.dm3", THUMBNAIL, dm_image(IMAGE), thumbnail=marked)
    np.testing.assert_array_equal(read(path).image, IMAGE)
    assert len(inspect(path).detectors) == 1


@pytest.mark.parametrize("unit", ["", "µ", "µn", "six", "1/nm", "mrad"])
def test_that_a_unit_that_is_no_length_gives_no_pixel_size(tmp_path: Path, unit: str) -> None:
    path = write_dm(tmp_path / "a.dm4", dm_image(IMAGE, units=(unit, unit)), version=4)
    assert read(path).pixel_size_nm is None


def test_that_a_color_image_of_dm_becomes_gray(tmp_path: Path) -> None:
    stored = np.zeros((3, 4, 4), dtype=np.uint8)
    stored[..., 2] = 100  # red; blue comes first
    path = write_dm(tmp_path / "a.dm3", dm_image(stored.view("<i4")[..., 0], color=True))
    np.testing.assert_allclose(read(path).image, 29.9, rtol=1e-6)


def test_that_frames_of_a_dm_stack_are_its_slowest_axis(tmp_path: Path) -> None:
    stack = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    path = write_dm(tmp_path / "a.dm3", dm_image(stack))
    np.testing.assert_array_equal(read(path, frame=1).image, stack[1])
    assert read(path).frame_count == 2


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        (dm_image(np.zeros(64, dtype=np.float32)), "spectrum"),
        (dm_image(IMAGE, units=("eV", "nm")), "spectrum"),
        (dm_image(np.zeros((4, 4), dtype=np.complex64)), "Fourier"),
        (dm_image(np.zeros((2, 2, 2, 2), dtype=np.uint8)), "4D-STEM"),
        (dm_image(np.zeros((1, 1), dtype=np.uint8)), "single pixel"),
    ],
)
def test_that_a_dm_file_without_an_image_is_refused(
    tmp_path: Path, tags: dict[str, object], reason: str
) -> None:
    with pytest.raises(NotAnImageError, match=reason):
        read(write_dm(tmp_path / "a.dm3", tags))


def test_that_a_dm_file_of_a_thumbnail_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAnImageError, match="thumbnail"):
        read(write_dm(tmp_path / "a.dm3", THUMBNAIL, thumbnail=0))


def test_that_a_ser_series_gives_frames_with_the_top_row_first(tmp_path: Path) -> None:
    frames = np.arange(24, dtype=np.uint16).reshape(2, 3, 4)
    path = write_ser(tmp_path / "a_1.ser", frames, step_m=(2e-11, 1e-11))
    micrograph = read(path, frame=1)
    np.testing.assert_array_equal(micrograph.image, frames[1])
    assert micrograph.pixel_size_nm == pytest.approx((0.02, 0.01))
    assert micrograph.frame_count == 2


def test_that_a_diffraction_pattern_of_ser_has_no_pixel_size(tmp_path: Path) -> None:
    path = write_ser(tmp_path / "a_1.ser", np.ones((1, 4, 4), np.uint16), step_m=(1e8, 1e8))
    assert read(path).pixel_size_nm is None


def test_that_a_ser_spectrum_is_refused(tmp_path: Path) -> None:
    path = write_ser(tmp_path / "a_1.ser", np.ones((1, 4, 4), np.uint16), kind=0x4120)
    with pytest.raises(NotAnImageError, match="spectrum"):
        read(path)


def test_that_an_emi_file_reads_through_its_ser_files_or_says_where_they_belong(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.emi").write_bytes(b"JK\0\x02" + bytes(100))
    with pytest.raises(ReadError, match=r"a_1\.ser"):
        read(tmp_path / "a.emi")
    write_ser(tmp_path / "a_1.ser", np.ones((1, 4, 4), np.uint16))
    write_ser(tmp_path / "a_2.ser", np.full((1, 4, 4), 7, np.uint16))
    assert read(tmp_path / "a.emi", detector="Image 2").image.max() == 7


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.uint16, np.float32, np.float16])
def test_that_an_mrc_file_gives_its_values_and_pixel_size(
    tmp_path: Path, dtype: type[np.generic]
) -> None:
    stack = np.arange(24).reshape(2, 3, 4).astype(dtype)
    with mrcfile.new(tmp_path / "a.mrc") as file:
        file.set_data(stack)
        file.set_image_stack()
        file.voxel_size = (1.5, 2.5, 0)
    micrograph = read(tmp_path / "a.mrc", frame=1)
    np.testing.assert_array_equal(micrograph.image, stack[1])
    assert micrograph.pixel_size_nm == pytest.approx((0.25, 0.15))


def test_that_an_mrc_file_without_a_cell_has_no_pixel_size(tmp_path: Path) -> None:
    with mrcfile.new(tmp_path / "a.mrc", data=np.ones((3, 4), np.float32)):
        pass
    assert read(tmp_path / "a.mrc").pixel_size_nm is None


@pytest.mark.parametrize("columns", [3, 4, 9])
def test_that_a_big_endian_mrc_file_reads(tmp_path: Path, columns: int) -> None:
    image = np.arange(3 * columns, dtype=">i2").reshape(3, columns)
    with mrcfile.new(tmp_path / "a.mrc", data=image):
        pass
    assert (tmp_path / "a.mrc").read_bytes()[:4] == columns.to_bytes(4, "big")
    np.testing.assert_array_equal(read(tmp_path / "a.mrc").image, image)


def test_that_a_transform_in_mrc_is_refused(tmp_path: Path) -> None:
    with mrcfile.new(tmp_path / "a.mrc", data=np.ones((3, 4), np.complex64)):
        pass
    with pytest.raises(NotAnImageError, match="complex"):
        read(tmp_path / "a.mrc")
