"""Results go to files the user names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot
from simulated_lattice import COUNT

from atomsegnet.core.provenance import PixelSizeOrigin, sha256_of
from atomsegnet.gui.main_window import MainWindow
from atomsegnet.io.columns_csv import read_columns_csv
from atomsegnet.io.read import read


@pytest.fixture
def name_file(monkeypatch: pytest.MonkeyPatch):
    """Return a function that says which file the dialog gives; it records what was proposed."""
    proposed: list[str] = []

    def name(path: Path) -> list[str]:
        def ask(_parent, _title, proposal, _kinds) -> tuple[str, str]:
            proposed.append(Path(proposal).name)
            return str(path), ""

        monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
        return proposed

    return name


def export(qtbot: QtBot, window: MainWindow, button: QPushButton) -> str:
    with qtbot.waitSignal(window.workspace.posted) as signal:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    return signal.args[0].text


def locate(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.workspace.columns_changed):
        qtbot.mouseClick(window.right.locate.locate, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.jobs.is_busy)


def test_that_the_table_comes_back_with_scale_model_and_input(
    qtbot: QtBot, window: MainWindow, open_image, name_file, tmp_path: Path
) -> None:
    source = open_image(pixel_size_nm=0.02)
    locate(qtbot, window)
    target = tmp_path / "table.csv"
    proposed = name_file(target)
    assert export(qtbot, window, window.right.export.csv) == f"{target} was written."
    assert proposed == ["lattice_columns.csv"]
    columns, provenance = read_columns_csv(target)
    assert len(columns) == COUNT**2
    assert np.array_equal(columns.positions, window.workspace.document.located.columns.positions)
    assert provenance.pixel_size_nm.x == pytest.approx(0.02)
    assert provenance.pixel_size_origin is PixelSizeOrigin.FILE
    assert provenance.model == "gaussian_map"
    assert provenance.input_sha256 == sha256_of(source)


def test_that_a_typed_pixel_size_is_written_as_typed(
    qtbot: QtBot, window: MainWindow, open_image, name_file, tmp_path: Path
) -> None:
    open_image(pixel_size_nm=None)
    locate(qtbot, window)
    field = window.middle.pixel_size.field
    qtbot.keyClicks(field, "0.0125")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    target = tmp_path / "typed.csv"
    name_file(target)
    export(qtbot, window, window.right.export.csv)
    provenance = read_columns_csv(target).provenance
    assert provenance.pixel_size_nm == (0.0125, 0.0125)
    assert provenance.pixel_size_origin is PixelSizeOrigin.TYPED


def test_that_the_image_is_float32_on_its_own_scale_with_its_pixel_size(
    qtbot: QtBot, window: MainWindow, open_image, name_file, tmp_path: Path
) -> None:
    open_image(pixel_size_nm=0.02)
    with qtbot.waitSignal(window.workspace.layers_changed):
        qtbot.mouseClick(window.right.restore.run, Qt.MouseButton.LeftButton)
    target = tmp_path / "restored"
    proposed = name_file(target)
    export(qtbot, window, window.right.export.tiff)
    written = target.with_suffix(".tif")
    assert proposed == ["lattice_denoise_background.tif"]
    layer = window.workspace.document.layer("denoise_background")
    assert tifffile.imread(written).dtype == np.float32
    assert np.array_equal(tifffile.imread(written), layer.picture.image)
    assert read(written).pixel_size_nm.x == pytest.approx(0.02, rel=1e-4)


def test_that_the_figure_shows_columns_only_where_these_are_seen(
    qtbot: QtBot, window: MainWindow, open_image, name_file, tmp_path: Path
) -> None:
    open_image()
    locate(qtbot, window)

    def is_colored(path: Path) -> bool:
        name_file(path)
        export(qtbot, window, window.right.export.png)
        pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
        return bool((np.ptp(pixels, axis=2) > 50).any())

    assert is_colored(tmp_path / "with.png")
    qtbot.keyClick(window, Qt.Key.Key_V)
    assert not is_colored(tmp_path / "without.png")


def test_that_nothing_is_replaced_without_being_asked(
    qtbot: QtBot,
    window: MainWindow,
    open_image,
    name_file,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_image()
    old = tmp_path / "old.tif"
    old.write_text("precious")
    # The dialog of the system asks for the name that was typed, not for the one with a suffix.
    name_file(tmp_path / "old")
    answer = QMessageBox.StandardButton.No
    monkeypatch.setattr(QMessageBox, "question", lambda *_args: answer)
    qtbot.mouseClick(window.right.export.tiff, Qt.MouseButton.LeftButton)
    assert not window.jobs.is_busy
    assert old.read_text() == "precious"


def test_that_a_file_that_cannot_be_written_is_told(
    qtbot: QtBot, window: MainWindow, open_image, name_file, tmp_path: Path
) -> None:
    open_image()
    name_file(tmp_path / "nowhere" / "image.tif")
    text = export(qtbot, window, window.right.export.tiff)
    assert text.startswith(str(tmp_path / "nowhere" / "image.tif"))
    assert text.endswith("does not exist.")


def test_that_a_cancelled_dialog_writes_nothing(
    qtbot: QtBot, window: MainWindow, open_image, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    open_image()
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: ("", ""))
    qtbot.mouseClick(window.right.export.png, Qt.MouseButton.LeftButton)
    assert not window.jobs.is_busy
    assert sorted(tmp_path.iterdir()) == before
