"""The window with real networks behind it, untrained ones and those that are shipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from atomsegnet.core.provenance import PixelSizeOrigin, sha256_of
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.io.columns_csv import read_columns_csv
from atomsegnet.paths import user_models_folder, weights_folder
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


def test_that_three_actions_lead_from_a_sample_to_a_table(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    weights = weights_folder() / "gaussian_map.safetensors"
    if not weights.is_file() or not window.middle.empty.samples:
        pytest.skip("there are no weights or samples yet")
    monkeypatch.setattr(locate, "process", REAL_PROCESS)
    target = tmp_path / "columns.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(target), ""))
    with qtbot.waitSignal(window.workspace.document_changed, timeout=20_000):
        qtbot.mouseClick(window.middle.empty.samples[0], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(window.workspace.columns_changed, timeout=60_000):
        qtbot.mouseClick(window.right.locate.locate, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.right.export.csv.isEnabled)
    with qtbot.waitSignal(window.workspace.posted, timeout=20_000):
        qtbot.mouseClick(window.right.export.csv, Qt.MouseButton.LeftButton)
    columns, provenance = read_columns_csv(target)
    assert len(columns) > 50
    assert provenance.weights_sha256 == sha256_of(weights)
    assert provenance.pixel_size_origin is PixelSizeOrigin.FILE
