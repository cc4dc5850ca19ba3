"""A bar over the image for news and problems, which nobody has to click away."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from atomsegnet.gui.error_dialog import show_details
from atomsegnet.gui.icon_button import IconButton
from atomsegnet.gui.messages import Message, Mood
from atomsegnet.gui.workspace import Workspace

_LARGEST_WIDTH = 720
_MARGIN = 12
# Blue and vermilion of Okabe and Ito, darkened for white text.
_COLORS = {Mood.NEWS: QColor("#1f5f8b"), Mood.PROBLEM: QColor("#a8441b")}


class MessageBar(QWidget):
    """Shows the last message at the top of its parent until it is closed or another comes."""

    def __init__(self, workspace: Workspace, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = parent
        self._message = Message("")
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.details = QToolButton()
        self.details.setText("Details")
        self.details.setAutoRaise(True)
        self.close_button = IconButton("close", "Close this message")
        self._layout = layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 7, 7, 7)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.details)
        layout.addWidget(self.close_button)
        # White on the colored ground in both themes; the icon takes its color from the palette.
        palette = self.palette()
        for role in (
            QPalette.ColorRole.WindowText,
            QPalette.ColorRole.Text,
            QPalette.ColorRole.ButtonText,
        ):
            palette.setColor(role, Qt.GlobalColor.white)
        self.setPalette(palette)
        self.close_button.clicked.connect(self.hide)
        self.details.clicked.connect(self._on_details_clicked)
        workspace.posted.connect(self._on_posted)
        workspace.document_changed.connect(self._on_document_changed)
        self.hide()

    def place(self) -> None:
        """Take the room at the top of the parent."""
        width = min(_LARGEST_WIDTH, self._area.width() - 2 * _MARGIN)
        height = max(self._layout.heightForWidth(width), self._layout.minimumSize().height())
        self.resize(QSize(width, height))
        self.move((self._area.width() - width) // 2, _MARGIN)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground in the color of the mood."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_COLORS[self._message.mood])
        painter.drawRoundedRect(self.rect(), 5, 5)
        painter.end()

    @Slot(object)
    def _on_posted(self, message: Message) -> None:
        self._message = message
        self.text.setText(message.text)
        self.details.setVisible(bool(message.details))
        self.place()
        self.show()
        self.raise_()
        self.update()

    @Slot()
    def _on_document_changed(self) -> None:
        if self._message.mood is Mood.NEWS:
            self.hide()

    @Slot()
    def _on_details_clicked(self) -> None:
        show_details(self.window(), self._message.text, self._message.details)
