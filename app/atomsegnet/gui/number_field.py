"""A field for a number of any size."""

from __future__ import annotations

import math

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from atomsegnet.gui.number_text import number_text


class NumberField(QLineEdit):
    """Shows a number in few digits and tells when another one was typed, or the field emptied.

    Return, or leaving the field, counts as typed. What is no number is undone: a validator of Qt
    would keep the user in the field without a word.
    """

    number_typed = Signal(float)
    emptied = Signal()

    def __init__(self, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self._shown = ""
        self.number: float | None = None
        self.editingFinished.connect(self._on_editing_finished)

    def show_number(self, number: float | None) -> None:
        """Show a number, or nothing."""
        self.number = number
        self._shown = "" if number is None else number_text(number)
        if self.text() != self._shown:
            self.setText(self._shown)
            self.setCursorPosition(0)

    @Slot()
    def _on_editing_finished(self) -> None:
        text = self.text().strip()
        if text == self._shown:
            return
        if not text:
            self.emptied.emit()
            return
        number = _number(text)
        if number is None:
            self.setText(self._shown)
        else:
            self.show_number(number)
            self.number_typed.emit(number)


def _number(text: str) -> float | None:
    """Read a finite number, with a point or a comma; None for anything else."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
