"""What is shown before any file is open: what to do."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from atomsegnet.gui.theme import CANVAS, make_palette, tinted_icon

_LARGEST_SAMPLES = 4
_FRAME = QColor("#55575b")
_FRAME_MARGIN = 28
_ICON_SIDE = 48


class EmptyState(QWidget):
    """A drop target with Open and the bundled samples."""

    open_requested = Signal()
    sample_requested = Signal(object)

    def __init__(self, samples: list[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # It lies on the canvas, which is dark in both themes.
        palette = make_palette(is_dark=True)
        self.setPalette(palette)
        icon = QLabel()
        icon.setPixmap(tinted_icon("drop", palette).pixmap(QSize(_ICON_SIDE, _ICON_SIDE)))
        icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title = QLabel("Drop a micrograph here")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        title.setFont(font)
        kinds = QLabel("DM3, DM4, SER, EMD, MRC, TIFF, PNG or a whole folder")
        kinds.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.open = QPushButton("Open\N{HORIZONTAL ELLIPSIS}")
        self.open.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.open.setMinimumWidth(120)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addStretch(3)
        layout.addWidget(icon)
        for label in (title, kinds):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        layout.addSpacing(8)
        layout.addWidget(self.open, 0, Qt.AlignmentFlag.AlignHCenter)
        self.samples = [self._sample_button(path) for path in samples[:_LARGEST_SAMPLES]]
        if self.samples:
            self._add_samples(layout)
        layout.addStretch(4)
        self.open.clicked.connect(self.open_requested)

    def _sample_button(self, path: Path) -> QPushButton:
        button = QPushButton(sample_title(path))
        button.setProperty("path", path)
        button.setToolTip(f"A simulated image: {path.name}")
        button.clicked.connect(self._on_sample_clicked)
        return button

    def _add_samples(self, layout: QVBoxLayout) -> None:
        caption = QLabel("or try a simulated sample")
        caption.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        line = QHBoxLayout()
        line.addStretch()
        for button in self.samples:
            line.addWidget(button)
        line.addStretch()
        layout.addSpacing(14)
        layout.addWidget(caption)
        layout.addLayout(line)

    @Slot()
    def _on_sample_clicked(self) -> None:
        self.sample_requested.emit(self.sender().property("path"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the canvas and the dashed frame of a drop target."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), CANVAS)
        pen = QPen(_FRAME, 1.5, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        margin = _FRAME_MARGIN
        painter.drawRoundedRect(self.rect().adjusted(margin, margin, -margin, -margin), 10, 10)
        painter.end()


def sample_title(path: Path) -> str:
    """Make a name for the user of the name of a sample's file: "Si 110"."""
    words = path.stem.replace("-", "_").split("_")
    return " ".join(word for word in words if word not in ("simulated", "sample")) or path.stem
