"""The size of a pixel: from the file, typed, or asked for in yellow."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.units import pixel_size_from_nm
from atomsegnet.gui.document import Document
from atomsegnet.gui.messages import Mood
from atomsegnet.gui.number_field import NumberField
from atomsegnet.gui.workspace import Workspace

_YELLOW = QColor("#fff3b0")
_ON_YELLOW = QColor("#2a2500")
_FAINT_ON_YELLOW = QColor("#6a5f22")
_WIDTH = 110


class PixelSizeField(QWidget):
    """Shows nm/px and where it comes from; an empty field goes back to what the file says."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.field = NumberField("Size of one pixel [nm]")
        self.field.setPlaceholderText("nm per pixel?")
        self.field.setFixedWidth(_WIDTH)
        self.field.setClearButtonEnabled(False)
        self.origin = QLabel()
        # As wide as its longest text, so that nothing moves when it changes.
        self.origin.setFixedWidth(self.origin.fontMetrics().horizontalAdvance("nm/px, from file "))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(QLabel("Pixel size"))
        layout.addWidget(self.field)
        layout.addWidget(self.origin)
        self.field.number_typed.connect(self._on_number_typed)
        self.field.emptied.connect(self._on_emptied)
        workspace.document_changed.connect(self._on_changed)
        workspace.pixel_size_changed.connect(self._on_changed)
        self._on_changed()

    @property
    def is_yellow(self) -> bool:
        """Whether the field asks for a value."""
        return self.field.palette().color(QPalette.ColorRole.Base) == _YELLOW

    @Slot()
    def _on_changed(self) -> None:
        document = self._workspace.document
        self.setVisible(document is not None)
        if document is None:
            return
        size = document.micrograph.pixel_size_nm
        self.field.show_number(size.x if size is not None else None)
        self.origin.setText(_origin_text(document))
        self.field.setPalette(self._yellow_palette() if size is None else QPalette())
        tip = "The file does not say how large a pixel is. " if size is None else ""
        if size is not None and not size.is_square:
            tip = f"Pixels are {size.x:.6g} nm wide and {size.y:.6g} nm high. "
        self.field.setToolTip(f"{tip}A typed value is used for this file and named in exports.")

    @staticmethod
    def _yellow_palette() -> QPalette:
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Base, _YELLOW)
        palette.setColor(QPalette.ColorRole.Text, _ON_YELLOW)
        palette.setColor(QPalette.ColorRole.PlaceholderText, _FAINT_ON_YELLOW)
        return palette

    @Slot(float)
    def _on_number_typed(self, number: float) -> None:
        size = pixel_size_from_nm(number, number) if number > 0 else None
        if size is None:
            self._workspace.post("A pixel is between 0.00001 nm and 1 mm wide.", Mood.PROBLEM)
            self._on_changed()
        else:
            self._workspace.type_pixel_size(PixelSize(*size))

    @Slot()
    def _on_emptied(self) -> None:
        self._workspace.type_pixel_size(None)
        self._on_changed()


def _origin_text(document: Document) -> str:
    if document.micrograph.pixel_size_nm is None:
        return "nm/px, unknown"
    return "nm/px, typed" if document.is_pixel_size_typed else "nm/px, from file"
