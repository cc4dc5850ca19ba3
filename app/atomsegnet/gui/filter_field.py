"""A condition that chooses the rows of the table."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from atomsegnet.core.errors import SettingError
from atomsegnet.gui.column_table import ColumnTable
from atomsegnet.gui.messages import Mood
from atomsegnet.gui.workspace import Workspace

_TIP = (
    "Show only columns that meet a condition, such as:\nwidth > 5, confidence < 0.8\n"
    "edge and amplitude < 100\nNames: x_px, y_px, x_nm, y_nm, sigma_x_pm, sigma_y_pm, amplitude,\n"
    "width, background, intensity, confidence, edge, not edge"
)


class FilterField(QWidget):
    """Return filters; the button selects what is left, so that it can be deleted in one go."""

    def __init__(
        self, workspace: Workspace, table: ColumnTable, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._table = table
        self.field = QLineEdit()
        self.field.setPlaceholderText("Filter: width > 5, not edge")
        self.field.setClearButtonEnabled(True)
        self.field.setToolTip(_TIP)
        self.field.setAccessibleName("Filter")
        self.select = QPushButton("Select")
        self.select.setAutoDefault(False)
        self.select.setToolTip("Select the columns that the table shows.")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.select)
        self.field.editingFinished.connect(self._on_typed)
        self.field.textChanged.connect(self._on_text_changed)
        self.select.clicked.connect(table.selectAll)
        workspace.document_changed.connect(self._on_columns_changed)
        workspace.columns_changed.connect(self._on_columns_changed)
        self._on_columns_changed()

    @Slot()
    def _on_columns_changed(self) -> None:
        document = self._workspace.document
        self.setEnabled(document is not None and document.located is not None)

    @Slot(str)
    def _on_text_changed(self, text: str) -> None:
        if not text:
            self._on_typed()

    @Slot()
    def _on_typed(self) -> None:
        try:
            self._table.show_filtered(self.field.text().strip())
        except SettingError as error:
            self._workspace.post(str(error), Mood.PROBLEM)
