"""The lattice of a table of columns and of a micrograph, and what is written of it."""

from __future__ import annotations

import csv
from pathlib import Path

import h5py
import numpy as np
import pytest

import atomsegnet as asn
from atomsegnet.core.columns import Columns
from atomsegnet.core.errors import NoLatticeError, WriteError
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.provenance import PixelSizeOrigin, Provenance
from atomsegnet.io.columns_csv import write_columns_csv
from atomsegnet.tasks.lattice import MeasuredLattice, export_lattice, lattice_of, summary

PIXEL_NM = PixelSize(0.011, 0.01)


def columns_of(positions: np.ndarray, amplitude: np.ndarray | None = None) -> Columns:
    count = len(positions)
    nothing = np.full(count, np.nan)
    return Columns(
        positions=positions,
        sigmas=np.full((count, 2), np.nan),
        amplitude=np.ones(count) if amplitude is None else amplitude,
        width=nothing,
        background=nothing,
        integrated_intensity=nothing,
        confidence=nothing,
        is_edge=np.zeros(count, dtype=bool),
        method="gaussian-2d",
    )


def square(noise_px: float = 0.1) -> np.ndarray:
    """Return a grid of 40 x 44 px with a column missing, so that it is square in nanometers."""
    grid = np.stack(np.meshgrid(np.arange(12), np.arange(14), indexing="ij"), axis=-1)
    positions = grid.reshape(-1, 2) * (40.0, 44.0) + 10.0
    positions += np.random.default_rng(2).normal(0, noise_px, positions.shape)
    return np.delete(positions, 5 * 14 + 6, axis=0)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a CSV of columns."""
    path = tmp_path / "some_columns.csv"
    origin = Provenance("0", pixel_size_nm=PIXEL_NM, pixel_size_origin=PixelSizeOrigin.FILE)
    write_columns_csv(path, columns_of(square()), origin)
    return path


def test_that_a_table_of_columns_gives_lengths_in_nanometers(table: Path) -> None:
    measured = asn.lattice(table)
    found = measured.lattice
    assert found.unit == "nm"
    # Pixels are higher than wide: 40 rows and 44 columns are the same length.
    assert np.linalg.norm(found.a) == pytest.approx(0.44, rel=1e-3)
    assert np.linalg.norm(found.b) == pytest.approx(0.44, rel=1e-3)
    # 0.1 px of both columns of a pair: 1.0 pm along x, 1.1 pm along y, times the root of 2.
    assert found.spacings[0].sd == pytest.approx(1.41e-3, rel=0.15)
    assert found.spacings[1].sd == pytest.approx(1.56e-3, rel=0.15)
    np.testing.assert_allclose(found.in_pixels(found.missing.positions), [[210, 274]], atol=0.3)
    assert found.missing.is_vacancy.all()
    assert measured.provenance.parameters["columns from"] == table.name


def test_that_a_typed_pixel_size_takes_the_place_of_the_stored_one(table: Path) -> None:
    found = asn.lattice(table, pixel_size_nm=PixelSize(0.02, 0.02)).lattice
    assert np.linalg.norm(found.a) == pytest.approx(0.88, rel=1e-3)


def test_that_lengths_are_in_pixels_where_their_size_is_unknown() -> None:
    found = lattice_of(columns_of(square()))
    assert found.unit == "px"
    assert "frames" not in "".join(summary(found))
    assert "px" in summary(found)[0]


def test_that_columns_without_order_are_refused_with_the_file_named(tmp_path: Path) -> None:
    path = tmp_path / "gas.csv"
    positions = np.random.default_rng(0).uniform(0, 300, (80, 2))
    write_columns_csv(path, columns_of(positions), Provenance("0"))
    with pytest.raises(NoLatticeError, match=r"gas\.csv: The 80 columns do not repeat"):
        asn.lattice(path)


@pytest.fixture
def measured(table: Path) -> MeasuredLattice:
    return asn.lattice(table)


def test_that_the_table_has_a_row_for_each_column_and_each_missing_one(
    measured: MeasuredLattice, tmp_path: Path
) -> None:
    path = tmp_path / "lattice.csv"
    export_lattice(path, measured)
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert len(rows) == 12 * 14
    assert [row["kind"] for row in rows].count("vacancy") == 1
    first = rows[0]
    assert float(first["x_nm"]) == pytest.approx(float(first["x_px"]) * 0.01)
    assert float(first["y_nm"]) == pytest.approx(float(first["y_px"]) * 0.011)
    assert {float(row["a_index"]) for row in rows} == set(range(14))
    assert any(line.startswith("# spacing a: mean 0.44") for line in lines)


def test_that_hdf5_holds_the_arrays_of_the_lattice(
    measured: MeasuredLattice, tmp_path: Path
) -> None:
    path = tmp_path / "lattice.h5"
    export_lattice(path, measured)
    with h5py.File(path) as file:
        assert file.attrs["unit"] == "nm"
        np.testing.assert_array_equal(file["strain"], measured.lattice.strain)
        assert len(file["missing/positions"]) == 1
        lengths = np.asarray(file["spacing_a/lengths"])
    assert lengths.mean() == pytest.approx(0.44, rel=1e-3)


@pytest.mark.parametrize(
    ("suffix", "start"), [("png", b"\x89PNG"), ("svg", b"<svg"), ("pdf", b"%PDF")]
)
def test_that_the_figure_is_written_in_each_format_and_never_over_another(
    measured: MeasuredLattice, tmp_path: Path, suffix: str, start: bytes
) -> None:
    path = tmp_path / f"lattice.{suffix}"
    export_lattice(path, measured)
    written = path.read_bytes()
    assert written.startswith(start)
    with pytest.raises(WriteError, match="exists"):
        export_lattice(path, measured)
    assert path.read_bytes() == written


def test_that_a_suffix_without_a_format_is_refused(
    measured: MeasuredLattice, tmp_path: Path
) -> None:
    with pytest.raises(WriteError, match="no figure"):
        export_lattice(tmp_path / "lattice.docx", measured)


def test_that_the_silicon_of_the_paper_has_its_spacings(shared_data: Path) -> None:
    path = shared_data / "micrographs" / "03_afterimage_8nm_crp.png"
    found = asn.lattice(path, pixel_size_nm=PixelSize(0.0094, 0.0094)).lattice
    a, b = found.spacings
    assert a.mean == pytest.approx(0.543, abs=0.004)
    assert b.mean == pytest.approx(0.357, abs=0.004)
    assert len(found.sublattices) == 2
    assert min(a.count, b.count) > 840
    # Lin et al. (2021), Fig. 11: 7.14 and 6.78 pm by their network.
    assert a.sd < 7.14e-3
    assert b.sd < 6.78e-3
