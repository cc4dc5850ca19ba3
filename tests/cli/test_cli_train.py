"""Training from the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli_inputs import Cli

from atomsegnet.nn.weights import read_card
from atomsegnet.tasks import evaluate

CONFIG = """
task = "gaussian_map"
steps = {steps}
batch = 2
widths = [4, 8]
crop_px = 32
validation_images = 2
warm_up_steps = 1
"""


@pytest.fixture
def config(workplace: Path) -> Path:
    """Return the settings of a run that takes a second."""
    path = workplace / "tiny.toml"
    path.write_text(CONFIG.format(steps=2), encoding="utf-8")
    return path


def test_that_a_configuration_is_trained(cli: Cli, config: Path) -> None:
    outcome = cli("train", config, "--output", "run", "--workers", "0", "--seed", "5")
    assert outcome.code == 0, outcome.err
    card = read_card(Path(outcome.out.strip()))
    assert (card.task, card.steps) == ("gaussian_map", 2)
    assert card.training["seed"] == 5


def test_that_a_trained_model_is_trained_on(cli: Cli, config: Path) -> None:
    cli("train", config, "--output", "run", "--workers", "0")
    start = Path("run/gaussian_map.safetensors")
    outcome = cli(
        "train", config, "--from", start, "--name", "mine", "--steps", 1,
        "--material", "Si", "--zone", "1,1,0", "--output", "more", "--workers", "0",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert read_card(Path("more/mine.safetensors")).training["material"] == "Si"


def test_that_a_folder_with_another_run_is_left_alone(cli: Cli, config: Path) -> None:
    Path("run").mkdir()
    Path("run/precious").write_text("mine")
    outcome = cli("train", config, "--output", "run")
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)
    assert [path.name for path in Path("run").iterdir()] == ["precious"]


@pytest.mark.parametrize(
    "content", ["task = ", "task = 'magic'", "frobnicate = 1", "", "task = 'denoise'\nsteps = -1"]
)
def test_that_bad_settings_are_told_in_one_sentence(cli: Cli, config: Path, content: str) -> None:
    config.write_text(content, encoding="utf-8")
    outcome = cli("train", config, "--output", "run")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert not Path("run").exists()


def test_that_there_must_be_a_run_to_resume(cli: Cli, config: Path) -> None:
    outcome = cli("train", "--resume", config.parent)
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are of POSIX")
def test_that_an_interrupted_run_says_how_it_goes_on_and_does(cli: Cli, config: Path) -> None:
    config.write_text(CONFIG.format(steps=10**6), encoding="utf-8")
    options = ["--output", "run", "--workers", "1", "--progress", "json"]
    child = subprocess.Popen(
        [sys.executable, "-m", "atomsegnet", "train", config, *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert child.stdout is not None
    next(line for line in child.stdout if json.loads(line)["done"] >= 2)
    os.killpg(child.pid, signal.SIGINT)  # as a terminal does: to the simulating process as well
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert err.splitlines() == [
        "run: The run can go on with: atomsegnet train --resume run",
        "Interrupted.",
    ]
    settings = Path("run/settings.json")
    changed = json.loads(settings.read_text()) | {"steps": 1}
    settings.write_text(json.dumps(changed))
    outcome = cli("train", "--resume", "run", "--workers", "0")
    assert outcome.code == 0, outcome.err
    assert read_card(Path("run/gaussian_map.safetensors")).steps > 1


def test_that_a_run_for_a_crystal_is_compared_with_its_base(
    cli: Cli, config: Path, micrograph_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "IMAGES", 3)
    cli("train", config, "--output", "run", "--workers", "0")
    outcome = cli(
        "train", config, "--from", "run/gaussian_map.safetensors", "--name", "mine", "--steps", 1,
        "--material", "Si", "--zone", "1,1,0", "--zone", "1,0,0", "--output", "more",
        "--workers", "0", "--like", micrograph_file,
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    table, sentence, weights = outcome.out.rsplit("\n", 3)[:3]
    assert "| F1 |" in table
    assert "3 held-out images" in sentence
    assert weights == str(Path("more/mine.safetensors"))
    assert "Pixel size" in outcome.err
    written = {path.name for path in Path("more").iterdir()}
    assert {"comparison.json", "comparison_1.png", "preview.png", "mine.md"} <= written
    card = Path("more/mine.md").read_text(encoding="utf-8")
    assert "Si [110], Si [100]" in card
    assert sentence in card
    again = cli("train", "--resume", "more", "--workers", "0")
    assert again.out == outcome.out
