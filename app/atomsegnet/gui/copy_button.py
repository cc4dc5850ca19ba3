"""The button of a dialog that copies the job as a command line."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QPushButton

from atomsegnet.gui.command_text import command_line
from atomsegnet.gui.job_records import JobRecord


def copy_button(buttons: QDialogButtonBox) -> QPushButton:
    """Add the button to those of a dialog."""
    button = buttons.addButton("Copy as command", QDialogButtonBox.ButtonRole.ActionRole)
    button.setToolTip("Put the same job, as a command line, on the clipboard.")
    return button


def copy_command(record: JobRecord, note: QLabel) -> None:
    """Put a job on the clipboard and say so in a line of its dialog."""
    QGuiApplication.clipboard().setText(command_line([record.verb, *record.arguments]))
    note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    note.setText("The command was copied.")
