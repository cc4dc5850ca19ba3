"""Step four: write table, image and figure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QGridLayout, QMessageBox, QPushButton, QWidget

from atomsegnet.core.settings import WindowSettings
from atomsegnet.gui.exports import Exports
from atomsegnet.gui.panel import Panel
from atomsegnet.gui.workspace import Workspace


class ExportPanel(Panel):
    """Three buttons that ask for a file name and write."""

    def __init__(
        self,
        workspace: Workspace,
        exports: Exports,
        settings: WindowSettings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Export", parent)
        self._workspace = workspace
        self._exports = exports
        self._settings = settings
        self.csv = QPushButton("Columns as CSV\N{HORIZONTAL ELLIPSIS}")
        self.csv.setToolTip("Table of columns with units, model, pixel size and its origin.")
        self.tiff = QPushButton("Image as TIFF\N{HORIZONTAL ELLIPSIS}")
        self.tiff.setToolTip("The layer named beside Contrast: float32 values with pixel size.")
        self.png = QPushButton("Figure as PNG\N{HORIZONTAL ELLIPSIS}")
        self.png.setToolTip("The image as seen, with columns if they are shown, and a scale bar.")
        grid = QGridLayout()
        grid.addWidget(self.csv, 0, 0, 1, 2)
        grid.addWidget(self.tiff, 1, 0)
        grid.addWidget(self.png, 1, 1)
        self.body.addLayout(grid)
        self.csv.clicked.connect(self.export_columns)
        self.tiff.clicked.connect(self.export_image)
        self.png.clicked.connect(self.export_figure)
        workspace.document_changed.connect(self._on_state_changed)
        workspace.columns_changed.connect(self._on_state_changed)
        self._on_state_changed()

    @Slot()
    def export_columns(self) -> None:
        """Ask for a name and write the columns."""
        if self.csv.isEnabled():
            self._ask("_columns.csv", "Tables (*.csv)", self._exports.export_columns)

    @Slot()
    def export_image(self) -> None:
        """Ask for a name and write the image that is worked on."""
        document = self._workspace.document
        if document is not None:
            ending = f"_{document.contrast_layer.name}.tif"
            self._ask(ending, "TIFF images (*.tif *.tiff)", self._exports.export_image)

    @Slot()
    def export_figure(self) -> None:
        """Ask for a name and write the figure."""
        if self.png.isEnabled():
            self._ask("_figure.png", "PNG pictures (*.png)", self._exports.export_figure)

    @Slot()
    def _on_state_changed(self) -> None:
        document = self._workspace.document
        self.tiff.setEnabled(document is not None)
        self.png.setEnabled(document is not None)
        self.csv.setEnabled(
            document is not None and document.located is not None and not document.is_preview
        )

    def _ask(self, ending: str, kinds: str, export: Callable[[Path], None]) -> None:
        document = self._workspace.document
        if document is None:
            return
        source = document.key.path
        folder = self._settings.last_export_folder or source.parent
        # The dialog asks before it returns the name of a file that exists.
        chosen, _ = QFileDialog.getSaveFileName(
            self.window(), "Export", str(folder / f"{source.stem}{ending}"), kinds
        )
        if not chosen:
            return
        path = Path(chosen)
        if not path.suffix:
            path = path.with_suffix(Path(ending).suffix)
            if path.exists() and not self._may_replace(path):
                return
        self._settings.last_export_folder = path.parent
        export(path)

    def _may_replace(self, path: Path) -> bool:
        answer = QMessageBox.question(
            self.window(), "Export", f"{path.name} already exists. Replace it?"
        )
        return answer is QMessageBox.StandardButton.Yes
