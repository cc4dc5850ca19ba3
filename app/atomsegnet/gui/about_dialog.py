"""What this program is, after whom, and under which licence."""

from __future__ import annotations

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialogButtonBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from atomsegnet import __version__
from atomsegnet.gui.dialog_buttons import dialog_buttons
from atomsegnet.gui.fitting_dialog import FittingDialog
from atomsegnet.gui.theme import program_icon

_ICON_SIDE = 64
_TEXT = """
<p style="font-size: large"><b>AtomSegNet</b> {version}</p>
<p>Finds, restores and measures atomic columns in ADF-STEM micrographs.</p>
<p>An independent implementation after R. Lin, R. Zhang, C. Wang, X.-Q. Yang and H. L. Xin,
Scientific Reports 11, 5386 (2021),
<a href="https://doi.org/10.1038/s41598-021-84499-w">doi 10.1038/s41598-021-84499-w</a>.
Please cite it when you publish.</p>
<p>Free software under the GNU General Public License, version 3 or later; without any
warranty. Qt {qt}.</p>
"""


class AboutDialog(FittingDialog):
    """A few lines with the program's icon."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About AtomSegNet")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        icon = QLabel()
        icon.setPixmap(program_icon().pixmap(_ICON_SIDE, _ICON_SIDE))
        icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        text = QLabel(_TEXT.format(version=__version__, qt=qVersion()))
        text.setWordWrap(True)
        text.setFixedWidth(400)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        text.setOpenExternalLinks(True)
        buttons = dialog_buttons(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        line = QHBoxLayout()
        line.setSpacing(18)
        line.addWidget(icon)
        line.addWidget(text, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 14)
        layout.addLayout(line)
        layout.addWidget(buttons)
