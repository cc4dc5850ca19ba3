"""Writing whole files or none, and reading them back."""

from __future__ import annotations

import stat
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from atomsegnet.core.columns import Columns
from atomsegnet.core.errors import ReadError, WriteError
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.provenance import PixelSizeOrigin, Provenance
from atomsegnet.io.columns_csv import FIELDS, read_columns_csv, write_columns_csv
from atomsegnet.io.figure import COLUMN_COLOR, EDGE_COLOR, render_figure, write_figure
from atomsegnet.io.read import read
from atomsegnet.io.safe_write import safely_written
from atomsegnet.io.write_tiff import write_tiff

IMAGE = np.random.default_rng(4).normal(size=(30, 40)).astype(np.float32)

PROVENANCE = Provenance(
    program_version="1.2.3",
    model="gaussian_map",
    weights_sha256="ab" * 32,
    pixel_size_nm=PixelSize(0.02, 0.01),
    pixel_size_origin=PixelSizeOrigin.TYPED,
    parameters={"method": "gaussian-2d", "note": 'a: "b",  c\nd \u2028 µ', "threshold": "0.5"},
    input_name="image of Å, no: 1.dm4",
    input_sha256="cd" * 32,
)


def make_columns(count: int = 5) -> Columns:
    rng = np.random.default_rng(5)
    columns = Columns(
        positions=rng.uniform(5, 25, (count, 2)),
        sigmas=rng.uniform(0.01, 0.1, (count, 2)),
        amplitude=rng.normal(size=count) * 1e6,
        width=rng.uniform(3, 5, count),
        background=rng.normal(size=count),
        integrated_intensity=rng.normal(size=count),
        confidence=rng.uniform(size=count),
        is_edge=rng.uniform(size=count) > 0.5,
        method="gaussian-2d",
    )
    if count:
        columns.sigmas[0] = np.nan
        columns.width[-1] = np.nan
    return columns


def test_that_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"

    def fail_halfway() -> None:
        with safely_written(path) as temporary:
            temporary.write_text("half")
            assert not path.exists()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert list(tmp_path.iterdir()) == []
    with safely_written(path) as temporary:
        temporary.write_text("whole")
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "whole"


def test_that_a_file_is_only_replaced_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(WriteError, match="exists already"), safely_written(path):
        pytest.fail("a file was offered")
    assert path.read_text() == "old"
    with safely_written(path, overwrite=True) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"


def test_that_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(WriteError), safely_written(path):
        path.write_text("someone else's")
    assert path.read_text() == "someone else's"
    assert len(list(tmp_path.iterdir())) == 1


def test_that_an_impossible_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="does not exist"), safely_written(tmp_path / "b" / "a"):
        pytest.fail("a file was offered")
    with pytest.raises(WriteError, match="is a folder"), safely_written(tmp_path, overwrite=True):
        pytest.fail("a file was offered")


