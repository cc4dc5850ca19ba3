"""Train the program's own models, one after the other, from the configurations beside them.

    python build_scripts/train_models.py [NAME...]

Runs lie in output/training; an interrupted one goes on where it was. A model that is done replaces
the weights file of its name. One that has a configuration in build_scripts/first_training goes on
from what that makes.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from atomsegnet.core.progress import Progress
from atomsegnet.paths import weights_folder
from atomsegnet.tasks.train import SETTINGS_NAME, read_settings, train

# A model that starts from another one comes after it.
ORDER = ("gaussian_map", "denoise", "circular_mask", "denoise_background", "super_resolution")
RUNS = Path(__file__).parent.parent / "output" / "training"
FIRST = Path(__file__).parent / "first_training"


def report(progress: Progress) -> None:
    """Print a line every hundred steps."""
    if progress.done % 100 == 0 and "loss" in progress.values:
        print(f"{progress.done}/{progress.total} loss {progress.values['loss']:.4f}", flush=True)


def main(names: list[str]) -> None:
    """Train the models of these names, or all."""
    for name in names or ORDER:
        first = FIRST / f"{name}.toml"
        if first.exists():
            install(first, RUNS / f"{name}_first")
        install(weights_folder() / f"{name}.toml", RUNS / name)


def install(configuration: Path, folder: Path) -> None:
    """Train, or go on, and replace the weights file."""
    print(f"{configuration} -> {folder}", flush=True)
    settings = read_settings(configuration)
    weights = train(settings, folder, resume=(folder / SETTINGS_NAME).exists(), report=report)
    shutil.copyfile(weights, weights_folder() / weights.name)


if __name__ == "__main__":
    main(sys.argv[1:])
