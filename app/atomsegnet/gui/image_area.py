"""The middle of the window: a line about the image, the image itself, and messages over it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from atomsegnet.gui.compare_area import CompareArea
from atomsegnet.gui.document import Document
from atomsegnet.gui.editing import Editing
from atomsegnet.gui.elided_label import ElidedLabel
from atomsegnet.gui.empty_state import EmptyState
from atomsegnet.gui.icon_button import IconButton
from atomsegnet.gui.image_view import ImageView
from atomsegnet.gui.message_bar import MessageBar
from atomsegnet.gui.options_bar import OptionsBar
from atomsegnet.gui.pixel_size_field import PixelSizeField
from atomsegnet.gui.profile_panel import ProfilePanel
from atomsegnet.gui.workspace import Workspace

_HEADER_HEIGHT = 40


class ImageArea(QWidget):
    """Shows the empty state until a document is there."""

    def __init__(
        self,
        workspace: Workspace,
        editing: Editing,
        samples: list[Path],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.title = ElidedLabel()
        self.compare = CompareArea(workspace, editing)
        self.options = OptionsBar(workspace, editing.view)
        self.profile = ProfilePanel(workspace, editing.view)
        self.empty = EmptyState(samples)
        self.pixel_size = PixelSizeField(workspace)
        self.fit = IconButton("fit", "Fit the image (0)")
        self.actual_size = IconButton(
            "actual_size", "One pixel of the image on one of the screen (1)"
        )
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.compare)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._header())
        layout.addWidget(self.options)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.profile)
        self.messages = MessageBar(workspace, self.stack)
        self.stack.installEventFilter(self)
        self.options.difference_requested.connect(editing.differences.subtract)
        self.fit.clicked.connect(self.compare.fit)
        self.actual_size.clicked.connect(self.view.show_actual_size)
        workspace.document_changed.connect(self._on_document_changed)
        self._on_document_changed()

    def _header(self) -> QWidget:
        header = QWidget()
        header.setFixedHeight(_HEADER_HEIGHT)
        line = QHBoxLayout(header)
        line.setContentsMargins(12, 0, 12, 0)
        line.addWidget(self.title, 1)
        line.addWidget(self.pixel_size)
        line.addSpacing(6)
        line.addWidget(self.fit)
        line.addWidget(self.actual_size)
        return header

    @property
    def view(self) -> ImageView:
        """The view that is always there."""
        return self.compare.main

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the message at its place when the image gets another size."""
        if event.type() == QEvent.Type.Resize:
            self.messages.place()
        return super().eventFilter(watched, event)

    @Slot()
    def _on_document_changed(self) -> None:
        document = self._workspace.document
        self.stack.setCurrentWidget(self.empty if document is None else self.compare)
        for button in (self.fit, self.actual_size):
            button.setVisible(document is not None)
        self._show_title()

    def _show_title(self) -> None:
        document = self._workspace.document
        self.title.show_text(title_of(document) if document is not None else "")
        self.title.setToolTip(str(document.key.path) if document is not None else "")


def title_of(document: Document) -> str:
    """Name a document: file, shape, type of the stored numbers."""
    micrograph = document.micrograph
    rows, columns = micrograph.shape
    parts = [document.key.path.name, f"{columns} \N{MULTIPLICATION SIGN} {rows}"]
    dtype = micrograph.metadata.get("stored_dtype")
    if dtype:
        parts.append(str(dtype))
    if micrograph.frame_count > 1:
        parts.append(f"frame {micrograph.frame + 1} of {micrograph.frame_count}")
    return "   ".join(parts)
