"""Make the small file of each kind that the self-test reads, in resources/selftest.

    python build_scripts/make_selftest_files.py

All of them hold the same corner of a simulated sample; ``reference.npy`` holds it as well.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import h5py
import mrcfile
import numpy as np
import numpy.typing as npt
from PIL import Image

from atomsegnet.core.micrograph import PixelSize
from atomsegnet.io.read import read
from atomsegnet.io.write_tiff import write_tiff
from atomsegnet.paths import samples_folder, selftest_folder

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "io"))
from minimal_files import dm_image, write_dm, write_ser  # the writers of the readers' tests

SAMPLE = "simulated_Si_110.tif"
ROWS, COLUMNS = 48, 64
PIXEL_NM = 0.011

Image16 = npt.NDArray[np.uint16]


def write_all(folder: Path, image: Image16) -> None:
    """Write one file of each kind."""
    tags = dm_image(image.astype(np.int16), units=("nm", "nm"), scales=(PIXEL_NM, PIXEL_NM))
    write_dm(folder / "sample.dm3", tags, version=3)
    write_dm(folder / "sample.dm4", tags, version=4)
    step_m = (1e-9 * PIXEL_NM, 1e-9 * PIXEL_NM)
    write_ser(folder / "sample_1.ser", image[np.newaxis], step_m)
    (folder / "sample.emi").write_bytes(b"JK\0\x02" + bytes(60))
    write_velox(folder / "velox.emd", image)
    write_berkeley(folder / "berkeley.emd", image)
    write_hyperspy(folder / "sample.hspy", image)
    with mrcfile.new(folder / "sample.mrc", overwrite=True) as file:
        file.set_data(image)
        file.voxel_size = 10 * PIXEL_NM  # in Angstrom
    write_tiff(folder / "sample.tif", image.astype(np.float32), PixelSize(PIXEL_NM, PIXEL_NM))
    Image.fromarray(image).save(folder / "sample.png")
    for suffix in ("jpg", "bmp", "gif"):
        low, high = float(image.min()), float(image.max())
        gray = np.round(255 * (image - low) / (high - low)).astype(np.uint8)
        Image.fromarray(gray).save(folder / f"sample.{suffix}")
    np.save(folder / "reference.npy", image)


def write_velox(path: Path, image: Image16) -> None:
    """Write the image as Velox does: one stack (H, W, N) for each detector."""
    size = {"width": str(1e-9 * PIXEL_NM), "height": str(1e-9 * PIXEL_NM)}
    result = {"Detector": "HAADF", "PixelSize": size, "PixelUnitX": "m", "PixelUnitY": "m"}
    text = json.dumps({"BinaryResult": result}).encode().ljust(1000, b"\0")
    with h5py.File(path, "w") as file:
        group = file.create_group(f"Data/Image/{0:032x}")
        group["Data"] = image[..., np.newaxis]
        group["Metadata"] = np.frombuffer(text, np.uint8).reshape(-1, 1)


def write_berkeley(path: Path, image: Image16) -> None:
    """Write the image as the EMD files of Berkeley hold it."""
    with h5py.File(path, "w") as file:
        group = file.create_group("signals/scan")
        group.attrs["emd_group_type"] = 1
        group["data"] = image
        for axis, side in enumerate(image.shape):
            dimension = group.create_dataset(f"dim{axis + 1}", data=np.arange(side) * PIXEL_NM)
            dimension.attrs["name"], dimension.attrs["units"] = "yx"[axis], "[n_m]"


def write_hyperspy(path: Path, image: Image16) -> None:
    """Write the image as HyperSpy does."""
    with h5py.File(path, "w") as file:
        file.attrs["file_format"], file.attrs["file_format_version"] = "HyperSpy", "3.3"
        group = file.create_group("Experiments/scan")
        group["data"] = image
        for axis, side in enumerate(image.shape):
            group.create_group(f"axis-{axis}").attrs.update(
                _type="UniformDataAxis",
                name="yx"[axis],
                scale=PIXEL_NM,
                offset=0.0,
                size=side,
                units="nm",
                navigate=False,
            )
        for name in ("metadata", "original_metadata", "learning_results"):
            group.create_group(name)


def main() -> None:
    """Make the folder anew."""
    folder = selftest_folder()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sample = read(samples_folder() / SAMPLE).image[:ROWS, :COLUMNS]
    # 12 bits, so that every format holds them: some know no floating point, DM's here is signed.
    image = np.round(4095 * (sample - sample.min()) / np.ptp(sample)).astype(np.uint16)
    write_all(folder, image)
    for path in sorted(folder.iterdir()):
        print(path.name, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
