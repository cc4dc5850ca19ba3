"""One sentence about what failed, with folded details that can be copied."""

from __future__ import annotations

import traceback

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from atomsegnet.gui.dialog_buttons import dialog_buttons

_WIDTH = 520
_ICON_SIDE = 32


class ErrorDialog(QDialog):
    """Says what failed; the details unfold on demand."""

    def __init__(self, sentence: str, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("AtomSegNet")
        self.setMinimumWidth(_WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        icon = QLabel()
        warning = self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        icon.setPixmap(warning.pixmap(_ICON_SIDE, _ICON_SIDE))
        icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.sentence = QLabel(sentence)
        self.sentence.setWordWrap(True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details = QPlainTextEdit(details)
        self.details.setReadOnly(True)
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.hide()
        self.unfold = QPushButton("Details")
        self.unfold.setCheckable(True)
        self.copy = QPushButton("Copy")
        buttons = dialog_buttons(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.unfold, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(icon)
        head.addWidget(self.sentence, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(head)
        layout.addWidget(self.details, 1)
        layout.addWidget(buttons)
        buttons.rejected.connect(self.close)
        self.unfold.toggled.connect(self._on_unfolded)
        self.copy.clicked.connect(self._on_copy_clicked)

    @Slot(bool)
    def _on_unfolded(self, is_unfolded: bool) -> None:
        self.details.setVisible(is_unfolded)
        self.adjustSize()

    @Slot()
    def _on_copy_clicked(self) -> None:
        text = f"{self.sentence.text()}\n\n{self.details.toPlainText()}"
        QGuiApplication.clipboard().setText(text)


def show_details(parent: QWidget, sentence: str, details: str) -> ErrorDialog:
    """Open a dialog with a sentence and its folded details; it does not block the window."""
    dialog = ErrorDialog(sentence, details, parent)
    dialog.open()
    return dialog


def show_unexpected(parent: QWidget, error: BaseException) -> ErrorDialog:
    """Open a dialog about an error that the program did not foresee."""
    sentence = (
        "Something went wrong that the program did not foresee; your files and earlier results "
        f"are as they were ({type(error).__name__}: {error})."
    )
    return show_details(parent, sentence, "".join(traceback.format_exception(error)))
