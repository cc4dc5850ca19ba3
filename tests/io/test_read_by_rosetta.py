"""Formats that only RosettaSciIO reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from atomsegnet.core.errors import NotAnImageError, ReadError
from atomsegnet.io.read import read

IMAGE = np.arange(12, dtype=np.float32).reshape(3, 4)


def write_hyperspy(path: Path, data: np.ndarray[Any, Any], units: tuple[str, ...]) -> Path:
    """Write a signal of two signal axes, of steps 0.1, 0.2 and so on."""
    with h5py.File(path, "w") as file:
        file.attrs["file_format"], file.attrs["file_format_version"] = "HyperSpy", "3.3"
        group = file.create_group("Experiments/scan")
        group["data"] = data
        for axis, unit in enumerate(units):
            group.create_group(f"axis-{axis}").attrs.update(
                {
                    "_type": "UniformDataAxis",
                    "name": f"axis {axis}",
                    "scale": 0.1 * (axis + 1),
                    "offset": 0.0,
                    "size": data.shape[axis],
                    "units": unit,
                    "navigate": axis < data.ndim - 2,
                }
            )
        for name in ("metadata", "original_metadata", "learning_results"):
            group.create_group(name)
    return path


def write_ripple(path: Path) -> Path:
    """Write the header; the numbers lie in a file of their own."""
    height, width = IMAGE.shape
    lines = (
        ("key", "value"), ("width", width), ("height", height), ("depth", 1), ("offset", 0),
        ("data-length", 4), ("data-type", "float"), ("byte-order", "little-endian"),
        ("record-by", "dont-care"), ("width-scale", 0.2), ("width-units", "nm"),
        ("height-scale", 0.1), ("height-units", "nm"),
    )  # fmt: skip
    path.write_text("\n".join(f"{key}\t{value}" for key, value in lines), encoding="utf-8")
    path.with_suffix(".raw").write_bytes(IMAGE.astype("<f4").tobytes())
    return path


def test_that_a_hyperspy_image_keeps_values_and_pixel_size(tmp_path: Path) -> None:
    micrograph = read(write_hyperspy(tmp_path / "a.hspy", IMAGE, ("nm", "nm")))
    np.testing.assert_array_equal(micrograph.image, IMAGE)
    assert micrograph.pixel_size_nm == pytest.approx((0.1, 0.2))


def test_that_a_ripple_image_keeps_values_and_pixel_size(tmp_path: Path) -> None:
    micrograph = read(write_ripple(tmp_path / "a.rpl"))
    np.testing.assert_array_equal(micrograph.image, IMAGE)
    assert micrograph.pixel_size_nm == pytest.approx((0.1, 0.2))


def test_that_ripple_data_that_are_cut_or_gone_are_refused(tmp_path: Path) -> None:
    path = write_ripple(tmp_path / "a.rpl")
    whole = path.with_suffix(".raw").read_bytes()
    path.with_suffix(".raw").write_bytes(whole[:-4])
    with pytest.raises(ReadError):
        read(path)
    path.with_suffix(".raw").unlink()
    with pytest.raises(ReadError):
        read(path)


def test_that_a_stack_gives_its_frames(tmp_path: Path) -> None:
    stack = np.stack([IMAGE, IMAGE + 100])
    path = write_hyperspy(tmp_path / "a.hspy", stack, ("", "nm", "nm"))
    assert read(path).frame_count == 2
    np.testing.assert_array_equal(read(path, frame=1).image, stack[1])


def test_that_spectra_are_refused(tmp_path: Path) -> None:
    path = write_hyperspy(tmp_path / "a.hspy", IMAGE, ("nm", "eV"))
    with pytest.raises(NotAnImageError, match="spectra"):
        read(path)


@pytest.mark.parametrize("suffix", [".hspy", ".nxs", ".unf", ".rpl", ".elid", ".sur"])
def test_that_text_and_noise_are_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    for content in (b"hello\n" * 100, b"\xfe" + np.random.default_rng(6).bytes(3000)):
        path.write_bytes(content)
        with pytest.raises(ReadError):
            read(path)


def test_that_a_cut_hyperspy_file_is_refused(tmp_path: Path) -> None:
    path = write_hyperspy(tmp_path / "a.hspy", IMAGE, ("nm", "nm"))
    whole = path.read_bytes()
    for tenth in range(10):
        path.write_bytes(whole[: len(whole) * tenth // 10])
        with pytest.raises(ReadError):
            read(path)
