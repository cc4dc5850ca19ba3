from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from atomsegnet.core.errors import ReadError, SettingError
from atomsegnet.core.progress import Cancelled, Progress
from atomsegnet.core.training_settings import TrainingSettings
from atomsegnet.nn.checkpoint import FILE_NAME
from atomsegnet.nn.crew import ALONE, Crew
from atomsegnet.nn.registry import TASKS
from atomsegnet.nn.weights import load
from atomsegnet.tasks.train import _share_of, make_settings, read_settings, resumed_settings, train
from atomsegnet.tasks.training_data import mirrored_borders

CONFIGURATIONS = sorted((Path(__file__).parents[2] / "models_weights").glob("*.toml"))


def stop_at(step: int):
    def report(progress: Progress) -> None:
        if progress.done == step:
            raise Cancelled

    return report


def assert_same_weights(first: Path, second: Path) -> None:
    one, other = load_file(first), load_file(second)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_that_an_interrupted_run_ends_with_the_very_same_weights(tmp_path: Path, tiny) -> None:
    whole = train(tiny, tmp_path / "whole", device="cpu", workers=0)
    with pytest.raises(Cancelled):
        train(tiny, tmp_path / "cut", device="cpu", workers=0, report=stop_at(4))
    assert (tmp_path / "cut" / FILE_NAME).is_file()
    cut = train(tiny, tmp_path / "cut", device="cpu", workers=0, resume=True)
    assert_same_weights(whole, cut)


@pytest.mark.slow
def test_that_images_made_by_other_processes_are_the_same(tmp_path: Path, tiny) -> None:
    alone = train(tiny, tmp_path / "alone", device="cpu", workers=0)
    assert_same_weights(alone, train(tiny, tmp_path / "others", device="cpu", workers=2))


def test_that_a_run_killed_before_its_first_checkpoint_starts_again(tmp_path: Path, tiny) -> None:
    whole = train(tiny, tmp_path / "whole", device="cpu", workers=0)
    with pytest.raises(Cancelled):
        train(tiny, tmp_path / "cut", device="cpu", workers=0, report=stop_at(2))
    (tmp_path / "cut" / FILE_NAME).unlink()
    assert_same_weights(whole, train(tiny, tmp_path / "cut", device="cpu", workers=0, resume=True))


def test_that_the_weights_say_how_they_were_made(tmp_path: Path, tiny) -> None:
    model = load(train(tiny, tmp_path / "run", device="cpu", workers=0))
    assert model.card.steps == 6
    assert model.card.training["seed"] == 5
    assert make_settings(dict(model.card.training)) == tiny
    assert model.card.metrics["validation_loss"] > 0


def test_that_a_run_keeps_a_log_that_can_be_read(tmp_path: Path, tiny) -> None:
    train(tiny, tmp_path / "run", device="cpu", workers=0)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [0, 3, 6, 6]
    assert all(line["images_per_second"] > 0 for line in lines[1:3])
    # Without a worker every image is waited for.
    assert all(0 < line["waiting_share"] < 1 for line in lines[1:3])
    with Image.open(tmp_path / "run" / "loss.png") as figure:
        assert figure.size == (800, 520)


def test_that_training_makes_the_validation_loss_smaller(tmp_path: Path, tiny) -> None:
    settings = tiny.model_copy(update={"steps": 80, "batch": 4, "averaging": 0.9})
    train(settings, tmp_path / "run", device="cpu", workers=0)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["validation_loss"] < 0.8 * lines[0]["validation_loss"]


@pytest.mark.parametrize("task", list(TASKS))
def test_that_every_task_can_be_trained(tmp_path: Path, tiny, task: str) -> None:
    settings = tiny.model_copy(update={"task": task, "steps": 2})
    assert load(train(settings, tmp_path, device="cpu", workers=0)).task.name == task


def test_that_a_run_can_start_from_other_weights(tmp_path: Path, tiny) -> None:
    first = train(tiny, tmp_path / "first", device="cpu", workers=0)
    settings = tiny.model_copy(update={"start_from": str(first), "steps": 1, "task": "denoise"})
    second = load(train(settings, tmp_path / "second", device="cpu", workers=0)).card
    assert second.steps == 1
    assert second.architecture.widths == tiny.widths
    wider = settings.model_copy(update={"widths": (8, 8)})
    third = load(train(wider, tmp_path / "third", device="cpu", workers=0)).card
    assert third.architecture == second.architecture


def test_that_a_full_folder_and_other_settings_are_refused(tmp_path: Path, tiny) -> None:
    with pytest.raises(Cancelled):
        train(tiny, tmp_path / "run", device="cpu", workers=0, report=stop_at(1))
    with pytest.raises(SettingError, match="not empty"):
        train(tiny, tmp_path / "run", device="cpu", workers=0)
    with pytest.raises(SettingError, match="other settings"):
        train(tiny.model_copy(update={"seed": 9}), tmp_path / "run", workers=0, resume=True)
    with pytest.raises(SettingError, match="no training run"):
        resumed_settings(tmp_path / "nothing")


