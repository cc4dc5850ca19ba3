"""Models > Cards: what each installed model says of itself."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QListWidgetItem,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from atomsegnet.gui.calm_list import CalmList
from atomsegnet.gui.dialog_buttons import dialog_buttons
from atomsegnet.gui.document import model_title
from atomsegnet.nn.registry import installed_models
from atomsegnet.paths import user_models_folder

_SIZE = (820, 560)
_LIST_WIDTH = 220
_NO_CARD = "This model came without a card; atomsegnet models show tells what its file says."


class CardDialog(QDialog):
    """The models on the left, the card of the chosen one on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Models")
        self.resize(*_SIZE)
        self.models = CalmList()
        self.models.setAccessibleName("Models")
        self.models.setFrameShape(QFrame.Shape.NoFrame)
        self.card = QTextBrowser()
        self.card.setOpenLinks(False)
        self.card.setAccessibleName("Card")
        self._paths = installed_models()
        for name, path in self._paths.items():
            owner = "\nyours" if path.is_relative_to(user_models_folder()) else ""
            title = model_title(name)
            self.models.addItem(QListWidgetItem(title + owner))
        both = QSplitter()
        both.addWidget(self.models)
        both.addWidget(self.card)
        both.setSizes([_LIST_WIDTH, _SIZE[0] - _LIST_WIDTH])
        buttons = dialog_buttons(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(both, 1)
        layout.addWidget(buttons)
        self.models.currentRowChanged.connect(self._on_row_changed)
        self.models.setCurrentRow(0)

    @Slot(int)
    def _on_row_changed(self, row: int) -> None:
        if row < 0:
            return
        path = list(self._paths.values())[row].with_suffix(".md")
        try:
            self.card.setMarkdown(path.read_text(encoding="utf-8"))
        except OSError:
            self.card.setPlainText(_NO_CARD)
