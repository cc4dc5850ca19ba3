"""The files that are open, and the frames and detectors of the one that is shown."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QFocusEvent, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QListWidgetItem, QWidget

from atomsegnet.core.contrast import gray_levels
from atomsegnet.gui.calm_list import CalmList
from atomsegnet.gui.document import Document
from atomsegnet.gui.opening import Opening
from atomsegnet.gui.theme import tinted_icon
from atomsegnet.gui.workspace import Workspace

_THUMBNAIL_SIDE = 40
_PATH_ROLE = Qt.ItemDataRole.UserRole


class FileList(CalmList):
    """One line per file, with a thumbnail once it was opened; a click shows it."""

    def __init__(
        self, workspace: Workspace, opening: Opening, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._opening = opening
        self._thumbnails: dict[Path, QIcon] = {}
        self.setIconSize(QSize(_THUMBNAIL_SIDE, _THUMBNAIL_SIDE))
        self.setAccessibleName("Files")
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.currentItemChanged.connect(self._on_current_changed)
        workspace.files_changed.connect(self._on_files_changed)
        workspace.document_changed.connect(self._on_files_changed)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the focus; Qt would choose the first file then while another one is being read."""
        with QSignalBlocker(self):
            super().focusInEvent(event)

    @Slot()
    def _on_files_changed(self) -> None:
        shown = self._workspace.document
        if shown is not None and shown.key.path not in self._thumbnails:
            self._thumbnails[shown.key.path] = _thumbnail(shown)
        with QSignalBlocker(self):
            if [item.data(_PATH_ROLE) for item in self._items()] != self._workspace.paths:
                self._fill()
            for item in self._items():
                self._update_item(item)
            self.setCurrentRow(self._row_of(shown))

    def _row_of(self, shown: Document | None) -> int:
        if shown is None or shown.key.path not in self._workspace.paths:
            return -1
        return self._workspace.paths.index(shown.key.path)

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]

    def _fill(self) -> None:
        self.clear()
        for path in self._workspace.paths:
            item = QListWidgetItem(path.name)
            item.setData(_PATH_ROLE, path)
            item.setToolTip(str(path))
            self.addItem(item)
        kept = set(self._workspace.paths)
        self._thumbnails = {path: icon for path, icon in self._thumbnails.items() if path in kept}

    def _update_item(self, item: QListWidgetItem) -> None:
        path = item.data(_PATH_ROLE)
        icon = self._thumbnails.get(path)
        item.setIcon(icon if icon is not None else tinted_icon("image", self.palette()))
        located = [found.located for found in self._workspace.documents_of(path) if found.located]
        columns = f"\n{len(located[0].columns)} columns" if located else ""
        item.setText(f"{path.name}{columns}")

    @Slot(QListWidgetItem, QListWidgetItem)
    def _on_current_changed(self, current: QListWidgetItem | None, _before: object) -> None:
        if current is not None:
            self._opening.show_file(current.data(_PATH_ROLE))


def _thumbnail(document: Document) -> QIcon:
    raw = document.layers[0]
    if raw.picture is None:
        return QIcon()
    gray = gray_levels(raw.picture.levels[-1], raw.limits, raw.gamma)
    rows, columns = gray.shape
    image = QImage(gray.data, columns, rows, columns, QImage.Format.Format_Grayscale8)
    # Twice as many pixels as points, for screens of scale 2.
    side = 2 * _THUMBNAIL_SIDE
    scaled = image.scaled(
        side,
        side,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    square = scaled.copy((scaled.width() - side) // 2, (scaled.height() - side) // 2, side, side)
    icon = QIcon()
    # Qt would tint the thumbnail of a selected file.
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        icon.addPixmap(QPixmap.fromImage(square), mode)
    return icon
