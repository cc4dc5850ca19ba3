"""Choose the quantity and the colors of the columns."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from atomsegnet.core.color_maps import COLOR_MAPS
from atomsegnet.gui.color_bar import color_icon
from atomsegnet.gui.view_state import ViewState
from atomsegnet.gui.workspace import Workspace

_ONE_COLOR = "One color"
# A gray ring is not seen on a gray image.
_ADJUST = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
_WITHOUT = ("gray", "inverted")


class ColumnColors(QWidget):
    """Two boxes beside each other."""

    def __init__(
        self, workspace: Workspace, state: ViewState, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._state = state
        self.quantity = QComboBox()
        self.quantity.setAccessibleName("Color columns by")
        self.colors = QComboBox()
        self.colors.setAccessibleName("Colors of the columns")
        for name, title in COLOR_MAPS.items():
            if name not in _WITHOUT:
                self.colors.addItem(color_icon(name), title, name)
        for box in (self.quantity, self.colors):
            box.setMinimumContentsLength(4)
            box.setSizeAdjustPolicy(_ADJUST)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.quantity, 3)
        layout.addWidget(self.colors, 2)
        self.quantity.activated.connect(self._on_chosen)
        self.colors.activated.connect(self._on_chosen)
        for signal in (
            workspace.document_changed,
            workspace.columns_changed,
            workspace.pixel_size_changed,
            state.quantities_changed,
            state.column_colors_changed,
        ):
            signal.connect(self._on_changed)
        self._on_changed()

    @Slot(int)
    def _on_chosen(self, _place: int) -> None:
        self._state.color_columns(self.quantity.currentData(), self.colors.currentData())

    @Slot()
    def _on_changed(self) -> None:
        document = self._workspace.document
        with QSignalBlocker(self.quantity):
            self.quantity.clear()
            self.quantity.addItem(_ONE_COLOR, "")
            for item in document.quantities() if document is not None else []:
                self.quantity.addItem(item.title, item.name)
            chosen = document.color_by if document is not None else ""
            self.quantity.setCurrentIndex(max(0, self.quantity.findData(chosen)))
        if document is not None:
            self.colors.setCurrentIndex(self.colors.findData(document.column_color_map))
        self.setEnabled(self.quantity.count() > 1)
        self.colors.setEnabled(bool(self.quantity.currentData()))
