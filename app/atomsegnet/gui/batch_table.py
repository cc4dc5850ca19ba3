"""The files of a batch: one line for each, with what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from atomsegnet.core.errors import ReadError
from atomsegnet.gui.child_job import ChildJob
from atomsegnet.tasks.batch import SUMMARY_NAME, batch_files, read_summary

_WAITING = "waiting"
_HEIGHT = 260


class BatchTable(QTableWidget):
    """Follows a job while it runs; what an earlier run did is read from its summary."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 2, parent)
        self._job: ChildJob | None = None
        self._lines: dict[str, int] = {}
        self.setHorizontalHeaderLabels(["File", "Result"])
        self.setAccessibleName("Files of the batch")
        self.setFixedHeight(_HEIGHT)
        self.verticalHeader().hide()
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        header = self.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)

    def show_job(self, job: ChildJob | None) -> None:
        """Show the files of another batch, or none."""
        if self._job is not None:
            self._job.event_came.disconnect(self._on_event)
        self._job = job
        self._lines.clear()
        self.setRowCount(0)
        if job is None:
            return
        job.event_came.connect(self._on_event)
        try:
            names = [path.name for path in batch_files(Path(job.record.arguments[0]))]
            done = read_summary(job.record.folder / SUMMARY_NAME)
        except ReadError:
            names, done = [], {}
        for name in dict.fromkeys([*names, *done]):
            self._set(name, _WAITING)
        for name, result in done.items():
            self._set(
                name, result.error or _columns_text(result.columns), is_bad=bool(result.error)
            )

    def text_of(self, name: str) -> str:
        """Return what became of a file."""
        item = self.item(self._lines[name], 1)
        return item.text() if item is not None else ""

    @Slot(object)
    def _on_event(self, event: dict[str, Any]) -> None:
        kind, subject = event.get("event"), str(event.get("subject"))
        if kind == "progress" and event.get("message") in self._lines:
            self._set(str(event["message"]), "running\N{HORIZONTAL ELLIPSIS}")
        elif subject in self._lines and kind == "result":
            self._set(subject, _columns_text(int(event["columns"])))
        elif subject in self._lines and kind == "failed":
            self._set(subject, str(event["message"]), is_bad=True)

    def _set(self, name: str, text: str, *, is_bad: bool = False) -> None:
        if name not in self._lines:
            self._lines[name] = self.rowCount()
            self.insertRow(self.rowCount())
            item = QTableWidgetItem(name)
            item.setToolTip(name)
            self.setItem(self._lines[name], 0, item)
        # The path stands before what is wrong with it; the name of the file is beside it.
        short = text.rpartition(f"{name}: ")[2] if is_bad else text
        item = QTableWidgetItem(short)
        item.setToolTip(text)
        if is_bad:
            item.setForeground(self.palette().color(QPalette.ColorRole.BrightText))
        self.setItem(self._lines[name], 1, item)


def _columns_text(count: int) -> str:
    return f"{count} columns"
