from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from atomsegnet.analysis.calibration import map_value
from atomsegnet.analysis.matching import match
from atomsegnet.analysis.refine import METHODS
from atomsegnet.core.errors import NoContrastError, SettingError
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.progress import Cancelled, Progress
from atomsegnet.io.columns_csv import read_columns_csv
from atomsegnet.io.read import read
from atomsegnet.nn.registry import TASKS, Output
from atomsegnet.paths import samples_folder
from atomsegnet.tasks.export import export_columns
from atomsegnet.tasks.locate import Detection, locate, locate_on_map
from atomsegnet.tasks.process import First, process
from atomsegnet.tasks.simulate import simulate

SAMPLES = sorted(samples_folder().glob("*.tif"))


def truth(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return true positions (row, column) and relative intensities."""
    lines = path.with_suffix(".csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    positions = np.array([(float(row["y_px"]), float(row["x_px"])) for row in rows])
    return positions, np.array([float(row["intensity"]) for row in rows])


def inner(positions: np.ndarray, border_px: float, shape: tuple[int, int]) -> np.ndarray:
    last = np.array(shape) - 1 - border_px
    return positions[np.all((positions >= border_px) & (positions <= last), axis=1)]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("method", METHODS)
def test_that_the_columns_of_a_sample_are_found_where_they_are(path: Path, method: str) -> None:
    micrograph = read(path)
    found = inner(locate(micrograph, method=method).columns.positions, 5, micrograph.shape)
    positions, intensity = truth(path)
    # Oxygen and the thinnest rim are below the noise: they may be found but need not be.
    optional = (intensity < 0.15) | ~np.all((positions >= 6) & (positions <= 377), axis=1)
    matched = match(found, positions, 3.0, is_optional=optional)
    assert matched.recall > 0.98
    assert matched.precision > 0.96
    assert max(matched.rms) < 0.75


def test_that_a_fit_is_better_than_the_centroid_of_a_thresholded_map() -> None:
    path = samples_folder() / "simulated_SrTiO3_001.tif"
    micrograph, (positions, intensity) = read(path), truth(path)
    located = locate(micrograph)
    errors = {
        method: match(
            locate_on_map(located.processed, method=method).columns.positions,
            positions[intensity > 0.5],
            3.0,
        ).rms
        for method in ("gaussian-2d", "otsu-centroid")
    }
    assert sum(errors["gaussian-2d"]) < sum(errors["otsu-centroid"])


@pytest.mark.parametrize("name", list(TASKS))
def test_that_every_model_answers_on_the_grid_and_scale_of_the_image(name: str) -> None:
    micrograph = read(samples_folder() / "simulated_Pt_particle.tif")
    processed = process(micrograph, name)
    assert processed.image.shape == micrograph.shape
    assert np.isfinite(processed.image).all()
    if processed.output is Output.MAP:
        assert 0 <= processed.image.min() <= processed.image.max() <= 1
    else:
        low, high = np.percentile(micrograph.image, (0.1, 99.9))
        assert processed.image.min() > low - (high - low)
        assert processed.image.max() < 8 * high


def test_that_a_part_is_shown_first_and_changes_nothing() -> None:
    micrograph, parts = read(SAMPLES[1]), []
    first = First(slice(100, 260), slice(40, 200), parts.append)
    whole = process(micrograph, "denoise", first=first)
    (part,) = parts
    assert part.factor == whole.factor
    inside = (slice(30, -30), slice(30, -30))
    same = whole.image[100:260, 40:200][inside]
    assert np.abs(part.image[inside] - same).mean() < 0.1 * same.std()
    assert np.array_equal(whole.image, process(micrograph, "denoise").image)


def test_that_a_threshold_is_live_on_the_kept_map() -> None:
    located = locate(read(SAMPLES[0]), method="weighted-centroid")
    counts = [
        len(locate_on_map(located.processed, method="weighted-centroid",
                          detection=Detection(threshold=threshold)).columns)
        for threshold in (0.05, 0.5, 0.999)
    ]  # fmt: skip
    assert counts[0] >= counts[1] > counts[2]


def test_that_a_linear_change_of_intensity_changes_no_column() -> None:
    micrograph = read(SAMPLES[1])
    changed = Micrograph(micrograph.image * 37.0 + 5000.0)
    found, again = (locate(m, method="weighted-centroid").columns for m in (micrograph, changed))
    assert len(found) == len(again)
    assert cKDTree(found.positions).query(again.positions)[0].max() < 0.1


def test_that_an_image_without_contrast_and_wrong_wishes_are_refused() -> None:
    with pytest.raises(NoContrastError, match="nothing to find"):
        locate(Micrograph(np.zeros((64, 64), np.float32)))
    micrograph = Micrograph(np.random.default_rng(0).normal(0, 1, (48, 48)).astype(np.float32))
    with pytest.raises(SettingError, match="rescaled"):
        locate(micrograph, rescale=1000.0)
    with pytest.raises(SettingError, match="method"):
        locate(micrograph, method="guess", rescale=1.0)


def test_that_pure_noise_gives_no_columns_inside_the_frame() -> None:
    noise = np.random.default_rng(2).poisson(20, (256, 256)).astype(np.float32)
    assert len(inner(locate(Micrograph(noise)).columns.positions, 3, noise.shape)) == 0


def test_that_cancelling_is_heard() -> None:
    def stop(progress: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        locate(read(SAMPLES[0]), report=stop)


def test_that_the_whole_path_from_simulation_to_table_holds(tmp_path: Path) -> None:
    simulate(tmp_path / "library", 1, material="Pt", size=128, seed=12, labels=[])
    micrograph = read(tmp_path / "library" / "image" / "000000.tif")
    located = locate(micrograph)
    export_columns(tmp_path / "columns.csv", located)
    table = read_columns_csv(tmp_path / "columns.csv")
    assert np.array_equal(table.columns.positions, located.columns.positions)
    assert table.provenance.pixel_size_nm == pytest.approx(micrograph.pixel_size_nm)
    assert table.provenance.weights_sha256 == located.processed.weights_sha256


def test_that_the_crystal_decides_where_the_network_is_unsure() -> None:
    micrograph = read(samples_folder() / "simulated_SrTiO3_001.tif")
    processed = process(micrograph, "gaussian_map")
    columns = locate_on_map(processed, method="weighted-centroid").columns
    width = float(np.median(columns.width))
    places = np.random.default_rng(1).uniform(20, micrograph.shape[0] - 20, (400, 2))
    places = places[cKDTree(columns.positions).query(places)[0] > 0.75 * width][:12]
    working = processed.working_image.copy()
    rows, cols = (np.arange(n) for n in working.shape)
    for row, col in (places + 0.5) * processed.factor - 0.5:
        bump = np.exp(-((rows[:, None] - row) ** 2 + (cols - col) ** 2) / (2 * 1.2**2))
        working = np.maximum(working, map_value(0.75) * bump).astype(np.float32)
    changed = replace(processed, working_image=working)
    found = locate_on_map(changed, method="weighted-centroid").columns.positions
    assert match(found, columns.positions, 1.0).f1 > 0.99
    assert match(found, places, 1.0).recall < 0.2
    everything = Detection(threshold=0.5)
    found = locate_on_map(changed, method="weighted-centroid", detection=everything)
    assert match(found.columns.positions, places, 1.0).recall > 0.8
