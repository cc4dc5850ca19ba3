"""Velox, Berkeley, Prismatic and other HDF5 files that the tests write."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from atomsegnet.core.errors import NotAnImageError, ReadError
from atomsegnet.io.read import inspect, read

IMAGE = np.arange(12, dtype=np.uint16).reshape(3, 4)


def write_velox(path: Path, images: dict[str, np.ndarray], unit: str = "m") -> Path:
    """Write one stack (H, W, N) for each detector."""
    with h5py.File(path, "w") as file:
        for number, (name, stack) in enumerate(images.items()):
            result = {
                "Detector": name,
                "PixelSize": {"width": "1e-11", "height": "2e-11"},
                "PixelUnitX": unit,
                "PixelUnitY": unit,
            }
            text = json.dumps({"BinaryResult": result}).encode().ljust(1000, b"\0")
            column = np.frombuffer(text, np.uint8).reshape(-1, 1)
            group = file.create_group(f"Data/Image/{number:032x}")
            group["Data"] = stack
            group["Metadata"] = np.repeat(column, stack.shape[2], axis=1)
    return path


def write_berkeley(
    path: Path, data: np.ndarray, names: list[str], units: list[str], name: str = "data"
) -> Path:
    """Write one group with an axis of step 0.5 for each dimension."""
    with h5py.File(path, "w") as file:
        group = file.create_group("signals/scan")
        group.attrs["emd_group_type"] = 1
        group[name] = data
        for axis, side in enumerate(data.shape):
            dimension = group.create_dataset(f"dim{axis + 1}", data=np.arange(side) * 0.5)
            dimension.attrs["name"], dimension.attrs["units"] = names[axis], units[axis]
    return path


def test_that_haadf_is_taken_and_another_detector_can_be(tmp_path: Path) -> None:
    stacks = {"BF": IMAGE[..., None], "HAADF": IMAGE[..., None] + 100, "DF4": IMAGE[..., None]}
    path = write_velox(tmp_path / "a.emd", stacks)
    assert read(path).detector == "HAADF"
    np.testing.assert_array_equal(read(path).image, IMAGE + 100)
    np.testing.assert_array_equal(read(path, detector="BF").image, IMAGE)
    assert read(path).pixel_size_nm == pytest.approx((0.02, 0.01))


def test_that_detectors_of_one_name_are_told_apart(tmp_path: Path) -> None:
    with h5py.File(write_velox(tmp_path / "a.emd", {"HAADF": IMAGE[..., None]}), "a") as file:
        file.copy(f"Data/Image/{0:032x}", f"Data/Image/{1:032x}")
    assert read(tmp_path / "a.emd").detectors == ("HAADF", "HAADF 2")


def test_that_velox_frames_are_the_last_axis(tmp_path: Path) -> None:
    path = write_velox(tmp_path / "a.emd", {"HAADF": np.stack([IMAGE, IMAGE + 50], axis=-1)})
    np.testing.assert_array_equal(read(path, frame=1).image, IMAGE + 50)


def test_that_a_diffraction_pattern_of_velox_has_no_pixel_size(tmp_path: Path) -> None:
    path = write_velox(tmp_path / "a.emd", {"Ceta": IMAGE[..., None]}, unit="1/m")
    assert read(path).pixel_size_nm is None


def test_that_a_berkeley_emd_is_shown_as_it_is_stored(tmp_path: Path) -> None:
    path = write_berkeley(tmp_path / "a.emd", IMAGE, ["y", "x"], ["[n_m]", "[A]"])
    np.testing.assert_array_equal(read(path).image, IMAGE)
    assert read(path).pixel_size_nm == pytest.approx((0.5, 0.05))


def test_that_an_emd_with_x_first_is_turned(tmp_path: Path) -> None:
    path = write_berkeley(
        tmp_path / "a.emd", IMAGE, ["R_x", "R_y"], ["[n_m]", "[A]"], name="realslice"
    )
    np.testing.assert_array_equal(read(path).image, IMAGE.T)
    assert read(path).pixel_size_nm == pytest.approx((0.05, 0.5))


def test_that_detector_bins_after_x_and_y_are_frames(tmp_path: Path) -> None:
    data = np.arange(24, dtype=np.float32).reshape(3, 4, 2)
    names, units = ["R_x", "R_y", "bin_outer_angle"], ["[n_m]", "[n_m]", "[mrad]"]
    path = write_berkeley(tmp_path / "a.emd", data, names, units)
    assert read(path).frame_count == 2
    np.testing.assert_array_equal(read(path, frame=1).image, data[..., 1].T)


def test_that_the_first_axis_of_an_emd_stack_counts_its_frames(tmp_path: Path) -> None:
    data = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    path = write_berkeley(tmp_path / "a.emd", data, ["", "", ""], ["", "", ""])
    np.testing.assert_array_equal(read(path, frame=1).image, data[1])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (np.ones((2, 2, 2, 2)), "4D-STEM"),
        (np.ones(9), "spectrum"),
        (np.ones((4, 4), complex), "complex"),
    ],
)
def test_that_an_emd_without_an_image_is_refused(
    tmp_path: Path, data: np.ndarray, reason: str
) -> None:
    path = write_berkeley(tmp_path / "a.emd", data, [""] * 4, [""] * 4)
    with pytest.raises(NotAnImageError, match=reason):
        read(path)


def test_that_images_are_picked_from_an_unknown_hdf5_file(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["bf"] = np.zeros((20, 30))
        file["haadf/image"] = np.ones((2, 20, 30), np.float32)
        file["haadf/mask"] = np.ones((20, 30), bool)
        file["positions"] = np.ones((500, 2))
        file["spectrum"] = np.ones(500)
    contents = inspect(path)
    assert [item.name for item in contents.detectors] == ["bf", "haadf/image"]
    assert contents.default_detector == "haadf/image"
    assert read(path, frame=1).image.max() == 1


def test_that_an_hdf5_file_without_an_image_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["positions"] = np.ones((500, 2))
    with pytest.raises(NotAnImageError, match="without an image"):
        read(tmp_path / "a.h5")


@pytest.mark.parametrize("suffix", [".h5", ".hspy"])
def test_that_hdf5_data_that_were_never_written_are_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    with h5py.File(path, "w") as file:
        file.create_dataset("image", (2000, 2000), chunks=(100, 100), dtype="f4")
    with pytest.raises(ReadError, match="promises"):
        read(path)
