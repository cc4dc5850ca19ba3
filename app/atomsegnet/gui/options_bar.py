"""A line below the header: tools and comparisons, and what goes with them."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from atomsegnet.gui.elided_label import ElidedLabel
from atomsegnet.gui.tool_buttons import ToolButtons
from atomsegnet.gui.view_state import Comparison, Tool, ViewState
from atomsegnet.gui.workspace import Workspace

_HINTS = {
    Tool.EDIT: "Click to add, drag to move a column, Delete to remove the selected ones",
    Tool.BOX: "Drag a box: Delete removes the columns in it, Auto looks at its contrast",
    Tool.LASSO: "Drag a loop around columns; Ctrl adds to the selection, Delete removes them",
    Tool.RULER: "Drag a line; Shift snaps to 45\N{DEGREE SIGN}, + and - widen the profile",
}
_HEIGHT = 34
_COMBO_WIDTH = 132
_GAP = 10


class OptionsBar(QWidget):
    """Buttons at the left, then the layers that are compared, or what the tool does."""

    difference_requested = Signal()

    def __init__(
        self, workspace: Workspace, state: ViewState, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._state = state
        self.buttons = ToolButtons(state)
        self.hint = ElidedLabel()
        self.hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.snap = QCheckBox("Snap to the center")
        self.snap.setToolTip("Put columns on the center of the peak, by a 2-D Gaussian fit.")
        self.snap.setChecked(state.is_snapping)
        self.first, self.second = QComboBox(), QComboBox()
        self.first.setAccessibleName("First compared layer")
        self.second.setAccessibleName("Second compared layer")
        self.against = QLabel("and")
        self.link = QCheckBox("Linked")
        self.link.setToolTip("Views share zoom, place and cursor.")
        self.link.setChecked(state.is_linked)
        self.difference = QPushButton("Difference")
        self.difference.setToolTip("Second layer minus first one, as a layer of its own.")
        self._lay_out()
        self._connect()
        self._on_changed()

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(9, 0, 12, 4)
        layout.addWidget(self.buttons)
        layout.addSpacing(_GAP)
        for widget in (self.first, self.against, self.second):
            layout.addWidget(widget)
        for combo in (self.first, self.second):
            combo.setFixedWidth(_COMBO_WIDTH)
        layout.addWidget(self.link)
        layout.addWidget(self.difference)
        layout.addWidget(self.hint, 1)
        layout.addWidget(self.snap)
        self.setFixedHeight(_HEIGHT)

    def _connect(self) -> None:
        state, workspace = self._state, self._workspace
        self.snap.toggled.connect(state.snap_to_center)
        self.link.toggled.connect(state.link)
        self.first.activated.connect(self._on_first_chosen)
        self.second.activated.connect(self._on_second_chosen)
        self.difference.clicked.connect(self.difference_requested)
        for signal in (
            state.tool_changed,
            state.comparison_changed,
            state.blink_changed,
            workspace.document_changed,
            workspace.layers_changed,
            workspace.active_layer_changed,
        ):
            signal.connect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        state, document = self._state, self._workspace.document
        is_comparing = state.comparison is not Comparison.NONE or state.blinking is not None
        hint = "" if is_comparing else _HINTS.get(state.tool, "")
        self.setVisible(document is not None)
        for widget in (self.first, self.against, self.second, self.difference):
            widget.setVisible(is_comparing)
        has_neighbors = state.comparison in (Comparison.SIDE_BY_SIDE, Comparison.FOUR)
        self.link.setVisible(has_neighbors)
        self.snap.setVisible(state.tool is Tool.EDIT)
        self.hint.show_text(hint)
        self.hint.setToolTip(hint)
        if document is None:
            return
        pair = state.compared(document)
        for combo, chosen in zip((self.first, self.second), pair, strict=True):
            with QSignalBlocker(combo):
                combo.clear()
                for layer in document.layers:
                    if layer.picture is not None:
                        combo.addItem(layer.title, layer.name)
                combo.setCurrentIndex(combo.findData(chosen.name))
        self.difference.setEnabled(pair[0] is not pair[1])

    @Slot(int)
    def _on_first_chosen(self, _place: int) -> None:
        self._state.choose_compared("first", self.first.currentData())

    @Slot(int)
    def _on_second_chosen(self, _place: int) -> None:
        self._state.choose_compared("second", self.second.currentData())
