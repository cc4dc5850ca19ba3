"""Weights on disk: safetensors whose header says what they are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from torch import Tensor

from atomsegnet.core.errors import ModelError
from atomsegnet.nn.header import read_words
from atomsegnet.nn.normalization import NORMALIZATION
from atomsegnet.nn.registry import Task, installed_path, task_named
from atomsegnet.nn.unet import Architecture, UNet, for_inference

FORMAT = "atomsegnet-1"
LICENSE = "GPL-3.0-or-later"


@dataclass(frozen=True)
class Card:
    """What a weights file says of itself.

    Attributes
    ----------
    name : str
        Name of the model.
    task : str
        Its task.
    architecture : Architecture
        Shape of the network.
    width_px : float
        Column width at which the network works [px].
    width_spread_octaves : float
        Standard deviation of the widths it was trained on [octaves].
    training : Mapping
        The configuration that made it.
    steps : int
        Optimizer steps.
    metrics : Mapping of str to float
        Figures on the validation set.
    """

    name: str
    task: str
    architecture: Architecture
    width_px: float
    width_spread_octaves: float
    training: Mapping[str, Any]
    steps: int
    metrics: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A network ready to run: its card, its task and the SHA-256 of its file."""

    card: Card
    task: Task
    network: UNet
    sha256: str


def save(path: Path, network: UNet, card: Card) -> None:
    """Write weights and card to a new file, whole or not at all."""
    from safetensors.torch import save_file

    header = {
        "format": FORMAT,
        "license": LICENSE,
        "normalization": NORMALIZATION,
        "name": card.name,
        "task": card.task,
        "architecture": json.dumps(
            {
                "kind": "unet",
                "widths": card.architecture.widths,
                "residual": card.architecture.residual,
                "fold": card.architecture.fold,
                "outputs": card.architecture.outputs,
            }
        ),
        "width_px": repr(card.width_px),
        "width_spread_octaves": repr(card.width_spread_octaves),
        "training": json.dumps(dict(card.training)),
        "steps": str(card.steps),
        "metrics": json.dumps(dict(card.metrics)),
    }
    tensors = {
        name: value.detach().to("cpu").contiguous() for name, value in network.state_dict().items()
    }
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata=header)
    partial.replace(path)


def read_card(path: Path) -> Card:
    """Read the header of a weights file.

    Raises
    ------
    ModelError
        The file is missing, damaged, or of a kind this program does not know.
    """
    header = read_words(path)
    if header.get("format") != FORMAT:
        raise ModelError(f"{path.name} is no weights file of this program.")
    if header.get("normalization") != NORMALIZATION:
        raise ModelError(f"{path.name} wants an unknown normalization of its input.")
    try:
        shape = json.loads(header["architecture"])
        if shape["kind"] != "unet":
            raise ModelError(f"{path.name} holds an unknown network, {shape['kind']!r}.")
        return Card(
            name=header["name"],
            task=task_named(header["task"]).name,
            architecture=Architecture(
                tuple(shape["widths"]),
                bool(shape["residual"]),
                int(shape.get("fold", 1)),  # files of the first version have neither
                int(shape.get("outputs", 1)),
            ),
            width_px=float(header["width_px"]),
            width_spread_octaves=float(header["width_spread_octaves"]),
            training=json.loads(header["training"]),
            steps=int(header["steps"]),
            metrics=json.loads(header["metrics"]),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError(f"{path.name} has a header that is not understood ({error}).") from error


def load_trainable(path: Path) -> tuple[Card, UNet]:
    """Load a network with its card, to be trained on.

    Raises
    ------
    ModelError
        As for `read_card`, or the tensors do not fit the header.
    """
    card = read_card(path)
    network = UNet(card.architecture)
    try:
        network.load_state_dict(read_tensors(path))
    except RuntimeError as error:
        raise ModelError(f"{path.name} holds tensors that do not fit its header.") from error
    return card, network


def load(path: Path) -> LoadedModel:
    """Load a network for use.

    Raises
    ------
    ModelError
        As for `load_trainable`.
    """
    card, network = load_trainable(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return LoadedModel(card, task_named(card.task), for_inference(network), sha256)


def load_installed(name: str) -> LoadedModel:
    """Load a model by its name; one that was used before is kept in memory.

    Raises
    ------
    ModelError
        No model of this name is installed, or its file is damaged.
    """
    path = installed_path(name)
    return _load_once(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _load_once(path: Path, modified_ns: int) -> LoadedModel:
    del modified_ns  # part of the key: a file that changed is loaded again
    return load(path)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read the tensors of a safetensors file.

    Raises
    ------
    ModelError
        The file is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path} is no weights file that can be read ({error}).") from error
