"""What was measured on the open image, line by line."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFormLayout, QGroupBox, QLabel, QWidget

from atomsegnet.core.conditions import Conditions

_NAMES = (
    "Pixel size", "Column width", "Signal to noise", "Dose", "Background", "Scan noise",
)  # fmt: skip
_WAITING = "measuring\N{HORIZONTAL ELLIPSIS}"


class ConditionsBox(QGroupBox):
    """One line for each number; the room is there before they are."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.values = {name: QLabel(_WAITING) for name in _NAMES}
        form = QFormLayout(self)
        for name, label in self.values.items():
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            form.addRow(name, label)

    def show_conditions(self, conditions: Conditions) -> None:
        """Show what was measured."""
        for name, text in conditions.lines():
            self.values[name].setText(text)
            self.values[name].setForegroundRole(QPalette.ColorRole.WindowText)

    def show_failure(self) -> None:
        """Show that nothing could be measured."""
        for label in self.values.values():
            label.setText("\N{EN DASH}")
