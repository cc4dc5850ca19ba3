"""What a retraining brought: a table, pictures, and the decision whether to use the model."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from atomsegnet.core.comparison import Comparison, Verdict
from atomsegnet.gui.dialog_buttons import dialog_buttons
from atomsegnet.gui.fitting_dialog import FittingDialog

_PICTURE_WIDTH = 640
_CAPTIONS = ("Image", "Truth", "Before", "After")
_WORDS = {
    Verdict.BETTER: "better",
    Verdict.UNCHANGED: "within chance",
    Verdict.WORSE: "worse",
}


class ResultDialog(FittingDialog):
    """Shows a comparison; the user decides."""

    used = Signal()
    discarded = Signal()

    def __init__(
        self,
        comparison: Comparison,
        folder: Path,
        *,
        is_settled: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Before and after: {comparison.model}")
        self.sentence = QLabel(comparison.sentence())
        self.sentence.setWordWrap(True)
        font = self.sentence.font()
        font.setBold(True)
        self.sentence.setFont(font)
        self.buttons = dialog_buttons(QDialogButtonBox.StandardButton.Close)
        self.use = self.buttons.addButton("Use this model", QDialogButtonBox.ButtonRole.AcceptRole)
        self.discard = self.buttons.addButton(
            "Discard", QDialogButtonBox.ButtonRole.DestructiveRole
        )
        for button in (self.use, self.discard):
            button.setVisible(not is_settled)
        self.use.setToolTip("Put the model into the list, with its card.")
        self.discard.setToolTip("Delete the model; the base model stays as it is.")
        is_better = comparison.verdict is Verdict.BETTER
        (self.use if is_better and not is_settled else self._close_button()).setDefault(True)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(self.sentence)
        layout.addWidget(QLabel(f"Held-out images of {comparison.subject}"))
        layout.addWidget(_table(comparison))
        layout.addWidget(_captions())
        for name in comparison.pictures:
            layout.addWidget(_picture(folder / name))
        layout.addWidget(self.buttons)
        self.use.clicked.connect(self._on_use_clicked)
        self.discard.clicked.connect(self._on_discard_clicked)
        self.buttons.rejected.connect(self.reject)

    def _close_button(self) -> QPushButton:
        return self.buttons.button(QDialogButtonBox.StandardButton.Close)

    @Slot()
    def _on_use_clicked(self) -> None:
        self.used.emit()
        self.accept()

    @Slot()
    def _on_discard_clicked(self) -> None:
        self.discarded.emit()
        self.accept()


def _table(comparison: Comparison) -> QWidget:
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(24)
    for place, title in enumerate(("", "Before", "After", "")):
        grid.addWidget(QLabel(title), 0, place)
    for row, measure in enumerate(comparison.measures, start=1):
        before, after = measure.means
        name = measure.name[:1].upper() + measure.name[1:]
        texts = (name, f"{before:.4g}", f"{after:.4g}", _WORDS[measure.verdict])
        for place, text in enumerate(texts):
            label = QLabel(text)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(label, row, place)
    grid.setColumnStretch(4, 1)
    return table


def _captions() -> QWidget:
    captions = QWidget()
    captions.setFixedWidth(_PICTURE_WIDTH)
    line = QHBoxLayout(captions)
    line.setContentsMargins(0, 0, 0, 0)
    for text in _CAPTIONS:
        line.addWidget(QLabel(text), 1)
    return captions


def _picture(path: Path) -> QLabel:
    label = QLabel()
    label.setAccessibleName("Image, truth, before and after")
    picture = QPixmap(str(path))
    if not picture.isNull():
        smooth = Qt.TransformationMode.SmoothTransformation
        label.setPixmap(picture.scaledToWidth(_PICTURE_WIDTH, smooth))
    return label
