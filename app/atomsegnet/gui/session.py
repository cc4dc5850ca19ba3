"""The open files, the image that is shown and typed pixel sizes: kept, and brought back."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from PySide6.QtCore import QObject, QTimer, Slot

from atomsegnet.core.micrograph import PixelSize
from atomsegnet.gui.document import DocumentKey
from atomsegnet.gui.kept_work import KeptWork
from atomsegnet.gui.messages import Mood
from atomsegnet.gui.opening import Opening
from atomsegnet.gui.workspace import Workspace

logger = logging.getLogger(__name__)

# Written this long after a change, so that a crash costs no more.
_SAVE_AFTER_MS = 1000


class SessionFile(BaseModel):
    """What is written of a session."""

    model_config = ConfigDict(extra="ignore")

    files: list[Path] = Field(default_factory=list, description="The list of files.")
    shown: Path | None = Field(default=None, description="The file that is shown.")
    frame: int = Field(default=0, ge=0, description="Its frame.")
    detector: str = Field(default="", description="Its detector.")
    pixel_sizes_nm: dict[Path, tuple[float, float]] = Field(
        default_factory=dict, description="Typed height and width of a pixel of each file [nm]."
    )


class Session(QObject):
    """Writes the session to a file a moment after it changed, and restores it.

    Parameters
    ----------
    path : Path or None
        The file; None for a window that is not to be remembered.
    """

    def __init__(
        self,
        workspace: Workspace,
        opening: Opening,
        kept: KeptWork,
        path: Path | None,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._opening = opening
        self._kept = kept
        self._path = path
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_SAVE_AFTER_MS)
        self._delay.timeout.connect(self.save)
        if path is not None:
            for changed in (
                workspace.files_changed, workspace.document_changed, workspace.pixel_size_changed,
            ):  # fmt: skip
                changed.connect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        # Not started anew by each change, or steady work would never be saved.
        if not self._delay.isActive():
            self._delay.start()

    def restore(self) -> None:
        """Open what was open at the end of the last session; files that are gone are told of."""
        if self._path is None:
            return
        try:
            session = SessionFile.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return
        except (OSError, ValidationError) as error:
            logger.info("The session in %s is not usable: %s", self._path, error)
            return
        there = [path for path in session.files if path.is_file()]
        gone = [path for path in session.files if path not in there]
        if gone:
            names = ", ".join(path.name for path in gone[:3]) + (", ..." if gone[3:] else "")
            text = f"No longer there since the last session: {names}."
            if any(map(self._kept.has_kept, gone)):
                text += " Once back in its place, a file has its columns again."
            self._workspace.post(text, Mood.PROBLEM, "\n".join(map(str, gone)))
        for path, size in session.pixel_sizes_nm.items():
            if path in there and min(size) > 0:
                self._workspace.typed_pixel_sizes[path] = PixelSize(*size)
        self._workspace.add_paths(there)
        if session.shown in there:
            self._opening.show_image(DocumentKey(session.shown, session.frame, session.detector))
        elif there:
            self._opening.show_file(there[0])

    @Slot()
    def save(self) -> None:
        """Write the session, whole or not at all."""
        self._delay.stop()
        if self._path is None:
            return
        workspace = self._workspace
        document = workspace.document
        session = SessionFile(
            files=workspace.paths,
            shown=document.key.path if document is not None else None,
            frame=document.key.frame if document is not None else 0,
            detector=document.key.detector if document is not None else "",
            pixel_sizes_nm=dict(workspace.typed_pixel_sizes),
        )
        partial = self._path.with_suffix(f".{os.getpid()}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(session.model_dump_json(indent=2), encoding="utf-8")
            partial.replace(self._path)
        except OSError as error:
            logger.info("The session could not be saved: %s", error)
