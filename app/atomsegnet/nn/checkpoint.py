"""The whole state of a training run on disk, without pickle."""

from __future__ import annotations

import json
import os
from pathlib import Path

import torch
from torch import Tensor, nn

from atomsegnet.core.errors import ModelError
from atomsegnet.nn.weights import read_tensors

FILE_NAME = "checkpoint.safetensors"


def save_checkpoint(
    folder: Path,
    step: int,
    seconds: float,
    network: nn.Module,
    average: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> None:
    """Write the state after `step` steps and `seconds` of training, whole or not at all."""
    from safetensors.torch import save_file

    tensors: dict[str, Tensor] = {}
    for prefix, module in (("network", network), ("average", average)):
        tensors |= {f"{prefix}.{name}": value for name, value in module.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": value for name, value in state.items()}
    clean = {name: value.detach().to("cpu").contiguous() for name, value in tensors.items()}
    partial = folder / (FILE_NAME + ".partial")
    save_file(clean, partial, metadata={"state": json.dumps({"step": step, "seconds": seconds})})
    # A power cut after the renaming shall find the new file whole.
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(folder / FILE_NAME)


def load_checkpoint(
    folder: Path, network: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer
) -> tuple[int, float]:
    """Restore a run; return its step and its seconds of training.

    Raises
    ------
    ModelError
        There is no checkpoint, or it belongs to another network.
    """
    from safetensors import safe_open

    path = folder / FILE_NAME
    tensors = read_tensors(path)
    with safe_open(path, framework="pt") as opened:
        state = json.loads(opened.metadata()["state"])
    try:
        network.load_state_dict(_under(tensors, "network."))
        average.load_state_dict(_under(tensors, "average."))
    except RuntimeError as error:
        raise ModelError(f"{path} belongs to another network.") from error
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in _under(tensors, "optimizer.").items():
        index, _, field = name.partition(".")
        moments.setdefault(int(index), {})[field] = value
    restored = optimizer.state_dict()
    restored["state"] = moments
    optimizer.load_state_dict(restored)
    return int(state["step"]), float(state["seconds"])


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
