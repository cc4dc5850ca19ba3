from __future__ import annotations

import csv
import multiprocessing
from pathlib import Path

import h5py
import numpy as np
import pytest

from atomsegnet.core.errors import SettingError
from atomsegnet.core.progress import Cancelled, Progress
from atomsegnet.io.read import read
from atomsegnet.physics.scene import SceneSettings
from atomsegnet.tasks.simulate import simulate
from atomsegnet.tasks.simulate_one import LABELS, simulate_one


def index_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "index.csv").open(newline="") as opened:
        return list(csv.DictReader(opened))


def test_that_a_library_has_images_labels_positions_and_an_index(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    simulate(folder, 2, material="Si", size=64, seed=3)
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        ["image", "position", "index.csv", *LABELS]
    )
    with (folder / "index.csv").open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["name"] for row in rows] == ["000000", "000001"]
    for row in rows:
        image = read(folder / "image" / f"{row['name']}.tif")
        assert image.shape == (64, 64)
        assert 1e3 * image.pixel_size_nm.x == pytest.approx(float(row["pixel_size_pm"]), rel=1e-4)
        with (folder / "position" / f"{row['name']}.csv").open(newline="") as opened:
            assert len(list(csv.DictReader(opened))) == int(row["columns"])


def test_that_any_part_is_reproducible_from_its_seed(tmp_path: Path) -> None:
    simulate(tmp_path / "two", 2, size=32, seed=8, labels=["gaussianMask"])
    simulate(tmp_path / "three", 3, size=32, seed=8, labels=["gaussianMask"])
    for name in ("image", "gaussianMask"):
        one, other = (read(tmp_path / f / name / "000001.tif").image for f in ("two", "three"))
        assert np.array_equal(one, other)
    assert not (tmp_path / "two" / "noNoise").exists()


def test_that_a_library_has_the_ten_products(tmp_path: Path) -> None:
    simulate(tmp_path / "library", 1, material="TiO2", size=64, seed=4)
    folders = [p.name for p in (tmp_path / "library").iterdir() if p.is_dir()]
    assert len(folders) == 10
    for name in folders:
        if name == "position":
            continue
        label = read(tmp_path / "library" / name / "000000.tif")
        side = 128 if name.endswith("2x") else 64
        assert label.shape == (side, side)
        assert label.image.dtype == np.float32


def test_that_the_index_says_what_was_simulated(tmp_path: Path) -> None:
    simulate(tmp_path / "l", 4, material="SrTiO3", zone=(1, 1, 0), size=32, seed=9, labels=[])
    rows = index_of(tmp_path / "l")
    drawn = [row for row in rows if row["morphology"] != "clusters"]
    assert drawn
    for row in drawn:
        assert (row["material"], row["zone"]) == ("SrTiO3", "[110]")
        assert set(row["elements"].split()) <= {"Sr", "Ti", "O"}
    for row in rows:
        side_nm = float(row["pixel_size_pm"]) / 1e3
        assert float(row["dose_e_per_nm2"]) == pytest.approx(
            float(row["counts"]) / side_nm**2, rel=1e-2
        )


def test_that_any_part_is_made_again_by_its_number(tmp_path: Path) -> None:
    simulate(tmp_path / "whole", 3, size=32, seed=8)
    simulate(tmp_path / "part", 1, size=32, seed=8, first=2)
    for path in (tmp_path / "part").rglob("000002.*"):
        twin = tmp_path / "whole" / path.relative_to(tmp_path / "part")
        assert path.read_bytes() == twin.read_bytes()
    assert index_of(tmp_path / "part") == index_of(tmp_path / "whole")[2:]


def test_that_labels_left_out_change_nothing(tmp_path: Path) -> None:
    for seed in range(6):
        every = simulate_one(SceneSettings(), (seed,), size=32)
        alone = simulate_one(SceneSettings(), (seed,), size=32, labels=())
        assert np.array_equal(every.image, alone.image)


