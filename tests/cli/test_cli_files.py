"""What the verbs write, and what they never write over."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli_inputs import PIXEL_NM, TINY, Cli

from atomsegnet.core.provenance import PixelSizeOrigin, sha256_of
from atomsegnet.io.columns_csv import read_columns_csv
from atomsegnet.io.read import read
from atomsegnet.nn.registry import installed_path

pytestmark = pytest.mark.usefixtures("tiny_model", "workplace")
LOCATE = ("locate", "--model", TINY)
PROCESS = ("process", "--model", TINY)


def test_that_info_tells_shape_type_and_pixel_size(cli: Cli, micrograph_file: Path) -> None:
    outcome = cli("info", micrograph_file)
    assert outcome.code == 0
    assert "1 frame of 96 x 96 px (width x height), float32, pixel size 20 pm" in outcome.out


def test_that_info_as_json_has_numbers(cli: Cli, micrograph_file: Path) -> None:
    values = json.loads(cli("info", "--progress", "json", micrograph_file).out)
    (detector,) = values["detectors"]
    assert (detector["rows"], detector["columns"]) == (96, 96)
    assert detector["pixel_size_x_nm"] == pytest.approx(PIXEL_NM)


def test_that_located_columns_carry_their_origin(cli: Cli, micrograph_file: Path) -> None:
    outcome = cli(*LOCATE, micrograph_file, "--output", "columns.csv", "--method", "otsu-centroid")
    assert outcome.code == 0, outcome.err
    found = read_columns_csv(Path("columns.csv"))
    assert f"{len(found.columns)} columns -> columns.csv" in outcome.out
    origin = found.provenance
    assert origin.model == TINY
    assert origin.weights_sha256 == sha256_of(installed_path(TINY))
    assert origin.input_name == micrograph_file.name
    assert origin.input_sha256 == sha256_of(micrograph_file)
    assert origin.pixel_size_origin is PixelSizeOrigin.FILE
    assert origin.pixel_size_nm == pytest.approx((PIXEL_NM, PIXEL_NM))
    assert origin.parameters["method"] == "otsu-centroid"


def test_that_a_typed_pixel_size_is_marked_as_typed(cli: Cli, micrograph_file: Path) -> None:
    cli(*LOCATE, micrograph_file, "--pixel-size", "12.5", "--output", "columns.csv")
    origin = read_columns_csv(Path("columns.csv")).provenance
    assert origin.pixel_size_origin is PixelSizeOrigin.TYPED
    assert origin.pixel_size_nm == pytest.approx((0.0125, 0.0125))


def test_that_an_unknown_pixel_size_stays_unknown(cli: Cli, plain_file: Path) -> None:
    cli(*LOCATE, plain_file, "--output", "columns.csv")
    origin = read_columns_csv(Path("columns.csv")).provenance
    assert origin.pixel_size_origin is PixelSizeOrigin.NONE
    assert origin.pixel_size_nm is None


def test_that_results_go_to_the_current_folder_by_the_names_of_their_files(
    cli: Cli, micrograph_file: Path, plain_file: Path
) -> None:
    assert cli(*LOCATE, micrograph_file, plain_file, "--overlay").code == 0
    names = sorted(str(path) for path in Path().iterdir())
    assert names == [
        "lattice_columns.csv",
        "lattice_columns.png",
        "plain_columns.csv",
        "plain_columns.png",
    ]


def test_that_an_output_folder_is_made(cli: Cli, micrograph_file: Path) -> None:
    assert cli(*LOCATE, micrograph_file, "--output", "deep/er").code == 0
    assert Path("deep/er/lattice_columns.csv").is_file()


def test_that_a_processed_image_is_float32_with_the_pixel_size(
    cli: Cli, micrograph_file: Path
) -> None:
    outcome = cli(*PROCESS, micrograph_file, "--output", "map.tif")
    assert outcome.code == 0, outcome.err
    result = read(Path("map.tif"))
    assert result.shape == (96, 96)
    assert result.metadata["stored_dtype"] == "float32"
    assert result.pixel_size_nm == pytest.approx((PIXEL_NM, PIXEL_NM))
    assert np.ptp(result.image) <= 1


@pytest.mark.parametrize("verb", [LOCATE, PROCESS], ids=lambda verb: verb[0])
def test_that_nothing_is_overwritten_without_being_asked(
    cli: Cli, micrograph_file: Path, verb: tuple[str, ...]
) -> None:
    name = f"result.{'csv' if verb is LOCATE else 'tif'}"
    Path(name).write_text("precious")
    outcome = cli(*verb, micrograph_file, "--output", name)
    assert outcome.code == 1
    assert f"{name}: exists already; --overwrite replaces it." in outcome.err
    assert Path(name).read_text() == "precious"
    assert cli(*verb, micrograph_file, "--output", name, "--overwrite").code == 0
    assert Path(name).read_bytes() != b"precious"


def test_that_an_overlay_is_not_overwritten_either(cli: Cli, micrograph_file: Path) -> None:
    Path("lattice_columns.png").write_text("precious")
    assert cli(*LOCATE, micrograph_file, "--overlay").code == 1
    assert [path.name for path in Path().iterdir()] == ["lattice_columns.png"]


def test_that_one_bad_file_does_not_stop_the_others(
    cli: Cli, micrograph_file: Path, plain_file: Path
) -> None:
    outcome = cli(*LOCATE, micrograph_file, "missing.tif", plain_file)
    assert outcome.code == 1
    assert [line for line in outcome.err.splitlines() if "missing" in line] == [
        "missing.tif: does not exist."
    ]
    assert sorted(path.name for path in Path().glob("*.csv")) == [
        "lattice_columns.csv",
        "plain_columns.csv",
    ]


def test_that_a_missing_model_is_told_once(
    cli: Cli, micrograph_file: Path, plain_file: Path
) -> None:
    outcome = cli("process", "--model", "magic", micrograph_file, plain_file)
    assert outcome.code == 1
    assert outcome.err.count("\n") == 1
    assert "magic" in outcome.err


def test_that_columns_are_found_on_maps_alone(
    cli: Cli, micrograph_file: Path, install_tiny: Callable[..., str]
) -> None:
    name = install_tiny("tiny_denoise", task="denoise")
    outcome = cli("locate", "--model", name, micrograph_file)
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)
    assert f"{name} makes no map" in outcome.err
    assert list(Path().iterdir()) == []


def test_that_an_output_below_a_file_is_refused(cli: Cli, micrograph_file: Path) -> None:
    Path("file").write_text("no folder")
    outcome = cli(*PROCESS, micrograph_file, "--output", "file/map.tif")
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)


def test_that_the_models_are_listed_and_shown(cli: Cli) -> None:
    assert f"\n{TINY}" in "\n" + cli("models").out
    shown = cli("models", "show", TINY)
    assert shown.code == 0
    assert "gaussian_map" in shown.out
    assert sha256_of(installed_path(TINY)) in shown.out


def test_that_a_damaged_model_is_told_and_the_others_are_listed(cli: Cli) -> None:
    installed_path(TINY).with_name("broken.safetensors").write_bytes(b"junk")
    outcome = cli("models", "list")
    assert outcome.code == 1
    assert "broken.safetensors" in outcome.err
    assert TINY in outcome.out


def test_that_an_unknown_model_cannot_be_shown(cli: Cli) -> None:
    outcome = cli("models", "show", "magic")
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)
