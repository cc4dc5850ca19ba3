"""What was made of a micrograph is kept whole, or as it was before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from simulated_lattice import fake_process, lattice_image

from atomsegnet.core.contrast import Limits
from atomsegnet.core.micrograph import Micrograph, PixelSize
from atomsegnet.tasks.kept_work import KeptLayer, Look, Work, WorkFolder
from atomsegnet.tasks.locate import Detection, locate_on_map


@pytest.fixture
def micrograph(tmp_path: Path) -> Micrograph:
    size = PixelSize(0.02, 0.02)
    return Micrograph(lattice_image(), size, source=tmp_path / "lattice.tif")


def work_on(micrograph: Micrograph) -> Work:
    """Return columns, their map and one restored layer."""
    column_map, smooth = (fake_process(micrograph, name) for name in ("gaussian_map", "denoise"))
    look = Look(name="denoise", title="Denoise", kind="restored", limits=Limits(1.0, 2.0))
    return Work(
        micrograph,
        False,
        (KeptLayer(look, smooth.image),),
        (smooth, column_map),
        locate_on_map(column_map, method="weighted-centroid"),
        (),
        Detection(0.4),
        "",
        "viridis",
        "denoise",
    )


def without_first(work: Work) -> Work:
    """Return the work after its first column was deleted by hand."""
    columns = work.located.columns
    fewer = columns.select(np.arange(1, len(columns)))
    return replace(work, located=replace(work.located, columns=fewer), edits=("delete 1 column",))


def loaded(folder: Path, micrograph: Micrograph) -> Work:
    """Read the work as another start of the program would."""
    return WorkFolder(folder).load(micrograph)


def test_that_an_edit_writes_the_columns_alone(micrograph: Micrograph, tmp_path: Path) -> None:
    folder, work = tmp_path / "work", work_on(micrograph)
    keeper = WorkFolder(folder)
    keeper.save(work)
    before = {path.name for path in folder.glob("*.npy")}
    keeper.save(without_first(work))
    after = {path.name for path in folder.glob("*.npy")}
    assert len(before) == len(after) == 3
    assert len(before & after) == 2
    again = loaded(folder, micrograph)
    assert again.edits == ("delete 1 column",)
    assert len(again.located.columns) == len(work.located.columns) - 1
    assert again.layers[0].image is again.processed[0].image


def test_that_a_disk_that_is_full_leaves_what_was_there(
    micrograph: Micrograph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, work = tmp_path / "work", work_on(micrograph)
    keeper = WorkFolder(folder)
    keeper.save(work)

    def cut(path: Path, array: np.ndarray, **_options) -> None:
        path.write_bytes(array.tobytes()[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", cut)
    with pytest.raises(OSError, match="No space"):
        keeper.save(without_first(work))
    again = loaded(folder, micrograph)
    assert again.edits == ()
    assert np.array_equal(again.located.columns.positions, work.located.columns.positions)


def test_that_two_windows_on_one_image_do_not_break_what_is_kept(
    micrograph: Micrograph, tmp_path: Path
) -> None:
    folder, work = tmp_path / "work", work_on(micrograph)
    first, second = WorkFolder(folder), WorkFolder(folder)
    first.save(work)
    second.save(work_on(micrograph))
    first.save(without_first(work))
    again = loaded(folder, micrograph)
    assert again.edits == ("delete 1 column",)
    assert np.array_equal(again.processed[0].image, work.processed[0].image)


def test_that_a_name_never_leads_out_of_the_folder(micrograph: Micrograph, tmp_path: Path) -> None:
    folder, work = tmp_path / "work", work_on(micrograph)
    WorkFolder(folder).save(work)
    index = folder / "work.json"
    name = next(iter(folder.glob("*.npy"))).name
    index.write_text(index.read_text().replace(name, f"../elsewhere/{name}"))
    assert loaded(folder, micrograph) is not None
