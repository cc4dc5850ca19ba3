"""The same recipe for every file of a folder, and the frames of a stack."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import tifffile
from scipy import ndimage
from simulated_lattice import fake_process, lattice_image

from atomsegnet.core.errors import ReadError, SettingError
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.progress import Cancelled, Progress
from atomsegnet.core.recipe import Frames, Recipe, recipe_text
from atomsegnet.tasks import locate, process
from atomsegnet.tasks.batch import batch_files, read_recipe, run_batch
from atomsegnet.tasks.stack import align


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "process", fake_process)
    monkeypatch.setattr(locate, "process", fake_process)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two images, a broken one, and a file that is none."""
    folder = tmp_path / "day"
    folder.mkdir()
    for name, seed in (("a.tif", 1), ("c.tif", 2)):
        tifffile.imwrite(folder / name, lattice_image(seed))
    (folder / "b.tif").write_bytes(b"II*\0broken")
    (folder / "notes.txt").write_text("not an image")
    return folder


def run(folder: Path, output: Path, recipe: Recipe | None = None, **options):
    return list(run_batch(batch_files(folder), recipe or Recipe(), output, **options))


def summary(output: Path) -> list[dict[str, str]]:
    with (output / "summary.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_that_a_failed_file_is_listed_and_the_rest_goes_on(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "results"
    results = run(folder, output, Recipe(restore=("denoise",)))
    assert [(result.name, result.columns) for result in results] == [
        ("a.tif", 64), ("b.tif", 0), ("c.tif", 64),
    ]  # fmt: skip
    assert "b.tif" in results[1].error
    lines = summary(output)
    assert [line["name"] for line in lines] == ["a.tif", "b.tif", "c.tif"]
    assert float(lines[0]["spacing_px"]) == pytest.approx(12, abs=0.1)
    assert {path.name for path in output.iterdir()} == {
        "recipe.toml", "summary.csv", "a_columns.csv", "a_columns.png", "a_denoise.tif",
        "c_columns.csv", "c_columns.png", "c_denoise.tif",
    }  # fmt: skip


def test_that_a_batch_goes_on_with_what_is_left_and_what_failed(
    folder: Path, tmp_path: Path
) -> None:
    output = tmp_path / "results"

    def stop_after_the_first(progress: Progress) -> None:
        if progress.done >= 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(folder, output, report=stop_after_the_first)
    assert [line["name"] for line in summary(output)] == ["a.tif"]
    with pytest.raises(SettingError, match="no empty folder"):
        run(folder, output)
    with pytest.raises(SettingError, match="another recipe"):
        run(folder, output, Recipe(overlay=False), resume=True)
    assert [result.name for result in run(folder, output, resume=True)] == ["b.tif", "c.tif"]
    tifffile.imwrite(folder / "b.tif", lattice_image(3))
    assert [result.name for result in run(folder, output, resume=True)] == ["b.tif"]
    assert [line["error"] for line in summary(output)] == ["", "", ""]


def test_that_a_recipe_is_read_back_from_its_file(tmp_path: Path) -> None:
    recipe = Recipe(
        frames=Frames.AVERAGE, restore=("denoise", "mine"), threshold=0.4, overlay=False
    )
    path = tmp_path / "recipe.toml"
    path.write_text(recipe_text(recipe), encoding="utf-8")
    assert read_recipe(path) == recipe


@pytest.mark.parametrize(
    "text", ["frames = 'all'", "frobnicate = 1", "threshold = 2", "threshold = "]
)
def test_that_a_bad_recipe_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    with pytest.raises((SettingError, ReadError), match=r"recipe\.toml"):
        read_recipe(path)


def test_that_a_folder_without_images_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="holds no image"):
        batch_files(tmp_path)
    with pytest.raises(ReadError, match="cannot be read"):
        batch_files(tmp_path / "nowhere")


def test_that_results_of_one_name_are_refused(folder: Path, tmp_path: Path) -> None:
    tifffile.imwrite(folder / "a.tiff", lattice_image())
    with pytest.raises(SettingError, match=r"a\.tif"):
        run(folder, tmp_path / "results")


DRIFT = np.array([[0, 0], [1.5, -0.75], [3.0, -2.0], [4.25, -3.5]])


def drifting_stack() -> np.ndarray:
    """Return frames of a lattice with a defect; the specimen moves as DRIFT says."""
    clean = lattice_image()
    clean[40:56, 40:56] = 100
    rng = np.random.default_rng(0)
    frames = [ndimage.shift(clean, shift, order=3, mode="reflect") for shift in DRIFT]
    return np.stack([frame + rng.normal(0, 40, frame.shape) for frame in frames]).astype(np.float32)


def test_that_drift_is_found_and_the_average_is_less_noisy() -> None:
    stack = drifting_stack()
    aligned = align(lambda number: Micrograph(stack[number]), len(stack))
    assert np.abs(aligned.drift_px - DRIFT).max() < 0.15
    # The specimen moved down and to the left: the last rows and first columns are not in all.
    assert aligned.micrograph.shape == (96 - 5, 96 - 4)
    quiet = lattice_image()[: 96 - 5, 4:]
    inner = (slice(60, 85), slice(60, 85))
    error = np.std(aligned.micrograph.image[inner] - quiet[inner])
    assert error < 0.8 * np.std(stack[0][:91, 4:][inner] - quiet[inner])


def test_that_frames_without_anything_in_common_are_refused() -> None:
    images = [np.zeros((32, 32), np.float32) for _ in range(2)]
    images[0][8:11, 8:11] = images[1][21:24, 21:24] = 1
    with pytest.raises(SettingError, match="drifted"):
        align(lambda number: Micrograph(images[number]), 2)
    with pytest.raises(SettingError, match="another shape"):
        align(lambda number: Micrograph(np.ones((8, 8 + number), np.float32)), 2)


def test_that_a_stack_is_averaged_or_worked_on_frame_by_frame(tmp_path: Path) -> None:
    folder = tmp_path / "stacks"
    folder.mkdir()
    tifffile.imwrite(folder / "film.tif", drifting_stack(), imagej=True)
    (first,) = run(folder, tmp_path / "first")
    (each,) = run(folder, tmp_path / "each", Recipe(frames=Frames.EACH, overlay=False))
    (average,) = run(folder, tmp_path / "average", Recipe(frames=Frames.AVERAGE))
    assert (first.frames, each.frames, average.frames) == (1, 4, 1)
    assert not any(result.error for result in (first, each, average))
    assert (tmp_path / "average" / "film_average.tif").is_file()
    drift = (tmp_path / "average" / "film_drift.csv").read_text().splitlines()
    assert drift[0] == "frame,x_px,y_px"
    assert len(drift) == 5
    with (tmp_path / "each" / "film_columns_of_all_frames.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["frame"] for row in rows} == {"0", "1", "2", "3"}
    assert len(rows) == each.columns
    assert (tmp_path / "each" / "film_frame0003_columns.csv").is_file()
