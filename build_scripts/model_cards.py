"""Validate every model on crystals that no training saw, and write its card.

    python build_scripts/model_cards.py

The images are simulated with crystals outside of the program's list, whole materials at a time.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk
from scipy import ndimage

from atomsegnet.analysis.matching import match
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.nn.registry import TASKS, Output, Task
from atomsegnet.nn.weights import Card, load
from atomsegnet.paths import weights_folder
from atomsegnet.physics.scene import SceneSettings
from atomsegnet.physics.structure import ProjectedCell, project
from atomsegnet.tasks.locate import locate
from atomsegnet.tasks.process import process
from atomsegnet.tasks.simulate import LABELS, Simulated, simulate_one

IMAGES_PER_BIN = 4
PSNR_DB = (10.0, 15.0, 20.0, 25.0, 30.0)
SIZE_PX = 320
WIDTH_PX = (3.0, 14.0)
# Columns nearer to the border than this need not be found [px].
BORDER_PX = 5


def held_out() -> dict[str, ProjectedCell]:
    """Return crystals that are not in the program's list, by name."""
    rutile = Atoms(
        "Ru2O4",
        scaled_positions=[(0, 0, 0), (0.5, 0.5, 0.5), (0.306, 0.306, 0), (0.694, 0.694, 0),
                          (0.194, 0.806, 0.5), (0.806, 0.194, 0.5)],
        cell=(4.49, 4.49, 3.11),
        pbc=True,
    )  # fmt: skip
    crystals = {
        "CdTe [110]": (bulk("CdTe", "zincblende", a=6.482, cubic=True), (1, 1, 0)),
        "Fe [111]": (bulk("Fe", "bcc", a=2.8665, cubic=True), (1, 1, 1)),
        "CeO2 [001]": (bulk("CeO2", "fluorite", a=5.411, cubic=True), (0, 0, 1)),
        "RuO2 [001]": (rutile, (0, 0, 1)),
    }
    return {name: project(atoms, zone, name) for name, (atoms, zone) in crystals.items()}


def images(psnr_db: float, label: str) -> list[tuple[str, Simulated]]:
    """Simulate the images of one bin, the crystals in turn."""
    crystals = list(held_out().items())
    made = []
    for number in range(IMAGES_PER_BIN):
        name, cell = crystals[number % len(crystals)]
        settings = SceneSettings(
            psnr_db=(psnr_db, psnr_db), empty_share=0.0, crystals=(cell,), crystal_share=1.0
        )
        seed = (2026, int(psnr_db), number)
        made.append(
            (name, simulate_one(settings, seed, size=SIZE_PX, width_px=WIDTH_PX, labels=(label,)))
        )
    return made


def detection_score(task: Task, made: Simulated) -> float:
    """Return F1 of the columns found on the map of a model."""
    located = locate(Micrograph(made.image), model=task.name, method="weighted-centroid")
    last = SIZE_PX - 1 - BORDER_PX
    inner = np.all((made.positions >= BORDER_PX) & (made.positions <= last), axis=1)
    optional = ~(made.is_visible & inner)
    tolerance = made.scene.image_width_px / 2
    matched = match(located.columns.positions, made.positions, tolerance, is_optional=optional)
    return matched.f1