def test_that_the_finer_labels_show_the_same_scene() -> None:
    for seed in range(8):
        made = simulate_one(SceneSettings(jitter_px=0.0), (seed,), size=64, width_px=(5.0, 9.0))
        for fine, coarse in (
            ("noNoiseUpinterpolation2x", "noNoise"),
            ("noNoiseNoBackgroundUpinterpolation2x", "noBackgroundnoNoise"),
        ):
            inner = made.labels[fine].reshape(64, 2, 64, 2).mean(axis=(1, 3))[4:-4, 4:-4]
            span = float(np.ptp(made.labels[coarse])) + 1e-3
            # The mean of four fine pixels is smoother than the coarse one by a little.
            assert np.abs(inner - made.labels[coarse][4:-4, 4:-4]).max() < 0.04 * span


def test_that_a_library_of_png_has_its_scale_in_the_index(tmp_path: Path) -> None:
    simulate(tmp_path / "tiff", 2, size=32, seed=2)
    simulate(tmp_path / "png", 2, size=32, seed=2, form="png")
    for row in index_of(tmp_path / "png"):
        for name in ("image", *LABELS):
            stored = read(tmp_path / "png" / name / f"{row['name']}.png").image
            exact = read(tmp_path / "tiff" / name / f"{row['name']}.tif").image
            offset, step = float(row[f"{name}_offset"]), float(row[f"{name}_step"])
            assert offset + step * stored == pytest.approx(exact, abs=0.51 * step + 1e-6)


def test_that_a_library_of_hdf5_holds_the_same(tmp_path: Path) -> None:
    simulate(tmp_path / "tiff", 3, size=32, seed=2)
    simulate(tmp_path / "hdf5", 3, size=32, seed=2, form="hdf5")
    assert [p.name for p in (tmp_path / "hdf5").iterdir()] == ["library.h5"]
    rows = index_of(tmp_path / "tiff")
    with h5py.File(tmp_path / "hdf5" / "library.h5") as file:
        assert file["index/name"].asstr()[:].tolist() == [row["name"] for row in rows]
        assert file["index/dose_e_per_nm2"].asstr()[1] == rows[1]["dose_e_per_nm2"]
        for name in ("image", *LABELS):
            exact = read(tmp_path / "tiff" / name / "000001.tif").image
            assert np.array_equal(file[name][1], exact)
        first = file["position/first"][:]
        assert np.diff(first).tolist() == [int(row["columns"]) for row in rows]
        assert len(file["position/elements"]) == first[-1]


def test_that_impossible_wishes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no label"):
        simulate(tmp_path / "a", 1, labels=["colour"])
    with pytest.raises(SettingError, match="no format"):
        simulate(tmp_path / "f", 1, form="bmp")
    with pytest.raises(SettingError, match="multiple of 16"):
        simulate(tmp_path / "b", 1, size=100)
    with pytest.raises(SettingError, match="no material"):
        simulate(tmp_path / "c", 1, material="unobtainium")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter").touch()
    with pytest.raises(SettingError, match="empty folder"):
        simulate(tmp_path / "full", 1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["full"]


def test_that_cancelling_leaves_whole_files(tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        simulate(tmp_path / "cut", 5, size=32, report=stop)
    assert [p.name for p in (tmp_path / "cut" / "image").iterdir()] == ["000000.tif"]


def test_that_several_processes_make_the_same_library(tmp_path: Path) -> None:
    for workers in (1, 2):
        simulate(tmp_path / str(workers), 9, size=32, seed=5, workers=workers)
    files = [path for path in (tmp_path / "1").rglob("*") if path.is_file()]
    assert len(files) == 91
    for path in files:
        twin = tmp_path / "2" / path.relative_to(tmp_path / "1")
        assert path.read_bytes() == twin.read_bytes()


def test_that_cancelling_several_processes_ends_them(tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        simulate(tmp_path / "cut", 400, size=32, workers=2, report=stop)
    assert [row["number"] for row in index_of(tmp_path / "cut")] == ["0", "1"]
    assert not multiprocessing.active_children()
    assert len(list((tmp_path / "cut" / "image").iterdir())) < 40
