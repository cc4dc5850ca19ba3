"""Help > GPU support: what was found, and the one command that adds a build with CUDA."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from atomsegnet.gui.dialog_buttons import dialog_buttons
from atomsegnet.gui.jobs import Jobs
from atomsegnet.paths import user_gpu_folder
from atomsegnet.tasks.gpu_support import ADDRESS, GpuSupport, find_gpu_support

_WIDTH = 620
_COMMAND_HEIGHT = 96


class GpuDialog(QDialog):
    """Looks when it is opened; downloads nothing."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("GPU support")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = QLabel("Looking\N{HORIZONTAL ELLIPSIS}")
        self.text.setWordWrap(True)
        self.text.setFixedWidth(_WIDTH)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.command = QPlainTextEdit()
        self.command.setReadOnly(True)
        self.command.setFixedHeight(_COMMAND_HEIGHT)
        self.command.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.copy = QPushButton("&Copy command")
        self.copy.setEnabled(False)
        self.copy.clicked.connect(self._on_copy_clicked)
        buttons = dialog_buttons(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 14)
        layout.setSpacing(12)
        for widget in (self.text, self.command, buttons):
            layout.addWidget(widget)
        jobs.start(find_gpu_support, title="Look for graphics cards").done.connect(self._on_found)

    @Slot(object)
    def _on_found(self, found: GpuSupport) -> None:
        self.text.setText("".join(f"<p>{line}</p>" for line in described(found)))
        self.command.setPlainText(found.command)
        self.copy.setEnabled(True)
        self.adjustSize()

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.command.toPlainText())


def described(found: GpuSupport) -> list[str]:
    """Return paragraphs of HTML about what was found."""
    cards = "; ".join(map(escape, found.cards)) or "none of NVIDIA's found (nvidia-smi)"
    build = f"CUDA {found.cuda_version}" if found.cuda_version else "the processor only"
    whose = "added by you" if found.is_added else "the one that came with AtomSegNet"
    lines = [
        f"<b>Graphics card:</b> {cards}",
        f"<b>PyTorch:</b> {found.torch_version or 'none'}, {whose}, built for {build}",
    ]
    if found.is_in_use:
        lines.append("The models can use the graphics card.")
    elif found.cards:
        lines.append("The models do not use the graphics card yet.")
    else:
        lines.append(
            "The models run on the processor; without such a card nothing is to be gained."
        )
    folder = escape(str(user_gpu_folder()))
    lines.append(
        "To add a PyTorch with CUDA, close AtomSegNet and give this command in a terminal. It "
        f"downloads about 3 GB to {folder}. To go back, delete that folder. AtomSegNet itself "
        "never downloads anything."
    )
    if ADDRESS in found.command:
        lines.append(
            f"In place of <b>{ADDRESS}</b> put the address that the page "
            '"Start locally" of PyTorch shows after "--index-url" for Windows, pip and CUDA.'
        )
    return lines
