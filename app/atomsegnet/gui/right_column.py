"""The right part of the window: contrast, then the steps of the work from top to bottom."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.editing import Editing
from atomsegnet.gui.export_panel import ExportPanel
from atomsegnet.gui.exports import Exports
from atomsegnet.gui.histogram import ContrastPanel
from atomsegnet.gui.job_bar import JobBar
from atomsegnet.gui.jobs import Jobs
from atomsegnet.gui.locate_panel import LocatePanel
from atomsegnet.gui.measure_panel import MeasurePanel
from atomsegnet.gui.restore_panel import RestorePanel
from atomsegnet.gui.runs import Runs
from atomsegnet.gui.workspace import Workspace


class RightColumn(QWidget):
    """Contrast stays in view; the steps scroll where the screen is low."""

    def __init__(
        self,
        workspace: Workspace,
        editing: Editing,
        runs: Runs,
        exports: Exports,
        queues: list[Jobs],
        settings: WindowSettings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.contrast = ContrastPanel(workspace, editing.view)
        self.restore = RestorePanel(workspace, runs, settings.restore_model)
        self.locate = LocatePanel(workspace, runs)
        self.measure = MeasurePanel(workspace, editing)
        self.export = ExportPanel(workspace, editing.view, exports, settings)
        self.jobs = JobBar(queues)
        steps = QWidget()
        column = QVBoxLayout(steps)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.restore)
        column.addWidget(self.locate)
        column.addWidget(self.measure, 1)
        column.addWidget(self.export)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(steps)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.contrast)
        layout.addWidget(scroll, 1)
        layout.addWidget(self.jobs)
