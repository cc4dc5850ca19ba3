"""The window with a real, if untrained, network behind it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from atomsegnet.gui.main_window import MainWindow
from atomsegnet.paths import user_models_folder
from atomsegnet.tasks import locate, process

REAL_PROCESS = process.process


@pytest.fixture
def untrained(user_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a network of the size that is shipped, with random weights."""
    import torch

    from atomsegnet.nn.unet import Architecture, UNet
    from atomsegnet.nn.weights import Card, save

    monkeypatch.setattr(process, "process", REAL_PROCESS)
    monkeypatch.setattr(locate, "process", REAL_PROCESS)
    torch.manual_seed(0)
    network = UNet(Architecture((16, 32, 64, 128), residual=False))
    card = Card("untrained", "gaussian_map", network.architecture, 6.0, 0.25, {}, 0, {})
    user_models_folder().mkdir(parents=True)
    save(user_models_folder() / "untrained.safetensors", network, card)


@pytest.mark.usefixtures("untrained")
def test_that_a_network_runs_and_gives_the_image_back_on_its_own_grid(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    open_image()
    with qtbot.waitSignal(window.workspace.layers_changed, timeout=60_000):
        window.runs.restore("untrained", "Untrained")
    layer = window.workspace.document.layers[-1]
    assert layer.picture.image.shape == window.workspace.document.micrograph.shape


@pytest.mark.usefixtures("untrained")
def test_that_cancelling_stops_a_network_before_its_last_tile(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    noise = np.random.default_rng(0).random((1500, 1500)).astype(np.float32)
    open_image("large.tif", image=noise)
    job = window.runs.restore("untrained", "Untrained")
    with qtbot.waitSignal(job.progressed, timeout=60_000):
        pass
    with qtbot.waitSignal(job.cancelled, timeout=60_000):
        qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.workspace.document.processed == {}
