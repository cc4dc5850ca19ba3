"""Results go to files the user names."""

from __future__ import annotations

import html
import json
import shlex
from pathlib import Path
from xml.etree import ElementTree

import ase.io
import h5py
import numpy as np
import pytest
import tifffile
from PIL import Image
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot
from simulated_lattice import COUNT

from atomsegnet.cli.main import main
from atomsegnet.core.provenance import PixelSizeOrigin, sha256_of
from atomsegnet.gui.document import COLUMNS
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
    # The first figure of a machine builds the cache of fonts.
    with qtbot.waitSignal(window.workspace.posted, timeout=60_000) as signal:
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
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert window.workspace.document.active_layer == COLUMNS
    with qtbot.waitSignal(window.workspace.active_layer_changed):
        qtbot.keyClick(window, Qt.Key.Key_V)
    assert not window.workspace.document.layer(COLUMNS).is_visible
    assert not is_colored(tmp_path / "without.png")


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_that_figures_carry_what_is_seen_and_where_it_comes_from(
    qtbot: QtBot, window: MainWindow, open_image, name_file, tmp_path: Path, suffix: str
) -> None:
    open_image(pixel_size_nm=0.02)
    locate(qtbot, window)
    window.editing.view.color_columns("amplitude", "viridis")
    window.workspace.set_active_layer("raw")
    window.workspace.set_gamma(0.8)
    target = tmp_path / f"figure{suffix}"
    name_file(target)
    export(qtbot, window, window.right.export.png)
    if suffix == ".png":
        with Image.open(target) as picture:
            text = picture.info["Description"]
            # The strip below the image explains colors of image and columns.
            assert picture.height > picture.width
            pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
        assert (pixels == (0xFD, 0xE7, 0x25)).all(axis=1).any()
    elif suffix == ".svg":
        root = ElementTree.parse(target).getroot()
        text = html.unescape(root.findtext("{http://www.w3.org/2000/svg}desc"))
        drawn = target.read_text()
        assert "1000" in root.attrib["viewBox"]
        assert drawn.count("<circle") + drawn.count("<ellipse") + drawn.count("<path") >= COUNT**2
        assert "Amplitude" in drawn
        assert "Raw image, gamma 0.8" in drawn
    else:
        assert target.read_bytes().startswith(b"%PDF")
        assert b"/EmbeddedFile" in target.read_bytes()
        return
    for part in ("AtomSegNet", "model: gaussian_map", "pixel size x nm: 0.02", "gaussian-2d"):
        assert part in text


@pytest.mark.parametrize("gamma", [1.0, 0.5])
def test_that_a_figure_shows_the_part_that_is_seen(
    qtbot: QtBot, window: MainWindow, open_image, name_file, tmp_path: Path, gamma: float
) -> None:
    open_image(pixel_size_nm=0.02)
    window.workspace.set_gamma(gamma)
    window.middle.view.view_box.setRange(QRectF(9.5, 19.5, 40, 40), padding=0)
    seen = window.middle.view.view_box.viewRect()
    target = tmp_path / "part.png"
    name_file(target)
    export(qtbot, window, window.right.export.png)
    with Image.open(target) as picture:
        gray = np.asarray(picture.convert("L")).astype(float)
    first_row, first_column = max(0, round(seen.top() + 0.5)), max(0, round(seen.left() + 0.5))
    columns = min(96, round(seen.right() + 0.5)) - first_column
    pixel = gray.shape[1] / columns
    layer = window.workspace.document.layers[0]
    for row, column in ((25, 15), (30, 30), (27, 42)):
        at = (row - first_row + 0.5) * pixel, (column - first_column + 0.5) * pixel
        part = layer.picture.image[row, column] - layer.limits.low
        expected = np.clip(part / (layer.limits.high - layer.limits.low), 0, 1) ** gamma * 255
        assert gray[round(at[0]), round(at[1])] == pytest.approx(expected, abs=2)


