"""Step one: run one of the models on the image."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from atomsegnet.gui.document import model_title
from atomsegnet.gui.panel import Panel
from atomsegnet.gui.runs import Runs
from atomsegnet.gui.workspace import Workspace
from atomsegnet.nn.registry import TASKS, Task, installed_tasks


class _Note(QLabel):
    """Two lines of faint text; the room is kept when one would do, so that nothing jumps."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setFixedHeight(2 * self.fontMetrics().lineSpacing() + 2)

    def hasHeightForWidth(self) -> bool:
        """Say no: else the scroll area would give every panel its preferred height."""
        return False


class RestorePanel(Panel):
    """Choose a model, run it."""

    model_chosen = Signal(str)

    def __init__(
        self, workspace: Workspace, runs: Runs, model: str, parent: QWidget | None = None
    ) -> None:
        super().__init__("Restore", parent)
        self._workspace = workspace
        self._runs = runs
        self.model = QComboBox()
        self.model.setAccessibleName("Model")
        self._tasks: dict[str, Task] = {}
        self.run = QPushButton("Run")
        self.run.setToolTip("Run the model on this image; the result becomes a new layer.")
        self.explanation = _Note()
        line = QHBoxLayout()
        line.addWidget(self.model, 1)
        line.addWidget(self.run)
        self.body.addLayout(line)
        self.body.addWidget(self.explanation)
        self.show_models()
        self.model.currentIndexChanged.connect(self._on_model_changed)
        self.run.clicked.connect(self._on_run_clicked)
        workspace.document_changed.connect(self._on_state_changed)
        runs.changed.connect(self._on_state_changed)
        self.model.setCurrentIndex(max(0, self.model.findData(model)))
        self._on_model_changed()
        self._on_state_changed()

    @Slot()
    def show_models(self) -> None:
        """List the five tasks and the models of the user's own."""
        chosen = self.model.currentData()
        self._tasks = {**TASKS, **installed_tasks()}
        with QSignalBlocker(self.model):
            self.model.clear()
            for name, task in self._tasks.items():
                self.model.addItem(model_title(name), name)
                self.model.setItemData(
                    self.model.count() - 1, task.explanation, Qt.ItemDataRole.ToolTipRole
                )
            self.model.setCurrentIndex(max(0, self.model.findData(chosen)))

    @Slot()
    def _on_model_changed(self) -> None:
        model = self.model.currentData()
        if model is not None:
            self.explanation.setText(self._tasks[model].explanation)
            self.model_chosen.emit(model)

    @Slot()
    def _on_state_changed(self) -> None:
        document = self._workspace.document
        self.run.setEnabled(document is not None and not self._runs.is_running_on(document))

    @Slot()
    def _on_run_clicked(self) -> None:
        self._runs.restore(self.model.currentData(), self.model.currentText())