def test_that_others_may_read_a_written_file(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    with safely_written(tmp_path / "a"):
        pass
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert len(modes) == 1


@pytest.mark.parametrize("size", [None, PixelSize(0.0123456789, 1 / 3), PixelSize(59.98, 59.98)])
def test_that_a_written_tiff_reads_back_exactly(tmp_path: Path, size: PixelSize | None) -> None:
    write_tiff(tmp_path / "a.tif", IMAGE, size)
    micrograph = read(tmp_path / "a.tif")
    np.testing.assert_array_equal(micrograph.image, IMAGE)
    assert micrograph.pixel_size_nm == size


def test_that_imagej_finds_the_scale_of_a_written_tiff(tmp_path: Path) -> None:
    write_tiff(tmp_path / "a.tif", IMAGE, PixelSize(0.02, 0.01))
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert file.imagej_metadata is not None
        assert file.imagej_metadata["unit"] == "nm"
        numerator, denominator = file.pages.first.tags["XResolution"].value
        assert denominator / numerator == pytest.approx(0.01)


def test_that_a_tiff_is_not_overwritten_without_being_asked(tmp_path: Path) -> None:
    write_tiff(tmp_path / "a.tif", IMAGE)
    with pytest.raises(WriteError):
        write_tiff(tmp_path / "a.tif", IMAGE + 1)
    write_tiff(tmp_path / "a.tif", IMAGE + 1, overwrite=True)
    np.testing.assert_array_equal(read(tmp_path / "a.tif").image, IMAGE + 1)


def test_that_a_table_of_columns_reads_back_exactly(tmp_path: Path) -> None:
    columns = make_columns()
    write_columns_csv(tmp_path / "a.csv", columns, PROVENANCE)
    found = read_columns_csv(tmp_path / "a.csv")
    assert found.provenance == PROVENANCE
    for item in fields(Columns):
        np.testing.assert_array_equal(
            getattr(found.columns, item.name), getattr(columns, item.name)
        )


def test_that_an_empty_table_reads_back(tmp_path: Path) -> None:
    write_columns_csv(tmp_path / "a.csv", make_columns(0), PROVENANCE)
    found = read_columns_csv(tmp_path / "a.csv")
    assert len(found.columns) == 0
    assert found.columns.method == "gaussian-2d"


def test_that_the_table_holds_x_and_y_in_px_and_nm(tmp_path: Path) -> None:
    write_columns_csv(tmp_path / "a.csv", make_columns(), PROVENANCE)
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8").split("\n")
    table = [line for line in lines if not line.startswith("#")]
    assert table[0] == ",".join(FIELDS)
    row = dict(zip(FIELDS, table[2].split(","), strict=True))
    y, x = make_columns().positions[1]
    assert (float(row["x_px"]), float(row["y_px"])) == (x, y)
    assert (float(row["x_nm"]), float(row["y_nm"])) == pytest.approx((x * 0.01, y * 0.02))
    assert row["id"] == "2"


def test_that_nm_stay_empty_where_the_pixel_size_is_unknown(tmp_path: Path) -> None:
    unknown = replace(PROVENANCE, pixel_size_nm=None, pixel_size_origin=PixelSizeOrigin.NONE)
    write_columns_csv(tmp_path / "a.csv", make_columns(), unknown)
    last = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()[-1]
    row = dict(zip(FIELDS, last.split(","), strict=True))
    assert row["x_nm"] == row["y_nm"] == row["width_px"] == ""
    assert read_columns_csv(tmp_path / "a.csv").provenance.pixel_size_nm is None


def test_that_a_table_saved_by_a_spreadsheet_on_windows_reads(tmp_path: Path) -> None:
    write_columns_csv(tmp_path / "a.csv", make_columns(), PROVENANCE)
    text = (tmp_path / "a.csv").read_bytes().replace(b"\n", b"\r\n")
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + text)
    assert read_columns_csv(tmp_path / "a.csv").provenance == PROVENANCE


def test_that_a_damaged_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_columns_csv(path, make_columns(), PROVENANCE)
    whole = path.read_bytes()
    for length in range(0, len(whole) - 10, 23):
        path.write_bytes(whole[:length])
        with pytest.raises(ReadError):
            read_columns_csv(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ReadError, match="no text"):
        read_columns_csv(path)
    with pytest.raises(ReadError, match="cannot be read"):
        read_columns_csv(tmp_path / "missing.csv")


def test_that_a_figure_is_enlarged_by_a_whole_number(tmp_path: Path) -> None:
    write_figure(tmp_path / "a.png", IMAGE)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.format == "PNG"
        assert picture.size == (800, 600)
    with pytest.raises(WriteError):
        write_figure(tmp_path / "a.png", IMAGE)


def test_that_a_large_figure_keeps_its_size() -> None:
    assert render_figure(np.zeros((900, 1000), np.float32)).size == (1000, 900)


def test_that_circles_surround_their_columns() -> None:
    columns = make_columns(2)
    columns.positions[:] = (10, 10), (10, 30)
    columns.is_edge[:] = False, True
    figure = np.asarray(render_figure(np.zeros((30, 40), np.float32), columns))
    for color, column in ((COLUMN_COLOR, 10), (EDGE_COLOR, 30)):
        rows, pixels = np.nonzero((figure == color).all(axis=-1))
        assert rows.mean() == pytest.approx(10.5 * 20 - 0.5, abs=0.6)
        assert pixels.mean() == pytest.approx((column + 0.5) * 20 - 0.5, abs=0.6)


@pytest.mark.parametrize(
    ("size", "length_px"), [(PixelSize(9, 0.1), 10), (PixelSize(9, 0.3), 20 / 3), (None, 10)]
)
def test_that_the_scale_bar_is_right_along_x(size: PixelSize | None, length_px: float) -> None:
    figure = np.asarray(render_figure(np.zeros((30, 40), np.float32), None, size))
    is_white = (figure == 255).all(axis=-1)
    assert is_white.sum(axis=1).max() == pytest.approx(length_px * 20, abs=1)
