"""What lies under the mouse: place, raw intensity, value of the map."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QWidget

from atomsegnet.core.micrograph import FloatImage
from atomsegnet.core.units import positions_in_nm
from atomsegnet.gui.document import Document, LayerKind
from atomsegnet.gui.number_text import number_text
from atomsegnet.gui.workspace import Workspace

_GAP = "     "
# As many as float32 holds.
_DIGITS = 7


class PositionLabel(QLabel):
    """Follows the mouse over the image; the text stays to be copied when the mouse leaves."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setContentsMargins(8, 0, 8, 0)
        workspace.pointer_moved.connect(self._on_pointer_moved)
        workspace.document_changed.connect(self.clear)

    @Slot()
    def _on_pointer_moved(self) -> None:
        document = self._workspace.document
        if document is None or self._workspace.pointer is None:
            return
        row, column = self._workspace.pointer
        rows, columns = document.micrograph.shape
        if -0.5 <= row < rows - 0.5 and -0.5 <= column < columns - 0.5:
            self.setText(position_text(document, row, column))


def position_text(document: Document, row: float, column: float) -> str:
    """Describe a place of the image [px] in one line."""
    micrograph = document.micrograph
    parts = [f"x {column:.1f} px   y {row:.1f} px"]
    if micrograph.pixel_size_nm is not None:
        y_nm, x_nm = positions_in_nm(np.array([[row, column]]), micrograph.pixel_size_nm)[0]
        parts.insert(0, f"x {x_nm:.3f} nm   y {y_nm:.3f} nm")
    at = round(row), round(column)
    parts.append(f"raw {number_text(float(micrograph.image[at]), _DIGITS)}")
    for layer in reversed(document.layers):
        if layer.kind is LayerKind.MAP and layer.picture is not None:
            parts.append(f"{layer.title.lower()} {_value(layer.picture.image, at):.3f}")
    active = document.contrast_layer
    if active.kind is LayerKind.RESTORED and active.picture is not None:
        parts.append(f"{active.title.lower()} {number_text(_value(active.picture.image, at))}")
    return _GAP.join(parts)


def _value(image: FloatImage, at: tuple[int, int]) -> float:
    return float(image[at])
