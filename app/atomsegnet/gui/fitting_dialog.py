"""A dialog that cuts no text."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QDialog


class FittingDialog(QDialog):
    """Never lower than its parts need, with wrapped texts among them.

    Qt gives a dialog at most two thirds of the height of the screen, and lets one with wrapped
    texts be lower than its parts.
    """

    def event(self, event: QEvent) -> bool:
        """Follow its width and its texts."""
        changes = (QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.Show)
        # Another event may delete the dialog.
        if event.type() not in changes:
            return super().event(event)
        is_done = super().event(event)
        layout = self.layout()
        if layout is not None and layout.hasHeightForWidth():
            self.setMinimumHeight(layout.totalHeightForWidth(self.width()))
        return is_done
