"""Step four: write table, image and figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QGridLayout, QMessageBox, QPushButton, QWidget

from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.command_text import commands_of
from atomsegnet.gui.exports import Exports
from atomsegnet.gui.panel import Panel
from atomsegnet.gui.view_state import Region, ViewState
from atomsegnet.gui.workspace import Workspace

_MORE = "\N{HORIZONTAL ELLIPSIS}"
_TABLES = "CSV tables (*.csv);;HDF5 files (*.h5);;XYZ files (*.xyz)"
_IMAGES = "TIFF images (*.tif *.tiff)"
_FIGURES = "PNG pictures (*.png);;SVG drawings (*.svg);;PDF documents (*.pdf)"


class ExportPanel(Panel):
    """Buttons that ask for a file name and write, and one that copies the command."""

    def __init__(
        self,
        workspace: Workspace,
        state: ViewState,
        exports: Exports,
        settings: WindowSettings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Export", parent)
        self._workspace = workspace
        self._state = state
        self._exports = exports
        self._settings = settings
        self.csv = _button("Columns", "Table of columns as CSV, HDF5 or XYZ.")
        self.tiff = _button(
            "Image", "The layer named beside Contrast: float32 values with pixel size."
        )
        self.png = _button(
            "Figure", "What is seen, with scale bar and color bar, as PNG, SVG or PDF."
        )
        self.panels = _button(
            "Four panels", "Input, output, and both with columns, as PNG, SVG or PDF."
        )
        self.command = QPushButton("Copy as command")
        self.command.setToolTip("Put the same run, as a command line, on the clipboard.")
        grid = QGridLayout()
        grid.addWidget(self.csv, 0, 0, 1, 2)
        grid.addWidget(self.tiff, 0, 2, 1, 2)
        grid.addWidget(self.png, 0, 4, 1, 2)
        grid.addWidget(self.panels, 1, 0, 1, 3)
        grid.addWidget(self.command, 1, 3, 1, 3)
        self.body.addLayout(grid)
        self.csv.clicked.connect(self.export_columns)
        self.tiff.clicked.connect(self.export_image)
        self.png.clicked.connect(self.export_figure)
        self.panels.clicked.connect(self.export_panels)
        self.command.clicked.connect(self.copy_command)
        for signal in (
            workspace.document_changed,
            workspace.columns_changed,
            workspace.layers_changed,
        ):
            signal.connect(self._on_state_changed)
        self._on_state_changed()

    @Slot()
    def export_columns(self) -> None:
        """Ask for a name and write the columns."""
        if self.csv.isEnabled():
            self._ask("_columns.csv", _TABLES, self._exports.export_columns)

    @Slot()
    def export_image(self) -> None:
        """Ask for a name and write the image that is worked on."""
        document = self._workspace.document
        if document is not None:
            ending = f"_{document.contrast_layer.name}.tif"
            self._ask(ending, _IMAGES, self._exports.export_image)

    @Slot()
    def export_figure(self) -> None:
        """Ask for a name and write what is seen."""
        region = self._seen()
        if region is not None:
            self._ask(
                "_figure.png", _FIGURES, lambda path: self._exports.export_figure(path, region)
            )

    @Slot()
    def export_panels(self) -> None:
        """Ask for a name and write the classic panels."""
        region = self._seen()
        if region is not None:
            self._ask(
                "_panels.png", _FIGURES, lambda path: self._exports.export_panels(path, region)
            )

    @Slot()
    def copy_command(self) -> None:
        """Put the commands that make the results again on the clipboard."""
        document = self._workspace.document
        commands = commands_of(document) if document is not None else []
        if document is not None and commands:
            QGuiApplication.clipboard().setText("\n".join(commands))
            edited = " Edits by hand are not part of it." if document.edits else ""
            what = "The command was" if len(commands) == 1 else f"{len(commands)} commands were"
            self._workspace.post(f"{what} copied.{edited}")

    @Slot()
    def _on_state_changed(self) -> None:
        document = self._workspace.document
        for button in (self.tiff, self.png, self.panels):
            button.setEnabled(document is not None)
        self.csv.setEnabled(
            document is not None and document.located is not None and not document.is_preview
        )
        self.command.setEnabled(document is not None and bool(commands_of(document)))

    def _seen(self) -> Region | None:
        """Return the part of the image that is seen [px]."""
        document = self._workspace.document
        return self._state.seen_region(document) if document is not None else None

    def _ask(self, ending: str, kinds: str, export: Callable[[Path], None]) -> None:
        document = self._workspace.document
        if document is None:
            return
        source = document.key.path
        folder = self._settings.last_export_folder or source.parent
        # The dialog asks before it returns the name of a file that exists.
        chosen, kind = QFileDialog.getSaveFileName(
            self.window(), "Export", str(folder / f"{source.stem}{ending}"), kinds
        )
        if not chosen:
            return
        path = Path(chosen)
        if not path.suffix:
            path = path.with_suffix(_suffix_of(kind) or Path(ending).suffix)
            if path.exists() and not self._may_replace(path):
                return
        self._settings.last_export_folder = path.parent
        export(path)

    def _may_replace(self, path: Path) -> bool:
        answer = QMessageBox.question(
            self.window(), "Export", f"{path.name} already exists. Replace it?"
        )
        return answer is QMessageBox.StandardButton.Yes


def _button(title: str, tip: str) -> QPushButton:
    button = QPushButton(f"{title}{_MORE}")
    button.setToolTip(tip)
    return button


def _suffix_of(kind: str) -> str:
    """Return the first suffix of a filter such as "PNG pictures (*.png)"."""
    return "." + kind.partition("(*.")[2].split(")")[0].split(" ")[0] if "(*." in kind else ""