def test_that_a_time_budget_ends_the_run(tmp_path: Path, tiny) -> None:
    settings = tiny.model_copy(update={"steps": 10**6, "minutes": 0.05})
    started = time.monotonic()
    model = load(train(settings, tmp_path / "run", device="cpu", workers=0))
    assert time.monotonic() - started < 30
    assert 0 < model.card.steps < 10**6


@pytest.mark.slow
def test_that_two_processes_train_one_network(tmp_path: Path, tiny) -> None:
    def torchrun(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        launcher = ["torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
        options = ["--workers", "0", "--device", "cpu", "--progress", "json"]
        return subprocess.run(
            [sys.executable, "-m", *launcher, "-m", "atomsegnet", "train", *arguments, *options],
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )

    config, folder = tmp_path / "run.toml", tmp_path / "run"
    values = tiny.model_dump(mode="json", exclude_unset=True)
    config.write_text("\n".join(f"{key} = {json.dumps(value)}" for key, value in values.items()))
    outcome = torchrun(config, "--output", folder)
    assert outcome.returncode == 0, outcome.stderr
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [0, 3, 6, 6]
    assert load(folder / "gaussian_map.safetensors").card.steps == 6
    results = [line for line in outcome.stdout.splitlines() if '"result"' in line]
    assert len(results) == 1
    alone = train(tiny, tmp_path / "alone", device="cpu", workers=0)
    one, other = load_file(alone), load_file(folder / "gaussian_map.safetensors")
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_that_processes_share_a_batch_of_different_images(tiny) -> None:
    shares = [_share_of(tiny, Crew(rank, 2)) for rank in (0, 1)]
    assert [share.batch for share in shares] == [1, 1]
    assert shares[0].seed == tiny.seed != shares[1].seed
    assert _share_of(tiny, ALONE) is tiny
    with pytest.raises(SettingError, match="3 processes"):
        _share_of(tiny, Crew(0, 3))
    with pytest.raises(SettingError, match="clock"):
        _share_of(tiny.model_copy(update={"minutes": 1.0}), Crew(0, 2))


@pytest.mark.slow
def test_that_a_killed_run_resumes_with_whole_files(tmp_path: Path, tiny) -> None:
    settings = tiny.model_copy(update={"steps": 400})
    config = tmp_path / "run.toml"
    values = settings.model_dump(mode="json", exclude_unset=True)
    config.write_text("\n".join(f"{key} = {json.dumps(value)}" for key, value in values.items()))
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "atomsegnet", "train", str(config), "--output", str(folder),
               "--workers", "0", "--device", "cpu"]  # fmt: skip
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (folder / FILE_NAME).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    seen: list[int] = []

    def report(progress: Progress) -> None:
        if progress.message == "training":
            seen.append(progress.done)
            stop_at(seen[0] + 2)(progress)

    with pytest.raises(Cancelled):
        train(resumed_settings(folder), folder, device="cpu", workers=0, resume=True, report=report)
    assert seen[0] > 1


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.stem)
def test_that_committed_configurations_are_understood(path: Path) -> None:
    assert read_settings(path).task == path.stem


def test_that_bad_settings_are_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="steps"):
        make_settings({"task": "denoise", "steps": -1})
    with pytest.raises(SettingError, match="stepz"):
        make_settings({"task": "denoise", "stepz": 1})
    path = tmp_path / "broken.toml"
    path.write_text("task = denoise")
    with pytest.raises(ReadError, match="TOML"):
        read_settings(path)


def test_that_batches_depend_on_step_and_seed_alone() -> None:
    from atomsegnet.tasks.training_data import SimulatedBatches

    settings = TrainingSettings(task="denoise", batch=1, crop_px=32)
    first, second = SimulatedBatches(settings), SimulatedBatches(settings)
    second[0]
    assert torch.equal(first[7].image, second[7].image)
    assert not torch.equal(first[7].image, first[8].image)
    other = SimulatedBatches(settings.model_copy(update={"seed": 99}))
    assert not torch.equal(first[7].image, other[7].image)


def test_that_mirrored_borders_are_mirror_images_and_do_not_count() -> None:
    image = torch.arange(64.0).reshape(1, 1, 64).repeat(1, 64, 1)
    seen, weight = zip(
        *(mirrored_borders(image, np.random.default_rng(seed)) for seed in range(20)), strict=True
    )
    margins = [int((w[0, 32] == 0).nonzero()[:, 0].lt(32).sum()) for w in weight]
    assert max(margins) > 0
    assert min(margins) == 0
    for mirrored, counted, margin in zip(seen, weight, margins, strict=True):
        assert torch.equal(mirrored[counted > 0], image[counted > 0])
        assert mirrored[0, 32, :margin].tolist() == [2.0 * margin - i for i in range(margin)]
