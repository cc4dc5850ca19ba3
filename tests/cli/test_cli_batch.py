"""Batches from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_inputs import Cli


@pytest.fixture
def folder(workplace: Path, micrograph_file: Path) -> Path:
    """Return a folder with a good file, a broken one, and a recipe beside it."""
    folder = workplace / "day"
    folder.mkdir()
    (folder / "good.tif").write_bytes(micrograph_file.read_bytes())
    (folder / "broken.tif").write_bytes(b"II*\0")
    return folder


@pytest.mark.parametrize("workers", [1, 2])
def test_that_a_batch_lists_each_file_and_what_failed(
    cli: Cli, folder: Path, tiny_model: str, workers: int
) -> None:
    Path("recipe.toml").write_text(f'model = "{tiny_model}"\nmethod = "otsu-centroid"\n')
    outcome = cli(
        "batch", folder, "--recipe", "recipe.toml", "--output", "out", "--workers", workers,
        "--progress", "json",
    )  # fmt: skip
    assert outcome.code == 1
    events = [json.loads(line) for line in outcome.out.splitlines()]
    told = {event["subject"]: event["event"] for event in events if event["event"] != "progress"}
    assert told["good.tif"] == "result"
    assert told["broken.tif"] == "failed"
    assert (events[-1]["files"], events[-1]["failures"]) == (2, 1)
    lines = Path("out/summary.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in lines] == ["name", "broken.tif", "good.tif"]
    assert not [path for path in Path("out").iterdir() if path.name.startswith(".")]


def test_that_the_results_go_beside_the_folder(
    cli: Cli, folder: Path, install_tiny: Callable[..., str]
) -> None:
    (folder / "broken.tif").unlink()
    Path("recipe.toml").write_text(
        f'locate = false\nrestore = ["{install_tiny("quick", task="denoise")}"]\n'
    )
    outcome = cli("batch", folder, "--recipe", "recipe.toml")
    assert outcome.code == 0, outcome.err
    assert (folder.parent / "day_results" / "good_quick.tif").is_file()
