"""The window: its parts, and how it opens, remembers and closes."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMessageBox, QSplitter, QWidget

from atomsegnet.core.settings import WindowSettings, save_window_settings
from atomsegnet.gui.child_jobs import ChildJobs
from atomsegnet.gui.editing import Editing
from atomsegnet.gui.error_dialog import show_unexpected
from atomsegnet.gui.exports import Exports
from atomsegnet.gui.garbage import Garbage
from atomsegnet.gui.geometry_text import as_text, from_text
from atomsegnet.gui.image_area import ImageArea
from atomsegnet.gui.job_panel import JobPanel
from atomsegnet.gui.jobs import Jobs
from atomsegnet.gui.kept_work import KeptWork
from atomsegnet.gui.left_column import LeftColumn
from atomsegnet.gui.long_jobs import LongJobs
from atomsegnet.gui.menus import Menus
from atomsegnet.gui.methods import METHODS
from atomsegnet.gui.model_actions import ModelActions
from atomsegnet.gui.opening import Opening
from atomsegnet.gui.position_label import PositionLabel
from atomsegnet.gui.preferences import Preferences
from atomsegnet.gui.right_column import RightColumn
from atomsegnet.gui.runs import Runs
from atomsegnet.gui.session import Session
from atomsegnet.gui.simulations import Simulations
from atomsegnet.gui.theme import Theming, program_icon
from atomsegnet.gui.workspace import Workspace
from atomsegnet.io.read import SUFFIXES
from atomsegnet.nn.registry import installed_models
from atomsegnet.paths import sample_micrographs, user_jobs_file, user_work_folder

logger = logging.getLogger(__name__)

_SIZE = (1400, 980)
_LEFT_WIDTH, _RIGHT_WIDTH, _JOBS_WIDTH = 230, 356, 330
_SESSION_NAME = "session.json"


class MainWindow(QMainWindow):
    """Files on the left, the image in the middle, the steps of the work on the right."""

    def __init__(self, settings: WindowSettings, settings_path: Path | None = None) -> None:
        super().__init__()
        self.setWindowTitle("AtomSegNet")
        self.setWindowIcon(program_icon())
        self.resize(_SIZE[0], min(_SIZE[1], self.screen().availableSize().height()))
        self.settings = settings
        self._settings_path = settings_path
        self._is_closing = False
        self.garbage = Garbage(self)
        self.theming = Theming(settings.theme, self)
        self.workspace = Workspace(self)
        # Reading has a thread of its own, so that files open while a model runs.
        self.jobs = Jobs("models", self)
        self.reading = Jobs("reading", self)
        self.child_jobs = ChildJobs(None if settings_path is None else user_jobs_file(), self)
        self.saving = Jobs("saving", self)
        work = None if settings_path is None else user_work_folder()
        self.kept_work = KeptWork(self.workspace, self.saving, settings, work, self)
        self.opening = Opening(self.workspace, self.reading, settings, self.kept_work, self)
        session_path = None if settings_path is None else settings_path.with_name(_SESSION_NAME)
        self.session = Session(self.workspace, self.opening, self.kept_work, session_path, self)
        self.editing = Editing(self.workspace, self.jobs, self)
        self.runs = Runs(self.workspace, self.editing.view, self.jobs, self)
        if settings.map_model in installed_models():
            self.runs.map_model = settings.map_model
        if settings.locate_method in METHODS:
            self.runs.method = settings.locate_method
        self.exports = Exports(self.workspace, self.editing.view, self.jobs, self)
        self._build()
        self._connect()
        self._restore_geometry()

    def _build(self) -> None:
        workspace = self.workspace
        self.left = LeftColumn(workspace, self.opening, self.editing)
        self.middle = ImageArea(workspace, self.editing, sample_micrographs())
        queues = [self.jobs, self.reading]
        self.right = RightColumn(
            workspace, self.editing, self.runs, self.exports, queues, self.settings
        )
        self.job_panel = JobPanel(self.child_jobs)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        for place, part in enumerate((self.left, self.middle, self.right, self.job_panel)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(place, int(part is self.middle))
        self.left.setMinimumWidth(_LEFT_WIDTH - 40)
        self.right.setMinimumWidth(_RIGHT_WIDTH - 20)
        self.job_panel.setMinimumWidth(_JOBS_WIDTH - 40)
        middle_width = _SIZE[0] - _LEFT_WIDTH - _RIGHT_WIDTH
        self.splitter.setSizes([_LEFT_WIDTH, middle_width, _RIGHT_WIDTH, _JOBS_WIDTH])
        self.setCentralWidget(self.splitter)
        self.position = PositionLabel(workspace)
        self.statusBar().addWidget(self.position, 1)
        self.long_jobs = LongJobs(self)
        self.models = ModelActions(self)
        self.simulations = Simulations(self)
        self.models.models_changed.connect(self.right.restore.show_models)
        self.menus = Menus(self)
        # Files may be dropped anywhere, text fields included: only the window takes drops, and
        # the list of layers its own lines.
        layers = self.left.layers
        for widget in self.findChildren(QWidget):
            widget.setAcceptDrops(widget in (layers, layers.viewport()))
        self.setAcceptDrops(True)

    def _connect(self) -> None:
        empty = self.middle.empty
        empty.open_requested.connect(self.ask_for_files)
        empty.sample_requested.connect(self.open_path)
        self.right.restore.model_chosen.connect(self._on_model_chosen)
        self.workspace.document_changed.connect(self._on_document_changed)
        self.editing.view.column_colors_changed.connect(self.kept_work.note_change)
        for source in (self.opening, self.runs, self.exports, self.editing.lattice):
            source.unexpected.connect(self.show_error)

    # Opening

    @Slot()
    def ask_for_files(self) -> None:
        """Ask for files and open them."""
        patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        kinds = f"Micrographs ({patterns});;All files (*)"
        chosen, _ = QFileDialog.getOpenFileNames(self, "Open", self._start_folder(), kinds)
        if chosen:
            self._open_chosen([Path(name) for name in chosen])

    @Slot()
    def ask_for_folder(self) -> None:
        """Ask for a folder and open the images in it."""
        chosen = QFileDialog.getExistingDirectory(self, "Open folder", self._start_folder())
        if chosen:
            self._open_chosen([Path(chosen)])

    @Slot(object)
    def open_path(self, path: Path) -> None:
        """Open a file or folder."""
        self.opening.open_paths([path])

    def _open_chosen(self, paths: list[Path]) -> None:
        self.settings.last_folder = paths[0].parent
        self.opening.open_paths(paths)

    def _start_folder(self) -> str:
        folder = self.settings.last_folder
        return str(folder) if folder is not None and folder.is_dir() else str(Path.home())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept what brings files or folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        urls = event.mimeData().urls()
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.opening.open_paths(paths)

    @Slot()
    def close_file(self) -> None:
        """Close the file that is shown and show its neighbor."""
        document = self.workspace.document
        if document is None:
            return
        place = self.workspace.paths.index(document.key.path)
        self.workspace.close_path(document.key.path)
        if self.workspace.paths:
            self.opening.show_file(self.workspace.paths[max(0, place - 1)])

    # Dialogs

    @Slot()
    def show_preferences(self) -> None:
        """Open the preferences."""
        self.preferences = Preferences(self)
        self.preferences.open()

    @Slot(object)
    def show_error(self, error: BaseException) -> None:
        """Show an error that nobody foresaw."""
        logger.info("An unexpected error was shown.", exc_info=error)
        show_unexpected(self, error)

    # State

    @Slot(str)
    def _on_model_chosen(self, model: str) -> None:
        self.settings.restore_model = model

    @Slot(QAction)
    def choose_theme(self, action: QAction) -> None:
        """Use the theme that an entry of the menu stands for."""
        self.settings.theme = action.data()
        self.theming.choose(action.data())

    @Slot()
    def _on_document_changed(self) -> None:
        document = self.workspace.document
        name = f"{document.key.path.name} \N{EN DASH} " if document is not None else ""
        self.setWindowTitle(f"{name}AtomSegNet")

    def _restore_geometry(self) -> None:
        if self.settings.window_geometry:
            self.restoreGeometry(from_text(self.settings.window_geometry))
        if self.settings.splitter_state:
            self.splitter.restoreState(from_text(self.settings.splitter_state))

    def _save_settings(self) -> None:
        if self._settings_path is None:
            return
        self.settings.window_geometry = as_text(self.saveGeometry())
        self.settings.splitter_state = as_text(self.splitter.saveState())
        self.settings.locate_method = self.runs.method
        self.settings.map_model = self.runs.map_model
        self.session.save()
        try:
            save_window_settings(self.settings, self._settings_path)
        except OSError as error:
            logger.info("The settings could not be saved: %s", error)

    # Closing

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask if jobs run; then cancel, wait, close."""
        is_busy = self.jobs.is_busy or self.child_jobs.is_busy
        if is_busy and not self._is_closing and not self._may_stop_jobs():
            event.ignore()
            return
        if is_busy or self.reading.is_busy:
            event.ignore()
            self._close_once_idle()
            return
        self._save_settings()
        self.stop_threads()
        event.accept()

    def stop_threads(self) -> None:
        """Cancel what runs, wait, and end the threads."""
        self.jobs.close()
        self.reading.close()
        self.saving.close()
        self.kept_work.finish()
        self.child_jobs.close()
        self.garbage.close()

    def _may_stop_jobs(self) -> bool:
        answer = QMessageBox.question(
            self,
            "AtomSegNet",
            "A job is running. Stop it and close the window? Training and batches can go on "
            "from where they are at the next start.",
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No,
            QMessageBox.StandardButton.No,
        )
        return answer is QMessageBox.StandardButton.Yes

    def _close_once_idle(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            self.setEnabled(False)
            for queue in (self.jobs, self.reading):
                queue.became_idle.connect(self.close)
                queue.cancel_all()
            self.child_jobs.became_idle.connect(self.close)
            self.child_jobs.pause_all()
