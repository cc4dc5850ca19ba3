"""Train the Faster R-CNN of the benchmark on the program's own simulations, on the CPU.

    python build_scripts/train_faster_rcnn.py [--minutes M] [--seed N] [--output FOLDER]

Needs torchvision. The run lies in FOLDER, by default output/training/faster_rcnn; an interrupted
one goes on where it was. One that is done replaces weights and card in resources/benchmark.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from atomsegnet.core.provenance import utc_now
from atomsegnet.core.training_log import LOG_NAME, add_to_log, keep_log_until
from atomsegnet.core.training_settings import TrainingSettings
from atomsegnet.nn import checkpoint
from atomsegnet.nn.faster_rcnn import (
    ANCHORS_PX,
    CHANNELS,
    NAME,
    STRIDE,
    boxes_around,
    build_detector,
    detected_centers,
    installed_file,
    keep_size,
    load_detector,
    save_detector,
)
from atomsegnet.nn.normalization import NORMALIZATION
from atomsegnet.nn.weights import LICENSE
from atomsegnet.physics.held_out import held_out_crystals
from atomsegnet.tasks.benchmark import scored
from atomsegnet.tasks.benchmark_images import Case, simulate_case
from atomsegnet.tasks.benchmark_methods import FASTER_RCNN, Found
from atomsegnet.tasks.training_data import SimulatedBatches

BATCH, CROP_PX = 4, 128
LEARNING_RATE, WARM_UP_STEPS, AVERAGING = 1e-3, 100, 0.995
LOG_EVERY = 50
CHECKPOINT_S = 180.0
# Simulations on which F1 is measured: of each held-out crystal one of each noise.
TESTED_DB, TESTED_PX = (15.0, 20.0, 30.0), 192
# No case of the benchmark has such a seed.
FIRST_TESTED_SEED = 90_000


class Boxed:
    """The stream of the networks, with boxes for targets."""

    def __init__(self, settings: TrainingSettings) -> None:
        self.settings = settings
        self.batches = SimulatedBatches(settings)

    def __getitem__(self, step: int) -> tuple[list[Tensor], list[dict[str, Tensor]]]:
        """Return normalized images, (1, crop, crop) each, and boxes with the class of columns."""
        images, targets = [], []
        for index in range(self.settings.batch):
            one = self.batches.drawn(step, index, ())
            positions = one.scene.positions_px[torch.from_numpy(one.made.is_visible)]
            is_inside = ((positions >= -0.5) & (positions <= CROP_PX - 0.5)).all(dim=1)
            boxes = boxes_around(positions[is_inside], one.scene.width_px).float()
            images.append(one.scale.normalized(one.image)[0])
            targets.append({"boxes": boxes, "labels": torch.ones(len(boxes), dtype=torch.int64)})
        return images, targets


class Run:
    """The state of a run."""

    def __init__(self, folder: Path, minutes: float, seed: int) -> None:
        torch.manual_seed(seed)
        self.folder, self.minutes = folder, minutes
        self.settings = TrainingSettings(
            task="gaussian_map", batch=BATCH, crop_px=CROP_PX, seed=seed, minutes=minutes
        )
        self.data = Boxed(self.settings)
        self.detector = build_detector().train()
        self.average = copy.deepcopy(self.detector).eval()
        self.optimizer = torch.optim.AdamW(self.detector.parameters(), weight_decay=1e-4)
        self.step, self.seconds = 0, 0.0
        if (folder / checkpoint.FILE_NAME).exists():
            self.step, self.seconds = checkpoint.load_checkpoint(
                folder, self.detector, self.average, self.optimizer
            )
        keep_log_until(folder / LOG_NAME, self.step)
        keep_size(self.detector, (CROP_PX, CROP_PX))
        self._started = time.monotonic() - self.seconds

    def train(self) -> None:
        """Take steps until the time is over."""
        losses: list[float] = []
        saved = time.monotonic()
        while self.seconds < 60 * self.minutes:
            losses.append(self._take_step())
            self.seconds = time.monotonic() - self._started
            if self.step % LOG_EVERY == 0:
                line = {
                    "step": self.step,
                    "seconds": round(self.seconds, 1),
                    "loss": round(float(np.mean(losses)), 5),
                }
                losses.clear()
                add_to_log(self.folder / LOG_NAME, line)
                print(line, flush=True)
            if time.monotonic() - saved > CHECKPOINT_S:
                self.save()
                saved = time.monotonic()
        self.save()

    def save(self) -> None:
        """Write a checkpoint."""
        checkpoint.save_checkpoint(
            self.folder, self.step, self.seconds, self.detector, self.average, self.optimizer
        )

    def _take_step(self) -> float:
        done = min(1.0, self.seconds / (60 * self.minutes))
        rate = LEARNING_RATE * min(1.0, (self.step + 1) / WARM_UP_STEPS)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
        loss = sum(self.detector(*self.data[self.step]).values())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.detector.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        keep = min(AVERAGING, self.step / (self.step + 10))
        with torch.no_grad():
            pairs = zip(self.average.parameters(), self.detector.parameters(), strict=True)
            for mean, value in pairs:
                mean.lerp_(value, 1 - keep)
        return float(loss.detach())


def f1_of_held_out(detector: nn.Module, width_px: float) -> dict[str, float]:
    """Return F1 on simulations of crystals that no training saw, at the scale of the networks."""
    f1 = {}
    for number, name in enumerate(held_out_crystals()):
        for psnr_db in TESTED_DB:
            seed = FIRST_TESTED_SEED + 100 * number + int(psnr_db)
            made = simulate_case(Case(name, psnr_db, width_px, TESTED_PX, seed))
            centers = detected_centers(detector, made.image)
            (score,) = scored(made, [{FASTER_RCNN: Found(centers, 0.0)}])
            f1[f"{name}, {psnr_db:.0f} dB"] = score.f1
    return f1


def write_weights(run: Run) -> None:
    """Write the averaged weights and their card to the folder of the benchmark."""
    path = installed_file()
    path.parent.mkdir(exist_ok=True)
    settings = run.settings
    words = {
        "name": NAME,
        "license": LICENSE,
        "normalization": NORMALIZATION,
        "width_px": repr(settings.width_px),
        "training": settings.model_dump_json(exclude_defaults=True),
        "steps": str(run.step),
    }
    save_detector(path, run.average, words)
    f1 = f1_of_held_out(load_detector(path), settings.width_px)
    lines = [
        f"# {NAME}",
        "",
        "Faster R-CNN, a baseline of `atomsegnet benchmark`: boxes every atomic column. "
        "It is no model of the program, and the installers leave it out.",
        "",
        f"- Network: torchvision's Faster R-CNN on a convolutional network of {CHANNELS} channels "
        f"and stride {STRIDE}, anchors of {', '.join(map(str, ANCHORS_PX))} px, "
        f"{path.stat().st_size / 2**20:.1f} MiB in half precision; no pretrained weights",
        f"- Works at columns of {settings.width_px:g} px full width at half maximum",
        f"- Trained for {run.minutes:g} minutes on a processor, {run.step} steps of {BATCH} fresh "
        f"simulations of {CROP_PX} x {CROP_PX} px from the stream of the networks, by "
        f"`python build_scripts/train_faster_rcnn.py --minutes {run.minutes:g} "
        f"--seed {settings.seed}`; done {utc_now()[:10]}",
        "- Boxes: squares of the column width around every column that can be seen",
        f"- License: {LICENSE}",
        "",
        "## F1 of the columns found",
        "",
        "On simulations of crystals that no training saw, scale told. "
        f"Mean {np.mean(list(f1.values())):.3f}.",
        "",
        "| image | F1 |",
        "|---|---|",
        *(f"| {name} | {value:.3f} |" for name, value in f1.items()),
        "",
    ]
    path.with_suffix(".md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


def main() -> None:
    """Train and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=25.0, help="time for training")
    parser.add_argument("--seed", type=int, default=1, help="of weights and images")
    output = Path(__file__).parent.parent / "output" / "training" / NAME
    parser.add_argument("--output", type=Path, default=output, help="folder of the run")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    run = Run(arguments.output, arguments.minutes, arguments.seed)
    run.train()
    write_weights(run)


if __name__ == "__main__":
    main()