def test_that_the_classic_panels_are_written_in_one_figure(
    qtbot: QtBot, window: MainWindow, open_image, name_file, tmp_path: Path
) -> None:
    open_image(pixel_size_nm=0.02)
    locate(qtbot, window)
    with qtbot.waitSignal(window.workspace.layers_changed):
        qtbot.mouseClick(window.right.restore.run, Qt.MouseButton.LeftButton)
    target = tmp_path / "panels.png"
    proposed = name_file(target)
    export(qtbot, window, window.right.export.panels)
    assert proposed == ["lattice_panels.png"]
    with Image.open(target) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    half = pixels.shape[1] // 2
    is_colored = np.ptp(pixels, axis=2) > 50
    rows = (slice(0, half), slice(half, 2 * half))
    columns = (slice(0, half), slice(half, None))
    has_rings = [[bool(is_colored[row, column].any()) for column in columns] for row in rows]
    assert has_rings == [[False, False], [True, True]]


@pytest.mark.parametrize("suffix", [".h5", ".xyz"])
def test_that_columns_are_written_for_other_programs(
    qtbot: QtBot, window: MainWindow, open_image, name_file, tmp_path: Path, suffix: str
) -> None:
    open_image(pixel_size_nm=0.02)
    locate(qtbot, window)
    window.workspace.select_columns(np.array([0, 1, 2]))
    window.editing.columns.delete_selected()
    target = tmp_path / f"columns{suffix}"
    name_file(target)
    export(qtbot, window, window.right.export.csv)
    at = window.workspace.document.located.columns.positions
    if suffix == ".h5":
        with h5py.File(target) as file:
            assert file.attrs["model"] == "gaussian_map"
            assert json.loads(file.attrs["parameter edited by hand"]) == "delete 3 columns"
            assert np.array_equal(file["columns/x_px"][:], at[:, 1])
            assert file["columns/x_nm"].attrs["unit"] == "nm"
            assert file["columns/y_nm"][:] == pytest.approx(at[:, 0] * 0.02)
    else:
        atoms = ase.io.read(target)
        assert len(atoms) == COUNT**2 - 3
        assert atoms.positions[:, 0] == pytest.approx(at[:, 1] * 0.2, abs=1e-4)
        assert np.ptp(atoms.positions[:, 1]) == pytest.approx(np.ptp(at[:, 0]) * 0.2, abs=1e-4)
        assert "gaussian_map" in str(atoms.info["origin"])


def test_that_the_tiff_tells_imagej_where_it_comes_from(
    qtbot: QtBot, window: MainWindow, open_image, name_file, tmp_path: Path
) -> None:
    open_image(pixel_size_nm=0.02)
    with qtbot.waitSignal(window.workspace.layers_changed):
        qtbot.mouseClick(window.right.restore.run, Qt.MouseButton.LeftButton)
    target = tmp_path / "restored.tif"
    name_file(target)
    export(qtbot, window, window.right.export.tiff)
    with tifffile.TiffFile(target) as file:
        assert file.imagej_metadata["unit"] == "nm"
        info = file.imagej_metadata["Info"]
    assert "model: denoise_background" in info
    assert f"weights sha256: {'0' * 64}" in info
    assert read(target).pixel_size_nm.x == pytest.approx(0.02)


def test_that_the_command_that_is_copied_gives_identical_numbers(
    qtbot: QtBot, window: MainWindow, open_image, tmp_path: Path
) -> None:
    source = open_image("an image.tif", pixel_size_nm=None)
    field = window.middle.pixel_size.field
    qtbot.keyClicks(field, "0.0125")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    locate(qtbot, window)
    panel = window.right.locate
    with qtbot.waitSignals([window.workspace.columns_changed] * 2):
        panel.number.setValue(0.95)
    qtbot.waitUntil(lambda: not window.jobs.is_busy)
    qtbot.mouseClick(window.right.export.command, Qt.MouseButton.LeftButton)
    words = shlex.split(QGuiApplication.clipboard().text())
    assert words[:3] == ["atomsegnet", "locate", str(source)]
    target = tmp_path / "again.csv"
    assert main([*words[1:], "--output", str(target), "--progress", "none"], print) == 0
    again, provenance = read_columns_csv(target)
    shown = window.workspace.document.located.columns
    assert 0 < len(shown) < COUNT**2
    assert np.array_equal(again.positions, shown.positions)
    assert provenance.pixel_size_nm.x == pytest.approx(0.0125)


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
