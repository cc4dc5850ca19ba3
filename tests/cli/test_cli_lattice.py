from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from cli_inputs import PIXEL_NM, SIDE_PX, SPACING_PX, Cli

from atomsegnet.core.columns import Columns
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.provenance import PixelSizeOrigin, Provenance
from atomsegnet.io.columns_csv import write_columns_csv


def write_table(path: Path, positions: np.ndarray) -> Path:
    count = len(positions)
    values = np.ones(count)
    columns = Columns(
        positions, np.ones((count, 2)), values, values, values, values, values,
        np.zeros(count, dtype=bool), "gaussian-2d",
    )  # fmt: skip
    size = PixelSize(PIXEL_NM, PIXEL_NM)
    write_columns_csv(
        path,
        columns,
        Provenance("0", pixel_size_nm=size, pixel_size_origin=PixelSizeOrigin.FILE),
    )
    return path


def grid() -> np.ndarray:
    steps = np.arange(SPACING_PX / 2, SIDE_PX, SPACING_PX)
    positions = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    return positions + np.random.default_rng(0).normal(0, 0.1, positions.shape)


def test_that_a_table_gives_summary_table_and_figure(cli: Cli, workplace: Path) -> None:
    table = write_table(workplace / "crystal.csv", grid())
    outcome = cli("lattice", table.name)
    assert outcome.code == 0, outcome.err
    assert "spacing a: mean 0.24" in outcome.out
    assert "64 of 64 columns" in outcome.out
    assert sorted(path.name for path in workplace.iterdir()) == [
        "crystal.csv", "crystal_lattice.csv", "crystal_lattice.png",
    ]  # fmt: skip
    again = cli("lattice", table.name)
    assert again.code == 1
    assert "exists already" in again.err


def test_that_json_tells_the_spacings(cli: Cli, workplace: Path) -> None:
    write_table(workplace / "crystal.csv", grid())
    outcome = cli("lattice", "crystal.csv", "--progress", "json", "--write", "hdf5")
    result = json.loads(outcome.out.splitlines()[-1])
    assert result["event"] == "result"
    assert result["spacings"]["a"]["count"] == 56
    assert (workplace / "crystal_lattice.h5").is_file()


def test_that_of_several_files_one_without_a_lattice_fails_alone(cli: Cli, workplace: Path) -> None:
    write_table(workplace / "crystal.csv", grid())
    gas = np.random.default_rng(1).uniform(0, 300, (70, 2))
    write_table(workplace / "gas.csv", gas)
    outcome = cli("lattice", "gas.csv", "crystal.csv", "--write", "csv")
    assert outcome.code == 1
    assert outcome.err.strip() == (
        "gas.csv: The 70 columns do not repeat; there is no lattice to measure."
    )
    assert (workplace / "crystal_lattice.csv").is_file()
    assert not (workplace / "gas_lattice.csv").exists()


def test_that_the_columns_of_an_image_are_located_first(
    cli: Cli, workplace: Path, repository: Path
) -> None:
    sample = repository / "resources" / "samples" / "simulated_Si_110.tif"
    outcome = cli("lattice", sample, "--write", "csv")
    assert outcome.code == 0, outcome.err
    assert "spacing a: mean 0.556" in outcome.out
    assert "sublattice B" in outcome.out
    assert (workplace / "simulated_Si_110_lattice.csv").is_file()
