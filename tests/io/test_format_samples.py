"""Every sample of the format corpus and every micrograph reads as its README says."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from atomsegnet.core.errors import NotAnImageError
from atomsegnet.io.read import inspect, read


class Sample(NamedTuple):
    """One line of a README: shape, type, pixel size (y, x) [nm], smallest and largest value."""

    file: str
    shape: tuple[int, ...]
    dtype: str
    pixel_size_nm: tuple[float, float] | None
    low: float
    high: float


FORMATS = [
    Sample("test_STEM_image.dm3", (68, 68), "uint32", (0.248538, 0.248538), 29407, 36106),
    Sample("test-1.dm3", (2, 2), "int16", None, 1, 4),
    Sample("test-6.dm4", (2, 2), "uint8", None, 1, 4),
    Sample("test-12.dm4", (2, 2), "float64", None, 1, 4),
    Sample("ref_F_0_2.dm4", (3, 2), "float32", None, 0, 5),
    Sample("ref_T_0_2.dm3", (3, 4, 5), "float32", None, 0, 59),
    Sample("dmTest_float32_nonSquare_diffPixelSize.dm4", (64, 128), "float32", (0.2, 1.0), 0, 127),
    Sample(
        "test_stackbuilder_imagestack.dm3", (3, 2, 16), "uint32", (59.983, 59.983), 593415, 640661
    ),
    Sample("16x16_STEM_BF_DF_acquire_1.ser", (16, 16), "uint16", (21.510, 21.510), 0, 3),
    Sample("16x16_STEM_BF_DF_acquire_2.ser", (16, 16), "uint16", (21.510, 21.510), 2549, 2798),
    Sample("16x16_STEM_BF_DF_acquire.emi", (16, 16), "uint16", (21.510, 21.510), 0, 3),
    Sample("03_Scanning Preview_1.ser", (5, 128, 128), "uint16", (0.384352, 0.384352), 353, 57297),
    Sample("example_image.emd", (3, 3), "int32", None, 0, 8),
    Sample("Si100_2x1x1_3D.emd", (22, 44), "float32", (0.25, 0.25), 0, 0),
    Sample("fei_example_tem_stack.emd", (2, 3, 3), "int16", (0.00817288, 0.00817288), 0, 17),
    Sample(
        "STEM HAADF-DF4-DF2-BF Diffraction Micro.emd",
        (128, 128),
        "uint16",
        (87.3708, 87.3708),
        9989,
        10003,
    ),
    Sample("HAADFscan.mrc", (16, 16), "uint16", (5.67913, 5.67913), 3923, 9399),
    Sample(
        "test_loading_image_saved_with_DM.tif", (68, 68), "int32", (168.675, 168.675), 2866, 3774
    ),
    Sample(
        "test_loading_image_saved_with_imageJ.tif",
        (68, 68),
        "float32",
        (168.675, 168.675),
        2866,
        3774,
    ),
    Sample(
        "test_loading_image_saved_with_imageJ_stack.tif",
        (2, 68, 68),
        "float32",
        (168.675, 168.675),
        2866,
        3774,
    ),
    Sample("FEI-Helios-Ebeam-16bits.tif", (471, 512), "uint16", (3372.4, 3372.4), 0, 65280),
    Sample("optical_Zeiss_AxioVision_RGB.tif", (10, 13), "RGB uint8", None, 9.359, 23.044),
]

MICROGRAPHS = [
    Sample("Si110_5nmX25us_03_none_none.png", (512, 512), "uint8", None, 0, 255),
    Sample("03_afterimage_8nm_crp.png", (730, 730), "uint8", None, 0, 255),
    Sample("10_dso_8nm_none_none.png", (1024, 1024), "uint8", None, 0, 255),
    Sample("Grain_boundry_gold_512px.png", (512, 512), "uint8", None, 42, 255),
    Sample("16_STOimage_1.ser", (1024, 1024), "uint16", (0.010013, 0.010013), 16121, 24376),
    Sample("HAADF26.dm3", (512, 512), "uint16", (0.020217, 0.020217), 5355, 17267),
    Sample(
        "example_Se_implanted_MoS2.dm3",
        (1024, 1024),
        "uint32",
        (0.012695, 0.012695),
        2930931,
        3542985,
    ),
    Sample(
        "example_Au_nanoparticle.emd",
        (2048, 2048),
        "uint16",
        (0.0074984, 0.0074984),
        15131,
        19023,
    ),
    Sample("052227.010101-stem00-clean.png", (250, 250), "RGBA uint8", None, 0, 255),
    Sample("052227.010101.h5", (256, 256), "float64", None, 6.2186e-06, 0.0560268),
]


def check(path: Path, sample: Sample) -> None:
    contents = inspect(path)
    detector = next(item for item in contents.detectors if item.name == contents.default_detector)
    frames = [read(path, frame) for frame in range(detector.frame_count)]
    *stack, rows, columns = sample.shape
    assert [frame.shape for frame in frames] == [(rows, columns)] * (stack or [1])[0]
    assert (detector.rows, detector.columns, detector.dtype) == (rows, columns, sample.dtype)
    for frame in frames:
        assert frame.image.dtype == np.float32
        assert frame.pixel_size_nm == detector.pixel_size_nm
        if sample.pixel_size_nm is None:
            assert frame.pixel_size_nm is None
        else:
            assert frame.pixel_size_nm == pytest.approx(sample.pixel_size_nm, rel=1e-4)
    assert min(frame.image.min() for frame in frames) == pytest.approx(sample.low, rel=1e-4)
    assert max(frame.image.max() for frame in frames) == pytest.approx(sample.high, rel=1e-4)


@pytest.mark.parametrize("sample", FORMATS, ids=lambda sample: sample.file)
def test_that_a_format_sample_reads_as_its_readme_says(shared_data: Path, sample: Sample) -> None:
    check(shared_data / "formats" / sample.file, sample)


@pytest.mark.parametrize("sample", MICROGRAPHS, ids=lambda sample: sample.file)
def test_that_a_micrograph_reads_as_its_readme_says(shared_data: Path, sample: Sample) -> None:
    check(shared_data / "micrographs" / sample.file, sample)


def test_that_a_spectrum_is_refused(shared_data: Path) -> None:
    with pytest.raises(NotAnImageError, match="spectrum"):
        read(shared_data / "formats" / "test-EELS_spectrum.dm3")


def test_that_every_sample_is_in_the_table(shared_data: Path) -> None:
    tested = {sample.file for sample in FORMATS} | {"test-EELS_spectrum.dm3", "README.md"}
    assert {path.name for path in (shared_data / "formats").iterdir()} == tested


@pytest.mark.parametrize(
    ("file", "frame", "values"),
    [
        ("test-1.dm3", 0, [[1, 2], [3, 4]]),
        ("test-6.dm4", 0, [[1, 2], [3, 4]]),
        ("test-12.dm4", 0, [[1, 2], [3, 4]]),
        ("ref_F_0_2.dm4", 0, [[0, 1], [2, 3], [4, 5]]),
        ("ref_T_0_2.dm3", 1, np.arange(20, 40).reshape(4, 5)),
        ("example_image.emd", 0, [[0, 1, 2], [3, 4, 5], [6, 7, 8]]),
        ("fei_example_tem_stack.emd", 0, [[0, 2, 4], [6, 8, 10], [12, 14, 16]]),
        ("fei_example_tem_stack.emd", 1, [[1, 3, 5], [7, 9, 11], [13, 15, 17]]),
    ],
)
def test_that_rows_columns_and_frames_are_in_order(
    shared_data: Path, file: str, frame: int, values: object
) -> None:
    image = read(shared_data / "formats" / file, frame).image
    np.testing.assert_array_equal(image, np.asarray(values))


def test_that_any_detector_of_a_velox_file_can_be_chosen(shared_data: Path) -> None:
    path = shared_data / "formats" / "STEM HAADF-DF4-DF2-BF Diffraction Micro.emd"
    assert read(path).detector == "HAADF"
    assert set(read(path).detectors) == {"HAADF", "DF2", "BF", "DF4"}
    assert read(path, detector="BF").image.max() == 0


def test_that_an_emi_file_offers_the_images_of_its_ser_files(shared_data: Path) -> None:
    path = shared_data / "formats" / "16x16_STEM_BF_DF_acquire.emi"
    assert read(path).detectors == ("Image 1", "Image 2")
    assert read(path, detector="Image 2").image.min() == 2549


def test_that_a_table_of_coordinates_is_no_image(shared_data: Path) -> None:
    micrograph = read(shared_data / "micrographs" / "052227.010101.h5")
    assert micrograph.detectors == ("haadf/raw", "haadf/stem00-blbk1", "haadf/stem00-clean")
    assert micrograph.detector == "haadf/raw"


def test_that_the_simulated_picture_is_a_part_of_the_simulated_image(shared_data: Path) -> None:
    folder = shared_data / "micrographs"
    picture = read(folder / "052227.010101-stem00-clean.png").image
    image = read(folder / "052227.010101.h5", detector="haadf/stem00-clean").image[3:253, 3:253]
    assert np.corrcoef(picture.ravel(), image.ravel())[0, 1] > 0.98
