"""The readable card beside each weights file."""

from __future__ import annotations

import datetime
import itertools
import json
from pathlib import Path

import numpy as np
from cases import Result

from atomsegnet.nn.registry import TASKS
from atomsegnet.nn.weights import load
from atomsegnet.paths import weights_folder

# Model -> the measure of its card, which of its numbers, and what that is called.
MEASURES = {
    "gaussian_map": ("held_out_f1", "f1", "F1 of the columns found"),
    "circular_mask": ("mask_f1", "f1", "F1 of the columns found"),
    "denoise": ("denoised", "gain", "Gain over the better of two classical filters [dB]"),
    "denoise_background": (
        "without_background",
        "gain",
        "Gain over the better of flattening and deconvolution [dB]",
    ),
    "super_resolution": (
        "sharpened",
        "gain",
        "Gain over the better of flattening and deconvolution [dB]",
    ),
}
PSNR_EDGES = (7.5, 12.5, 17.5, 22.5, 27.5, 32.5)
WIDTH_EDGES = (2.5, 4.0, 6.0, 9.0, 16.0)
RULES = {
    "gaussian_map": "A peak has a standard deviation of 0.2 column widths, at least one pixel.",
    "circular_mask": "A disc has the diameter of the column's full width at half maximum.",
    "super_resolution": "Columns come out half as wide, with their integrated intensity.",
}


def write(measured: dict[str, list[Result]]) -> None:
    """Write the card of every model of the program."""
    for name, (measure, number, title) in MEASURES.items():
        path = weights_folder() / f"{name}.safetensors"
        path.with_suffix(".md").write_text(
            card_text(path, title, measured[measure], number), encoding="utf-8"
        )


def card_text(path: Path, title: str, results: list[Result], number: str) -> str:
    """Return the card of a weights file.

    Parameters
    ----------
    path : Path
        The file.
    title : str
        What was measured.
    results : list of dict
        One for each image.
    number : str
        Which of their numbers.
    """
    model = load(path)
    card, task = model.card, TASKS[model.card.task]
    size = path.stat().st_size / 2**20
    lines = [
        f"# {card.name}",
        "",
        f"{task.title}: {task.explanation}",
        *([RULES[card.name]] if card.name in RULES else []),
        "",
        f"- Network: U-Net, {', '.join(map(str, card.architecture.widths))} channels on squares of "
        f"{card.architecture.fold} x {card.architecture.fold} pixels, {size:.1f} MiB, SHA-256 "
        f"`{model.sha256[:16]}...`",
        f"- Works at columns of {card.width_px:g} px full width at half maximum; the program "
        "resamples every image to that.",
        f"- Trained for {card.steps} steps on fresh simulations from "
        f"[{card.name}.toml]({card.name}.toml): columns recorded 2.5 to 16 px wide, PSNR 5 to 35 "
        "dB, scan jitter up to 1.5 px, the crystals of the list and random ones, particles, "
        "grains, clusters, and frames without any column.",
        f"- Validation loss {card.metrics['validation_loss']:.4f}",
        "- License: GPL-3.0-or-later",
        "",
        "```json",
        json.dumps(dict(card.training), indent=2),
        "```",
        "",
        f"## {title}",
        "",
        f"Measured {datetime.datetime.now(datetime.UTC):%Y-%m-%d} by `python "
        f"build_scripts/model_results` on {len(results)} simulated images of crystals that no "
        "training saw; pixel size not told. Mean, and worst image.",
        "",
        "| images | mean | worst |",
        "|---|---|---|",
        *_lines(results, number),
        "",
    ]
    return "\n".join(lines)


def _lines(results: list[Result], number: str) -> list[str]:
    value = np.array([result[number] for result in results], dtype=float)
    material = np.array([result["material"] for result in results])
    groups = [("all", np.ones(len(results), dtype=bool))]
    groups += [(name, material == name) for name in dict.fromkeys(material.tolist())]
    for field, edges, unit in (("psnr_db", PSNR_EDGES, "dB"), ("width_px", WIDTH_EDGES, "px wide")):
        found = np.array([result[field] for result in results], dtype=float)
        groups += [
            (f"{low:g} to {high:g} {unit}", (found >= low) & (found < high))
            for low, high in itertools.pairwise(edges)
        ]
    digits = 3 if number == "f1" else 1
    return [
        f"| {name} | {value[chosen].mean():.{digits}f} | {value[chosen].min():.{digits}f} |"
        for name, chosen in groups
        if chosen.any()
    ]