def decibels(image: np.ndarray, truth: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio with gain and offset matched [dB]."""
    design = np.stack([image.ravel(), np.ones(image.size)], axis=1).astype(np.float64)
    fitted = design @ np.linalg.lstsq(design, truth.ravel().astype(np.float64), rcond=None)[0]
    error = np.mean((fitted - truth.ravel()) ** 2)
    return float(10 * np.log10(np.ptp(truth) ** 2 / error))


def gain_over_filter(task: Task, made: Simulated, label: str) -> float:
    """Return how many dB the restored image is nearer to the truth than the best Gaussian filter.

    For the tasks that remove the background, the filter's image is flattened first.
    """
    truth = made.labels[label]
    image = made.image
    if task.output is Output.SIGNAL:
        image = image - ndimage.gaussian_filter(image, 2.0 * made.scene.image_width_px)
    sigmas = made.scene.image_width_px * np.array([0.0, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5])
    baseline = max(decibels(ndimage.gaussian_filter(image, s), truth) for s in sigmas)
    return decibels(process(Micrograph(made.image), task.name).image, truth) - baseline


def validation_lines(task: Task) -> list[str]:
    """Return the table of a card: one line for each PSNR, one column for each crystal."""
    label = next(name for name, learnt in LABELS.items() if learnt == task.name)
    names = list(held_out())
    lines = [f"| PSNR [dB] | {' | '.join(names)} | mean |", "|" + "---|" * (len(names) + 2)]
    for psnr_db in PSNR_DB:
        scores: dict[str, list[float]] = {name: [] for name in names}
        for name, made in images(psnr_db, label):
            if task.output is Output.MAP:
                scores[name].append(detection_score(task, made))
            else:
                scores[name].append(gain_over_filter(task, made, label))
        means = [float(np.mean(scores[name])) for name in names]
        digits = 3 if task.output is Output.MAP else 1
        cells = " | ".join(f"{value:.{digits}f}" for value in [*means, float(np.mean(means))])
        lines.append(f"| {psnr_db:.0f} | {cells} |")
    return lines


def card_text(path: Path, card: Card) -> str:
    """Return the readable card of a weights file."""
    task = TASKS[card.task]
    if task.output is Output.MAP:
        measure = "F1 of the columns found (visible ones, at least 5 px from the border)"
    else:
        measure = (
            "Gain over the best Gaussian filter on the same image, gain and offset matched [dB]"
        )
    size = path.stat().st_size / 2**20
    training = json.dumps(dict(card.training), indent=2)
    return "\n".join(
        [
            f"# {card.name}",
            "",
            f"{task.title}: {task.explanation}",
            "",
            f"- Network: U-Net, widths {', '.join(map(str, card.architecture.widths))}, "
            f"{size:.1f} MiB, SHA-256 `{load(path).sha256[:16]}...`",
            f"- Sees columns of {card.width_px:g} px full width at half maximum, spread "
            f"{card.width_spread_octaves:g} octaves; the program resamples every image to that.",
            f"- Trained for {card.steps} steps on fresh simulations from "
            f"[{card.name}.toml]({card.name}.toml): columns recorded 2.5 to 16 px wide, PSNR 5 to "
            "35 dB, scan jitter up to 1.5 px, named crystals (Pt, Si, SrTiO3, MoS2, graphene) and "
            "random ones, particles, grains, clusters, and frames without any column.",
            f"- Validation loss {card.metrics['validation_loss']:.4f}",
            "- License: GPL-3.0-or-later",
            "",
            "```json",
            training,
            "```",
            "",
            f"## {measure}",
            "",
            f"Measured {datetime.datetime.now(datetime.UTC):%Y-%m-%d} by "
            f"`python build_scripts/model_cards.py` on {IMAGES_PER_BIN * len(PSNR_DB)} simulated "
            f"images of crystals that no training saw; columns {WIDTH_PX[0]:g} to {WIDTH_PX[1]:g} "
            "px wide, pixel size not told.",
            "",
            *validation_lines(task),
            "",
            *_rules(task),
        ]
    )


def _rules(task: Task) -> list[str]:
    if task.name == "gaussian_map":
        return ["A peak has a standard deviation of 0.2 column widths, at least one pixel.", ""]
    if task.name == "circular_mask":
        return ["A disc has the diameter of the column's full width at half maximum.", ""]
    if task.name == "super_resolution":
        return ["Columns come out half as wide, with their integrated intensity.", ""]
    return []


def main() -> None:
    """Write the card of every model of the program."""
    for name in TASKS:
        path = weights_folder() / f"{name}.safetensors"
        model = load(path)
        text = card_text(path, model.card)
        path.with_suffix(".md").write_text(text, encoding="utf-8")
        print(text)


if __name__ == "__main__":
    main()
