"""Keep the collection of garbage from stopping the window."""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, QTimer, Slot

_INTERVAL_MS = 500
# torch brings hundreds of modules at once; a few more are not worth setting objects aside.
_MANY_MODULES = 20


class Garbage(QObject):
    """Collects cyclic garbage from the main thread alone, and only among what came lately.

    Python stops every thread while its collector walks through all objects, and left to itself
    collects in whichever thread happens to make one more. With torch and the readers loaded that
    takes a fifth of a second. What modules brought along stays anyhow: it is set aside. And parts
    of the window that are garbage must not be deleted by another thread than theirs.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._modules = 0
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_due)
        self._timer.start(_INTERVAL_MS)

    def close(self) -> None:
        """Leave the collection to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    @Slot()
    def _on_due(self) -> None:
        if len(sys.modules) - self._modules >= _MANY_MODULES:
            self._modules = len(sys.modules)
            gc.freeze()
            return
        counts, limits = gc.get_count(), gc.get_threshold()
        due = [number for number in range(3) if counts[number] > limits[number]]
        if due:
            gc.collect(max(due))
