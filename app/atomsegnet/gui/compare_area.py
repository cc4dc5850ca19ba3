"""One view, or two or four of them beside each other that share zoom, place and cursor."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from atomsegnet.gui.editing import Editing
from atomsegnet.gui.image_view import ImageView, Shown
from atomsegnet.gui.view_state import Comparison
from atomsegnet.gui.workspace import Workspace

_GAP = 2
_Part = tuple[Shown, bool | None]
_PARTS: dict[Comparison, list[_Part]] = {
    Comparison.NONE: [(Shown.LAYERS, None)],
    Comparison.CURTAIN: [(Shown.LAYERS, None)],
    Comparison.SIDE_BY_SIDE: [(Shown.FIRST, None), (Shown.SECOND, None)],
    # The classic four panels: input and output, and below them both with columns.
    Comparison.FOUR: [
        (Shown.FIRST, False),
        (Shown.SECOND, False),
        (Shown.FIRST, True),
        (Shown.SECOND, True),
    ],
}


class CompareArea(QWidget):
    """Lays out the views; the first one is always there."""

    def __init__(
        self, workspace: Workspace, editing: Editing, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._editing = editing
        self._state = editing.view
        self._is_following = False
        self._comparison = Comparison.NONE
        self.views: list[ImageView] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP)
        self._add_view()
        self._state.comparison_changed.connect(self._on_comparison_changed)
        self._state.place_wanted.connect(self._on_place_wanted)

    @property
    def main(self) -> ImageView:
        """The view that is always there."""
        return self.views[0]

    @Slot()
    def fit(self) -> None:
        """Show the whole image in every view."""
        for view in self.views:
            view.fit()

    def _add_view(self) -> None:
        view = ImageView(self._workspace, self._editing)
        place = len(self.views)
        self._grid.addWidget(view, place // 2, place % 2)
        self.views.append(view)
        view.view_box.sigRangeChanged.connect(self._on_range_changed)
        # Files are dropped on the window, never on a view.
        for part in (view, *view.findChildren(QWidget)):
            part.setAcceptDrops(False)

    @Slot()
    def _on_comparison_changed(self) -> None:
        if self._state.comparison is self._comparison:
            return
        self._comparison = self._state.comparison
        parts = _PARTS[self._comparison]
        while len(self.views) < len(parts):
            self._add_view()
            self.views[-1].catch_up()
        for view, (shown, has_columns) in zip(self.views, parts, strict=False):
            view.show_part(shown, has_columns)
        for place, view in enumerate(self.views):
            view.setVisible(place < len(parts))
        self._grid.activate()
        self.fit()

    @Slot(float, float)
    def _on_place_wanted(self, row: float, column: float) -> None:
        self.main.show_place(row, column)

    @Slot(object)
    def _on_range_changed(self, sender: object) -> None:
        if sender is self.main.view_box:
            seen = self.main.view_box.viewRect()
            self._state.see(seen.top(), seen.bottom(), seen.left(), seen.right())
        if self._is_following or not self._state.is_linked:
            return
        self._is_following = True
        for view in self.views:
            if view.view_box is not sender and view.isVisible():
                view.follow(sender)
        self._is_following = False
