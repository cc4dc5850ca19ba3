from __future__ import annotations

from pathlib import Path

import pytest
import torch

from atomsegnet.nn.unet import Architecture, UNet
from atomsegnet.nn.weights import Card, LoadedModel, load, save


@pytest.fixture
def make_model(tmp_path: Path):
    """Return a function that makes a small untrained model of a task."""

    def make(task: str = "gaussian_map", widths: tuple[int, ...] = (4, 8, 8)) -> LoadedModel:
        torch.manual_seed(3)
        outputs = 2 if task == "gaussian_map" else 1
        network = UNet(Architecture(widths, residual=task == "denoise", outputs=outputs))
        card = Card("small", task, network.architecture, 6.0, 0.25, {"task": task}, 0, {})
        path = tmp_path / f"{task}.safetensors"
        save(path, network, card)
        return load(path)

    return make
