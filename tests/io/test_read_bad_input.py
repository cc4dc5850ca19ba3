"""Whatever is wrong with a file, reading it ends at once with one sentence."""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Callable
from pathlib import Path

import h5py
import mrcfile
import numpy as np
import pytest
import tifffile
from minimal_files import (
    dm_image,
    write_dm,
    write_png_header,
    write_ser,
    write_tiff_header,
)
from PIL import Image

from atomsegnet.core.errors import NotAnImageError, ReadError
from atomsegnet.io.read import inspect, read

# Noise, so that no format can pack it into fewer bytes and a cut always cuts pixels.
IMAGE = np.random.default_rng(1).integers(0, 1000, (24, 32)).astype(np.uint16)
MANY = 2**20  # rows and columns of an image of 2 TB


def _dm(path: Path) -> None:
    write_dm(path, dm_image(IMAGE.astype(np.int16)), version=4 if path.suffix == ".dm4" else 3)


def _mrc(path: Path) -> None:
    with mrcfile.new(path, data=IMAGE):
        pass


def _hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["haadf"] = IMAGE


def _picture(path: Path) -> None:
    Image.fromarray((IMAGE // 4).astype(np.uint8)).save(path)


WRITERS: dict[str, Callable[[Path], object]] = {
    ".dm3": _dm,
    ".dm4": _dm,
    ".ser": lambda path: write_ser(path, IMAGE[None]),
    ".mrc": _mrc,
    ".emd": _hdf5,
    ".h5": _hdf5,
    ".tif": lambda path: tifffile.imwrite(path, IMAGE, metadata=None),
    ".tiff": lambda path: tifffile.imwrite(path, IMAGE, imagej=True),
    ".png": _picture,
    ".jpg": _picture,
    ".bmp": _picture,
    ".gif": _picture,
}

every_format = pytest.mark.parametrize("suffix", WRITERS)


def refuse(path: Path, match: str | None = None) -> str:
    """Check that a file is refused by both functions, in one sentence; return the reason."""
    with pytest.raises(ReadError):
        read(path)
    with pytest.raises(ReadError, match=match) as caught:
        inspect(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert message.endswith(".")
    assert "\n" not in message
    return message


@every_format
def test_that_the_whole_file_reads(tmp_path: Path, suffix: str) -> None:
    WRITERS[suffix](tmp_path / f"a{suffix}")
    assert read(tmp_path / f"a{suffix}").shape == IMAGE.shape


@every_format
def test_that_a_file_cut_at_any_tenth_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    WRITERS[suffix](path)
    whole = path.read_bytes()
    for tenth in range(1, 10):
        path.write_bytes(whole[: len(whole) * tenth // 10])
        with pytest.raises(ReadError):
            read(path)


@pytest.mark.parametrize(
    "file",
    [
        "test_STEM_image.dm3", "test-12.dm4", "ref_T_0_2.dm3", "03_Scanning Preview_1.ser",
        "16x16_STEM_BF_DF_acquire_2.ser", "example_image.emd", "Si100_2x1x1_3D.emd",
        "fei_example_tem_stack.emd", "HAADFscan.mrc", "test_loading_image_saved_with_DM.tif",
        "test_loading_image_saved_with_imageJ_stack.tif", "FEI-Helios-Ebeam-16bits.tif",
    ],
)  # fmt: skip
def test_that_a_real_file_cut_at_any_tenth_is_refused(
    tmp_path: Path, shared_data: Path, file: str
) -> None:
    whole = (shared_data / "formats" / file).read_bytes()
    for tenth in range(10):
        (tmp_path / file).write_bytes(whole[: len(whole) * tenth // 10])
        with pytest.raises(ReadError):
            read(tmp_path / file)


@every_format
def test_that_an_empty_file_is_refused(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"a{suffix}").touch()
    refuse(tmp_path / f"a{suffix}", "is empty")


@every_format
def test_that_a_text_file_is_refused(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"a{suffix}").write_text("x,y\n1,2 µm\n" * 500, encoding="utf-8")
    refuse(tmp_path / f"a{suffix}", "is a text file")


@every_format
def test_that_noise_is_refused(tmp_path: Path, suffix: str) -> None:
    noise = np.random.default_rng(2).bytes(5000)
    (tmp_path / f"a{suffix}").write_bytes(b"\xfe" + noise)
    refuse(tmp_path / f"a{suffix}")


@every_format
def test_that_noise_after_a_whole_head_never_escapes_as_another_error(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    WRITERS[suffix](path)
    whole = path.read_bytes()
    rng = np.random.default_rng(3)
    for _ in range(15):
        damaged = bytearray(whole)
        for place in rng.integers(4, min(len(whole), 400), 6):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        with contextlib.suppress(ReadError):
            read(path)


@every_format
@pytest.mark.parametrize("wrong", [".tif", ".dm3", ".png", ".mrc", ".dat", ""])
def test_that_a_wrong_suffix_does_not_matter(tmp_path: Path, suffix: str, wrong: str) -> None:
    WRITERS[suffix](tmp_path / f"a{suffix}")
    (tmp_path / f"a{suffix}").rename(tmp_path / f"b{wrong}")
    assert read(tmp_path / f"b{wrong}").shape == IMAGE.shape


def test_that_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tif").mkdir()
    refuse(tmp_path / "a.tif", "is a folder")


def test_that_a_missing_file_is_refused(tmp_path: Path) -> None:
    refuse(tmp_path / "a.tif", "does not exist")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files on this system")
def test_that_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.tif")
    refuse(tmp_path / "a.tif", "no ordinary file")


def test_that_a_file_without_permission_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _picture(tmp_path / "a.png")

    # Taken away by hand, since a superuser may read whatever the mode says.
    def deny(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    refuse(tmp_path / "a.png", "permission")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("suffix", [".dm3", ".dm4", ".ser", ".mrc", ".h5", ".tif", ".png", ".bmp"])
def test_that_a_header_that_promises_a_terabyte_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix in (".dm3", ".dm4"):
        tags = dm_image(IMAGE.astype(np.int16), sides=(MANY, MANY))
        write_dm(path, tags, version=int(suffix[-1]))
    elif suffix == ".ser":
        write_ser(path, IMAGE[None], shape=(MANY, MANY))
    elif suffix == ".h5":
        with h5py.File(path, "w") as file:
            file.create_dataset("haadf", (MANY, MANY), chunks=(64, 64), dtype="u2")
    elif suffix == ".tif":
        write_tiff_header(path, MANY, MANY)
    elif suffix == ".png":
        write_png_header(path, MANY, MANY)
    else:
        WRITERS[suffix](path)
        data = bytearray(path.read_bytes())
        place = 0 if suffix == ".mrc" else 18
        data[place : place + 8] = struct.pack("<ii", MANY, MANY)
        path.write_bytes(data)
    refuse(path)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("suffix", [".tif", ".png", ".h5", ".dm3", ".ser"])
def test_that_a_header_that_promises_a_gigabyte_is_refused(tmp_path: Path, suffix: str) -> None:
    path, side = tmp_path / f"a{suffix}", 30000
    if suffix == ".tif":
        write_tiff_header(path, side, side)
    elif suffix == ".png":
        write_png_header(path, side, side)
    elif suffix == ".dm3":
        write_dm(path, dm_image(IMAGE.astype(np.int16), sides=(side, side)))
    elif suffix == ".ser":
        write_ser(path, IMAGE[None], shape=(side, side))
    else:
        with h5py.File(path, "w") as file:
            file.create_dataset("haadf", (side, side), chunks=(64, 64), dtype="u2")
    refuse(path, "promises|damaged")


def test_that_a_series_of_a_billion_frames_is_refused(tmp_path: Path) -> None:
    data = bytearray(write_ser(tmp_path / "a.ser", IMAGE[None]).read_bytes())
    data[14:22] = struct.pack("<ii", 10**9, 10**9)
    (tmp_path / "a.ser").write_bytes(data)
    refuse(tmp_path / "a.ser", "promises")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_that_a_file_without_a_finite_value_is_refused(tmp_path: Path, value: float) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.full((8, 8), value, np.float32))
    with pytest.raises(NotAnImageError, match="no finite"):
        read(tmp_path / "a.tif")


def test_that_a_few_missing_values_become_the_median(tmp_path: Path) -> None:
    image = np.full((8, 8), 5, np.float64)
    image[0, :3] = np.nan, np.inf, 1e300
    tifffile.imwrite(tmp_path / "a.tif", image)
    micrograph = read(tmp_path / "a.tif")
    np.testing.assert_array_equal(micrograph.image, 5)
    assert micrograph.metadata["replaced"].startswith("3 pixels")


def test_that_an_image_of_zeros_still_reads(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((8, 8), np.uint16))
    assert not read(tmp_path / "a.tif").image.any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 100), (100, 1)])
def test_that_a_pixel_or_a_line_is_no_image(tmp_path: Path, shape: tuple[int, int]) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.ones(shape, np.uint16))
    with pytest.raises(NotAnImageError):
        read(tmp_path / "a.tif")
    Image.fromarray(np.ones(shape, np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(NotAnImageError):
        read(tmp_path / "a.png")


def test_that_large_whole_numbers_are_noted_as_rounded(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.full((4, 4), 2**24 + 1, np.uint32))
    assert "16777217" in read(tmp_path / "a.tif").metadata["rounded"]


@pytest.mark.parametrize("frame", [-1, 3])
def test_that_an_unknown_frame_is_refused_with_those_there_are(tmp_path: Path, frame: int) -> None:
    write_ser(tmp_path / "a.ser", np.stack([IMAGE] * 3))
    with pytest.raises(ReadError, match="0 to 2"):
        read(tmp_path / "a.ser", frame=frame)


def test_that_an_unknown_detector_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["haadf"], file["bf"] = IMAGE, IMAGE
    with pytest.raises(ReadError, match='"bf", "haadf"'):
        read(tmp_path / "a.h5", detector="DF4")
