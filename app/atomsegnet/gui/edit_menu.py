"""The menus of editing and of looking at things."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from atomsegnet.gui.editing import Editing
from atomsegnet.gui.view_state import Comparison, Tool

_Standard = QKeySequence.StandardKey


def add_entry(
    menu: QMenu,
    title: str,
    slot: Callable[[], object],
    keys: QKeySequence.StandardKey | list[str] | None = None,
) -> QAction:
    """Add an entry with its keys to a menu."""
    action = menu.addAction(title)
    if isinstance(keys, list):
        action.setShortcuts([QKeySequence(key) for key in keys])
    elif keys is not None:
        action.setShortcuts(keys)
    action.triggered.connect(slot)
    return action


class EditEntries(QObject):
    """Undo, redo, selection and tools."""

    def __init__(self, menu: QMenu, editing: Editing, parent: QObject) -> None:
        super().__init__(parent)
        self._state = editing.view
        group = editing.undo.group
        self.undo = group.createUndoAction(self, "&Undo")
        self.undo.setShortcuts(_Standard.Undo)
        self.undo.setWhatsThis("Undo")
        self.redo = group.createRedoAction(self, "&Redo")
        self.redo.setShortcuts(_Standard.Redo)
        self.redo.setWhatsThis("Redo")
        menu.addAction(self.undo)
        menu.addAction(self.redo)
        menu.addSeparator()
        columns = editing.columns
        add_entry(menu, "Select &All Columns", columns.select_all, _Standard.SelectAll)
        add_entry(menu, "&Delete Selected Columns", columns.delete_selected, _Standard.Delete)
        menu.addSeparator()
        self.tools = QActionGroup(self)
        for tool in Tool:
            action = self.tools.addAction(menu.addAction(f"Tool: {tool.title}"))
            action.setCheckable(True)
            action.setData(tool)
            action.setShortcut(QKeySequence(tool.key))
        self.tools.triggered.connect(self._on_tool_chosen)
        self._state.tool_changed.connect(self._on_tool_changed)
        self._on_tool_changed()

    @Slot(QAction)
    def _on_tool_chosen(self, action: QAction) -> None:
        self._state.choose_tool(action.data())

    @Slot()
    def _on_tool_changed(self) -> None:
        for action in self.tools.actions():
            action.setChecked(action.data() is self._state.tool)


class CompareEntries(QObject):
    """Ways to see two layers together, and the width of the ruler."""

    def __init__(self, menu: QMenu, editing: Editing, parent: QObject) -> None:
        super().__init__(parent)
        self._state = editing.view
        self.comparisons = QActionGroup(self)
        for comparison in Comparison:
            action = self.comparisons.addAction(menu.addAction(comparison.title))
            action.setCheckable(True)
            action.setData(comparison)
            action.setShortcut(QKeySequence(comparison.key))
        self.comparisons.triggered.connect(self._on_chosen)
        self.link = menu.addAction("&Link the Views")
        self.link.setCheckable(True)
        self.link.setChecked(True)
        self.link.toggled.connect(self._state.link)
        add_entry(menu, "&Blink: One Layer, the Other One", self._state.blink, ["B"])
        add_entry(menu, "&Widen the Ruler", partial(self._state.widen_ruler, 1), ["+"])
        add_entry(menu, "&Narrow the Ruler", partial(self._state.widen_ruler, -1), ["-"])
        self._state.comparison_changed.connect(self._on_changed)
        self._on_changed()

    @Slot(QAction)
    def _on_chosen(self, action: QAction) -> None:
        self._state.stop_blinking()
        self._state.compare(action.data())

    @Slot()
    def _on_changed(self) -> None:
        for action in self.comparisons.actions():
            action.setChecked(action.data() is self._state.comparison)
        self.link.setChecked(self._state.is_linked)
