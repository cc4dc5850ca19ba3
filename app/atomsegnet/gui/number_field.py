"""A field for a number of any size."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Signal, Slot
from PySide6.QtGui import QDoubleValidator
from PySide6.QtWidgets import QLineEdit, QWidget

# Enough for any contrast or pixel size a person would type.
_DIGITS = 6


class NumberField(QLineEdit):
    """Shows a number in few digits and tells when another one was typed."""

    number_typed = Signal(float)

    def __init__(self, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        validator = QDoubleValidator(self)
        # The point is the decimal sign everywhere, as in the files.
        validator.setLocale(QLocale.c())
        self.setValidator(validator)
        self._shown = ""
        self.editingFinished.connect(self._on_editing_finished)

    def show_number(self, number: float | None) -> None:
        """Show a number, or nothing."""
        self._shown = "" if number is None else f"{number:.{_DIGITS}g}"
        if self.text() != self._shown:
            self.setText(self._shown)
            self.setCursorPosition(0)

    @Slot()
    def _on_editing_finished(self) -> None:
        if self.text() == self._shown:
            return
        try:
            number = float(self.text())
        except ValueError:
            self.setText(self._shown)
            return
        self._shown = self.text()
        self.number_typed.emit(number)
