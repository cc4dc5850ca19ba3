"""Draw accuracy against time for networks of several widths and depths.

    python build_scripts/model_results/networks.py FOLDER [--steps N] [--images N]

Every network learns `gaussian_map` from the same images for the same number of steps, far fewer
than a model of the program, so that what counts is their order and not the figures. Each is then
measured on crystals that no training saw, at the right sampling. The table and docs/images/
networks.png are written for docs/networks.md; the trained networks lie in FOLDER and are not
trained again.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import detection
import matplotlib
import numpy as np
import torch
from cases import Result, to_be_found

from atomsegnet.analysis.matching import match
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.progress import silent
from atomsegnet.core.training_settings import TrainingSettings
from atomsegnet.nn.inference import run_model
from atomsegnet.nn.training import Batch, TrainingData, train_network
from atomsegnet.nn.unet import Architecture, UNet
from atomsegnet.nn.weights import LoadedModel, load
from atomsegnet.tasks.locate import locate_on_map
from atomsegnet.tasks.process import Processed
from atomsegnet.tasks.training_data import FIRST_VALIDATION_STEP, SimulatedBatches

DOCS = Path(__file__).parents[2] / "docs"
NETWORKS = (
    Architecture((16, 32, 64, 128, 128), fold=1),
    Architecture((16, 32, 64, 128)),
    Architecture((32, 64, 128)),
    Architecture((32, 64, 128, 256)),
    Architecture((64, 128, 192, 256)),
    Architecture((64, 128, 256), fold=4),
)
CHOSEN = Architecture()
TIMED_PX = 1024
VALIDATION_BATCHES = 16


@dataclass(frozen=True)
class Point:
    """What is known of one network: parameters [millions], times [s] and accuracy."""

    architecture: Architecture
    parameters: float
    step_s: float
    image_s: float
    f1: float
    worst: float
    loss: float


def name_of(architecture: Architecture) -> str:
    """Return a name such as "32-64-128-256, squares of 2 x 2"."""
    squares = "" if architecture.fold == 1 else f", squares of {architecture.fold} px"
    return "-".join(map(str, architecture.widths)) + squares


def trained(
    architecture: Architecture, batches: list[Batch], validation: list[Batch], folder: Path
) -> tuple[LoadedModel, float]:
    """Return a network after its training, and the time of the processor for one step [s]."""
    name = "-".join(map(str, architecture.widths)) + f"_{architecture.fold}"
    path, time_path = folder / name / f"{name}.safetensors", folder / name / "step_s.txt"
    if not path.is_file():
        torch.manual_seed(1)
        settings = TrainingSettings(
            task="gaussian_map", name=name, steps=len(batches), validate_every=len(batches)
        )
        data = TrainingData(lambda first, last, _ask: (b for b in batches[first:last]), validation)
        path.parent.mkdir(parents=True, exist_ok=True)
        used = time.process_time()
        train_network(
            settings, data, path.parent, start=UNet(architecture),
            device=torch.device("cpu"), report=silent,
        )  # fmt: skip
        time_path.write_text(str((time.process_time() - used) / len(batches)))
    return load(path), float(time_path.read_text())


def f1(model: LoadedModel, number: int) -> Result:
    """Return F1 on a held-out image, seen at the right sampling."""
    made = detection.HELD_OUT.image(number)
    micrograph, width = Micrograph(made.image), made.scene.image_width_px
    answer = run_model(model, micrograph, model.card.width_px / width, device="cpu")
    processed = Processed(
        micrograph, answer.image, answer.working_image, model.card.width_px / width, width,
        model.task.output, model.card.name, model.sha256, "cpu",
    )  # fmt: skip
    columns = locate_on_map(processed, method="weighted-centroid").columns
    wanted = to_be_found(made)
    positions = detection.that_count(columns.positions, made, wanted)
    return {"f1": match(positions, made.positions, width / 2, is_optional=~wanted).f1}


def image_time(model: LoadedModel) -> float:
    """Return the least of three times of the processor for `TIMED_PX` squared [s]."""
    image = np.random.default_rng(0).normal(100, 10, (TIMED_PX, TIMED_PX)).astype(np.float32)
    times = []
    for _ in range(3):
        used = time.process_time()
        run_model(model, Micrograph(image), 1.0, device="cpu")
        times.append(time.process_time() - used)
    return min(times)


def measured(model: LoadedModel, step_s: float, images: int) -> Point:
    """Return what is known of a trained network."""
    scores = np.array([f1(model, number)["f1"] for number in range(images)], dtype=float)
    return Point(
        model.card.architecture,
        sum(p.numel() for p in UNet(model.card.architecture).parameters()) / 1e6,
        step_s,
        image_time(model),
        float(scores.mean()),
        float(scores.min()),
        model.card.metrics["validation_loss"],
    )


def table(points: list[Point], steps: int, images: int) -> str:
    """Return the table of the page."""
    today = datetime.datetime.now(datetime.UTC)
    lines = [
        f"Measured {today:%Y-%m-%d} by `python build_scripts/model_results/networks.py FOLDER "
        f"--steps {steps} --images {images}` on {platform.machine()}; seconds "
        "are of the processor, all cores added.",
        "",
        f"| network | parameters [10^6] | a training step [s] | {TIMED_PX} px squared [s] | "
        "F1 mean | worst | validation loss |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name_of(p.architecture)}{' (chosen)' if is_chosen(p) else ''} | {p.parameters:.2f} | "
        f"{p.step_s:.2f} | {p.image_s:.2f} | {p.f1:.3f} | {p.worst:.3f} | {p.loss:.4f} |"
        for p in points
    ]
    return "\n".join(lines)


def is_chosen(point: Point) -> bool:
    """Whether this is the network of the program's models."""
    return (point.architecture.widths, point.architecture.fold) == (CHOSEN.widths, CHOSEN.fold)


def draw(points: list[Point], path: Path) -> None:
    """Draw validation loss against the time of an image."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 4.0), layout="constrained")
    for point in points:
        color = "#d55e00" if is_chosen(point) else "#0072b2"
        axes.plot(point.image_s, point.loss, "o", color=color)
        # Beside the point, on the side where there is room.
        is_slow = point.image_s > 0.7 * max(p.image_s for p in points)
        axes.annotate(
            name_of(point.architecture), (point.image_s, point.loss),
            (-7 if is_slow else 7, -12 if is_chosen(point) else 5),
            textcoords="offset points", fontsize=8, ha="right" if is_slow else "left",
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlabel(f"time of the processor for {TIMED_PX} px squared [s]")
    axes.set_ylabel("validation loss")
    axes.margins(0.25, 0.15)
    figure.savefig(path, dpi=150)


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--images", type=int, default=24)
    given = parser.parse_args()
    simulated = SimulatedBatches(TrainingSettings(task="gaussian_map"))
    batches = [simulated[step] for step in range(given.steps)]
    validation = [simulated[FIRST_VALIDATION_STEP + n] for n in range(VALIDATION_BATCHES)]
    points = []
    for architecture in NETWORKS:
        model, step_s = trained(architecture, batches, validation, given.folder)
        points.append(measured(model, step_s, given.images))
        sys.stdout.write(f"{points[-1]}\n")
    (given.folder / "table.md").write_text(table(points, given.steps, given.images) + "\n")
    draw(points, DOCS / "images" / "networks.png")


if __name__ == "__main__":
    main()
