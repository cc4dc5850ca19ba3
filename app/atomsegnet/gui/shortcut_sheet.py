"""All keys and mouse gestures on one sheet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QPalette
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from atomsegnet.gui.dialog_buttons import dialog_buttons

# Some systems have four keys for undoing.
_MOST_KEYS = 2
# From here on Qt counts the special keys of some keyboards, such as "Open" and "Undo".
_FIRST_SPECIAL_KEY = Qt.Key.Key_Back

_GESTURES = (
    ("Wheel", "Zoom at the cursor"),
    ("Drag", "Move the image"),
    ("Double-click", "Fit the image"),
    ("Click on a ring", "Select the column; with Ctrl another one"),
    ("Space and drag", "Move the image in any tool"),
    ("Shift and drag the ruler", "Snap it to 45 degrees"),
    ("Double-click on a layer", "Rename it; drag it to reorder"),
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
        # Two halves beside each other: one column would be higher than a small screen.
        height = -(-len(lines) // 2)
        for number, (keys, title) in enumerate(lines):
            half, row = divmod(number, height)
            label = QLabel(keys)
            label.setForegroundRole(QPalette.ColorRole.Link)
            grid.addWidget(label, row, 2 * half)
            grid.addWidget(QLabel(title), row, 2 * half + 1)
        buttons = dialog_buttons(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 14)
        layout.setSpacing(14)
        layout.addLayout(grid)
        layout.addWidget(buttons)


def _keys(action: QAction) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    usual = [keys for keys in action.shortcuts() if _first_key(keys) < _FIRST_SPECIAL_KEY]
    return ", ".join(keys.toString(native) for keys in usual[:_MOST_KEYS])


def _first_key(keys: QKeySequence) -> Qt.Key:
    return keys[0].key()  # type: ignore[index] # the types of PySide6 leave it out


def _title(action: QAction) -> str:
    # Undo and Redo say in the menu what would be undone; here they have their plain names.
    name = action.whatsThis() or action.text()
    return name.replace("&", "").rstrip("\N{HORIZONTAL ELLIPSIS}")
