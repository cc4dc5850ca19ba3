"""All keys and mouse gestures on one sheet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QPalette
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

_GESTURES = (
    ("Wheel", "Zoom at the cursor"),
    ("Drag", "Move the image"),
    ("Double-click", "Fit the image"),
    ("Click on a ring", "Select the column; with Ctrl another one"),
    ("Double-click on the histogram", "Reset the contrast"),
)


class ShortcutSheet(QDialog):
    """A table of keys, made from the menus so that it is never wrong."""

    def __init__(self, actions: list[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard and mouse")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        grid = QGridLayout()
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(6)
        lines = [(_keys(action), _title(action)) for action in actions] + list(_GESTURES)
        for row, (keys, title) in enumerate(lines):
            label = QLabel(keys)
            label.setForegroundRole(QPalette.ColorRole.Link)
            grid.addWidget(label, row, 0)
            grid.addWidget(QLabel(title), row, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 14)
        layout.setSpacing(14)
        layout.addLayout(grid)
        layout.addWidget(buttons)


def _keys(action: QAction) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    texts = [keys.toString(native) for keys in action.shortcuts()]
    # Qt adds the special keys of some keyboards, "Open" say; they explain themselves.
    usual = [text for text in texts if "+" in text]
    return ", ".join(usual or texts)


def _title(action: QAction) -> str:
    return action.text().replace("&", "").rstrip("\N{HORIZONTAL ELLIPSIS}")
