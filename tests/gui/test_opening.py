"""Files and folders come in by drop, dialog, menu and key."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from atomsegnet.gui.main_window import MainWindow


def drop(window: MainWindow, on: QWidget, paths: list[Path]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    target: QWidget = on
    while not target.acceptDrops():
        target = target.parentWidget()
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, button, keys)
    QApplication.sendEvent(target, enter)
    assert enter.isAccepted()
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, button, keys)
    QApplication.sendEvent(target, event)


def shown(window: MainWindow) -> str:
    return window.workspace.document.key.path.name


def names(window: MainWindow) -> list[str]:
    files = window.left.files
    return [files.item(row).text().split("\n")[0] for row in range(files.count())]


@pytest.mark.parametrize("place", ["empty", "histogram", "field"])
def test_that_files_can_be_dropped_anywhere(
    qtbot: QtBot, window: MainWindow, write_image, place: str
) -> None:
    on = {
        "empty": window.middle.empty,
        "histogram": window.right.contrast.plot,
        "field": window.right.contrast.low,
    }[place]
    with qtbot.waitSignal(window.workspace.document_changed):
        drop(window, on, [write_image("a.tif"), write_image("b.tif")])
    assert names(window) == ["a.tif", "b.tif"]
    assert shown(window) == "a.tif"
    assert window.middle.stack.currentWidget() is window.middle.compare


def test_that_a_dropped_folder_brings_its_images(
    qtbot: QtBot, window: MainWindow, write_image, tmp_path: Path
) -> None:
    write_image("b.tif")
    write_image("A.tif")
    (tmp_path / "notes.txt").write_text("no image")
    with qtbot.waitSignal(window.workspace.document_changed):
        drop(window, window.middle.empty, [tmp_path])
    assert names(window) == ["A.tif", "b.tif"]
    assert window.settings.recent_files == [tmp_path]


def test_that_the_dialog_opens_what_was_chosen(
    qtbot: QtBot, window: MainWindow, write_image, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_image()
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_args: ([str(path)], ""))
    with qtbot.waitSignal(window.workspace.document_changed):
        qtbot.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert shown(window) == path.name
    assert window.settings.last_folder == path.parent


def test_that_keys_step_through_the_files(qtbot: QtBot, window: MainWindow, write_image) -> None:
    paths = [write_image(f"{letter}.tif") for letter in "abc"]
    with qtbot.waitSignal(window.workspace.document_changed):
        window.opening.open_paths(paths)
    for widget, key, expected in (
        (window, Qt.Key.Key_D, "b.tif"),
        (window.middle.view, Qt.Key.Key_Right, "c.tif"),
        (window, Qt.Key.Key_A, "b.tif"),
        (window.middle.view, Qt.Key.Key_Left, "a.tif"),
    ):
        widget.setFocus()
        with qtbot.waitSignal(window.workspace.document_changed):
            qtbot.keyClick(widget, key)
        assert shown(window) == expected
        assert window.left.files.currentRow() == "abc".index(expected[0])


def test_that_a_file_that_was_opened_has_a_thumbnail_of_its_own(
    qtbot: QtBot, window: MainWindow, write_image
) -> None:
    half = np.zeros((64, 64), dtype=np.float32)
    half[:, 32:] = 1
    paths = [write_image("half.tif", image=half), write_image("other.tif")]
    with qtbot.waitSignal(window.workspace.document_changed):
        window.opening.open_paths(paths)

    def sides(row: int) -> tuple[int, int]:
        icon = window.left.files.item(row).icon().pixmap(40, 40).toImage()
        places = [(round(part * icon.width()), icon.height() // 2) for part in (0.2, 0.8)]
        left, right = (icon.pixelColor(*place).red() for place in places)
        return left, right

    assert sides(0) == (0, 255)
    # Not opened yet: the sign for an image.
    assert sides(1) != (0, 255)


def test_that_a_click_in_the_list_shows_the_file(
    qtbot: QtBot, window: MainWindow, write_image
) -> None:
    with qtbot.waitSignal(window.workspace.document_changed):
        window.opening.open_paths([write_image("a.tif"), write_image("b.tif")])
    files = window.left.files
    place = files.visualItemRect(files.item(1)).center()
    with qtbot.waitSignal(window.workspace.document_changed):
        qtbot.mouseClick(files.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown(window) == "b.tif"


def test_that_a_file_that_cannot_be_read_is_told_in_one_sentence_and_leaves_the_list(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "empty.dm4"
    path.touch()
    with qtbot.waitSignal(window.workspace.posted):
        window.opening.open_paths([path])
    bar = window.middle.messages
    assert bar.isVisible()
    assert bar.text.text() == f"{path}: is empty."
    assert names(window) == []
    assert window.settings.recent_files == []
    qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    assert not bar.isVisible()


def test_that_recent_files_open_again_and_vanished_ones_say_so(
    qtbot: QtBot, window: MainWindow, open_image
) -> None:
    path = open_image("a.tif")
    qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert window.workspace.document is None
    menu = window.menus.recent
    menu.fill()
    with qtbot.waitSignal(window.workspace.document_changed):
        menu.actions()[0].trigger()
    assert shown(window) == "a.tif"
    window.close_file()
    path.unlink()
    with qtbot.waitSignal(window.workspace.posted) as signal:
        menu.actions()[0].trigger()
    assert signal.args[0].text == f"{path}: does not exist any more."
    menu.fill()
    assert not menu.actions()[0].isEnabled()


def test_that_frames_of_a_stack_can_be_chosen(qtbot: QtBot, window: MainWindow, open_image) -> None:
    stack = np.stack([np.full((32, 40), value, np.float32) for value in (1, 2, 3)])
    stack[:, 0, 0] = 0
    open_image("stack.tif", image=stack, metadata={"axes": "TYX"})
    chooser = window.left.frames
    assert chooser.isVisible()
    assert chooser.number.suffix() == " of 3"
    with qtbot.waitSignal(window.workspace.document_changed):
        chooser.slider.setValue(3)
    assert window.workspace.document.micrograph.frame == 2
    assert window.workspace.document.micrograph.image[5, 5] == 3
    assert chooser.number.value() == 3


def test_that_no_chooser_is_shown_for_a_single_image(window: MainWindow, open_image) -> None:
    open_image()
    assert not window.left.frames.isVisible()


def test_that_an_image_of_one_value_can_be_shown(window: MainWindow, open_image) -> None:
    open_image("flat.tif", image=np.full((40, 30), 7, dtype=np.float32))
    limits = window.workspace.document.contrast_layer.limits
    assert limits.low < limits.high
    assert not window.grab().isNull()
