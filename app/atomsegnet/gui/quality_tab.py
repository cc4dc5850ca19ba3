"""What deserves a look: distances of neighbors, duplicates, gaps, odd columns."""

from __future__ import annotations

from collections import Counter

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from atomsegnet.analysis.neighbors import nearest_neighbor_distances
from atomsegnet.analysis.suspicious import Suspicion, suspicious_columns
from atomsegnet.core.units import positions_in_nm
from atomsegnet.gui.count_plot import Counted, CountPlot
from atomsegnet.gui.document import Document
from atomsegnet.gui.editing import Editing
from atomsegnet.gui.workspace import Workspace


class QualityTab(QWidget):
    """Histogram of nearest neighbors, a list of what is odd, and a way from one to the next."""

    def __init__(
        self, workspace: Workspace, editing: Editing, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._state = editing.view
        self._suspicions: list[Suspicion] = []
        self._is_stale = False
        self._shown = -1
        self.plot = CountPlot()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.next = QPushButton("Next suspicious place")
        self.next.setToolTip("Show the next place that deserves a look (N).")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.plot)
        layout.addWidget(self.text)
        layout.addWidget(self.next)
        layout.addStretch()
        self.next.clicked.connect(self.show_next)
        editing.lattice.measured.connect(self._on_changed)
        workspace.document_changed.connect(self._on_changed)
        workspace.columns_changed.connect(self._on_changed)
        self._on_changed()

    @property
    def suspicions(self) -> list[Suspicion]:
        """What deserves a look, from the top of the image down."""
        if self._is_stale:
            self._look()
        return self._suspicions

    def showEvent(self, event: QShowEvent) -> None:
        """Look at columns that came while the tab was hidden: it would slow down every edit."""
        super().showEvent(event)
        if self._is_stale:
            self._look()

    @Slot()
    def show_next(self) -> None:
        """Show the next suspicious place, after the last one the first again."""
        if self.suspicions:
            self._shown = (self._shown + 1) % len(self.suspicions)
            place = self.suspicions[self._shown]
            chosen = [] if place.column is None else [place.column]
            self._workspace.select_columns(np.array(chosen, dtype=np.intp))
            self._state.go_to(place.position)
            row, column = place.position
            self._workspace.post(
                f"{self._shown + 1} of {len(self.suspicions)}: {place.reason} at "
                f"x {column:.1f}, y {row:.1f} px."
            )

    @Slot()
    def _on_changed(self) -> None:
        self._is_stale = True
        document = self._workspace.document
        self.next.setEnabled(document is not None and document.located is not None)
        if self.isVisible():
            self._look()

    def _look(self) -> None:
        self._is_stale = False
        document = self._workspace.document
        if document is None or document.located is None or document.is_preview:
            self._suspicions = []
            self.plot.show_counts([], "")
            self.text.setText("")
        else:
            columns = document.located.columns
            self._suspicions = suspicious_columns(columns, document.lattice)
            self._show_distances(document)
            self.text.setText(_summary(self._suspicions))
        self._shown = -1
        self.next.setEnabled(bool(self._suspicions))

    def _show_distances(self, document: Document) -> None:
        located, size = document.located, document.micrograph.pixel_size_nm
        if located is None:
            return
        at, unit = located.columns.positions, "px"
        if size is not None:
            at, unit = positions_in_nm(at, size), "nm"
        distances = nearest_neighbor_distances(at)
        self.plot.show_counts([Counted("", distances)], f"nearest neighbor ({unit})")


def _summary(suspicions: list[Suspicion]) -> str:
    if not suspicions:
        return "Nothing suspicious was found."
    counts = Counter(item.reason for item in suspicions)
    times = "\N{MULTIPLICATION SIGN}"
    return ", ".join(f"{count} {times} {reason}" for reason, count in counts.items())
