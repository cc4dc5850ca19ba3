from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from atomsegnet.core.errors import SettingError
from atomsegnet.core.progress import Cancelled, Progress
from atomsegnet.io.read import read
from atomsegnet.tasks.simulate import LABELS, simulate


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


def test_that_impossible_wishes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no label"):
        simulate(tmp_path / "a", 1, labels=["colour"])
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
