"""What the window remembers between two starts, and the file it is kept in."""

from __future__ import annotations

import logging
import os
from enum import Enum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

logger = logging.getLogger(__name__)

# More are never found again by eye in a menu.
RECENT_COUNT = 10


class Theme(Enum):
    """Colors of the window."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class WindowSettings(BaseModel):
    """Everything the window remembers; each field is valid on its own and has a default."""

    model_config = ConfigDict(extra="ignore", validate_assignment=True)

    theme: Theme = Field(default=Theme.SYSTEM, title="Theme", description="Colors of the window.")
    recent_files: list[Path] = Field(
        default_factory=list,
        title="Recent files",
        description="Files and folders that were opened, the last one first.",
    )
    last_folder: Path | None = Field(
        default=None, title="Last folder", description="Where the file dialogs start."
    )
    last_export_folder: Path | None = Field(
        default=None, title="Last export folder", description="Where results were written last."
    )
    restore_model: str = Field(
        default="denoise_background", title="Model", description="Model of the Restore panel."
    )
    map_model: str = Field(
        default="gaussian_map",
        title="Columns by",
        description="Model whose map tells where columns are; one of your own joins the list.",
    )
    locate_method: str = Field(
        default="", title="Method", description="How positions are measured; empty for the default."
    )
    restores_session: bool = Field(
        default=True,
        title="At the start",
        description="Whether the window opens with the files of the last session and whether files "
        "come with what was made of them.",
    )
    retrain_minutes: int = Field(
        default=10,
        ge=1,
        title="Retraining time",
        description="Time that Models > Retrain suggests [min].",
    )
    window_geometry: str = Field(
        default="", title="Window geometry", description="Size and place of the window, Base64."
    )
    splitter_state: str = Field(
        default="", title="Widths", description="Widths of the three parts of the window, Base64."
    )

    def remember_file(self, path: Path) -> None:
        """Put a file or folder first in the list of recent ones."""
        others = [other for other in self.recent_files if other != path]
        self.recent_files = [path, *others][:RECENT_COUNT]

    def forget_file(self, path: Path) -> None:
        """Take a file or folder off the list of recent ones."""
        self.recent_files = [other for other in self.recent_files if other != path]


def load_window_settings(path: Path) -> WindowSettings:
    """Read the settings from a file; a missing or damaged one gives the defaults."""
    try:
        return WindowSettings.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return WindowSettings()
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        logger.info("The settings in %s are not usable: %s", path, error)
        return WindowSettings()


def save_window_settings(settings: WindowSettings, path: Path) -> None:
    """Write the settings to a file, whole or not at all.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.part")
    partial.write_text(settings.model_dump_json(indent=2), encoding="utf-8")
    partial.replace(path)
