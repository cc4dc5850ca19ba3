"""Buttons of the tools and of the comparisons, above the image."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from atomsegnet.gui.icon_button import IconButton
from atomsegnet.gui.view_state import Comparison, Tool, ViewState

_ICONS: dict[Tool | Comparison, str] = {
    Tool.PAN: "pan",
    Tool.EDIT: "edit",
    Tool.BOX: "box",
    Tool.LASSO: "lasso",
    Tool.RULER: "ruler",
    Comparison.NONE: "one_image",
    Comparison.SIDE_BY_SIDE: "side_by_side",
    Comparison.CURTAIN: "curtain",
    Comparison.FOUR: "four_panels",
}
_GAP = 10


class ToolButtons(QWidget):
    """One button of each group is pressed."""

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.buttons: dict[Tool | Comparison, IconButton] = {}
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(1)
        self._tools = self._group(list(Tool))
        self._layout.addSpacing(_GAP)
        self._comparisons = self._group(list(Comparison))
        self._tools.idClicked.connect(self._on_tool_clicked)
        self._comparisons.idClicked.connect(self._on_comparison_clicked)
        state.tool_changed.connect(self._on_changed)
        state.comparison_changed.connect(self._on_changed)
        self._on_changed()

    def _group(self, choices: Sequence[Tool | Comparison]) -> QButtonGroup:
        group = QButtonGroup(self)
        for number, choice in enumerate(choices):
            button = IconButton(_ICONS[choice], f"{choice.title} ({choice.key})")
            button.setCheckable(True)
            group.addButton(button, number)
            self._layout.addWidget(button)
            self.buttons[choice] = button
        return group

    @Slot(int)
    def _on_tool_clicked(self, number: int) -> None:
        self._state.choose_tool(list(Tool)[number])

    @Slot(int)
    def _on_comparison_clicked(self, number: int) -> None:
        self._state.compare(list(Comparison)[number])

    @Slot()
    def _on_changed(self) -> None:
        self.buttons[self._state.tool].setChecked(True)
        self.buttons[self._state.comparison].setChecked(True)
