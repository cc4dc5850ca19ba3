"""The five models: what each one makes of an image."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from atomsegnet import paths
from atomsegnet.core.errors import ModelError
from atomsegnet.nn.header import read_words

logger = logging.getLogger(__name__)


class Output(Enum):
    """What the numbers of a model's output mean."""

    INTENSITY = "intensity"  # scale and offset of the input
    SIGNAL = "signal"  # scale of the input, background removed
    MAP = "map"  # 0 to 1


@dataclass(frozen=True)
class Task:
    """One of the five tasks.

    Attributes
    ----------
    name : str
        Name of the model and stem of its weights file.
    title : str
        Name for the user.
    explanation : str
        One sentence for the user.
    output : Output
        Meaning of the output.
    """

    name: str
    title: str
    explanation: str
    output: Output


TASKS = {
    task.name: task
    for task in (
        Task(
            "denoise",
            "Denoise",
            "Removes counting and scan noise; keeps the background.",
            Output.INTENSITY,
        ),
        Task(
            "denoise_background",
            "Denoise and remove background",
            "Removes noise and everything that is no atomic column.",
            Output.SIGNAL,
        ),
        Task(
            "super_resolution",
            "Sharpen",
            "Removes noise and background and halves the width of the columns; "
            "their integrated intensity is kept.",
            Output.SIGNAL,
        ),
        Task(
            "gaussian_map",
            "Column map",
            "Marks every atomic column by a narrow peak of equal height.",
            Output.MAP,
        ),
        Task(
            "circular_mask",
            "Column mask",
            "Marks every atomic column by a disc as wide as the column.",
            Output.MAP,
        ),
    )
}


def task_named(name: str) -> Task:
    """Return the task of this name.

    Raises
    ------
    ModelError
        There is none.
    """
    if name not in TASKS:
        raise ModelError(f"There is no task {name!r}; known are {', '.join(TASKS)}.")
    return TASKS[name]


def installed_models() -> dict[str, Path]:
    """Return the weights file of every model by name: the program's own, then the user's.

    A model of the user's never hides one of the program's.
    """
    found: dict[str, Path] = {}
    for folder in (paths.weights_folder(), paths.user_models_folder()):
        for path in sorted(folder.glob("*.safetensors")):
            found.setdefault(path.stem, path)
    return found


def installed_tasks() -> dict[str, Task]:
    """Return the task of every installed model by the model's name; damaged files are left out."""
    tasks = {}
    for name, path in installed_models().items():
        try:
            tasks[name] = task_named(read_words(path).get("task", ""))
        except ModelError as error:
            logger.info("A model is left out: %s", error)
    return tasks


def installed_path(name: str) -> Path:
    """Return the weights file of an installed model.

    Raises
    ------
    ModelError
        No model of this name is installed.
    """
    known = installed_models()
    if name not in known:
        names = ", ".join(known) or "none"
        raise ModelError(f"There is no model {name!r}; installed are: {names}.")
    return known[name]
