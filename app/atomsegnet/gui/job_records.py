"""What is noted of long jobs, so that they can go on after a restart or a power cut."""

from __future__ import annotations

import logging
import os
import uuid
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

logger = logging.getLogger(__name__)


class ChildState(StrEnum):
    """Where a long job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_active(self) -> bool:
        """Whether the job runs or will run without being asked again."""
        return self in (ChildState.QUEUED, ChildState.RUNNING, ChildState.STOPPING)


class JobRecord(BaseModel):
    """One long job: the command that does it, and how it stands."""

    model_config = ConfigDict(extra="ignore", validate_assignment=True)

    verb: str = Field(description="Verb of the command line.")
    title: str = Field(description="What is done, for the user.")
    arguments: list[str] = Field(description="What follows the verb at the first start.")
    resume_arguments: list[str] = Field(
        default_factory=list, description="What follows the verb when the job goes on."
    )
    folder: Path = Field(description="Where the results go.")
    begun_mark: str = Field(
        default="", description="File of the folder that is there once the job can go on."
    )
    state: ChildState = Field(default=ChildState.QUEUED, description="How it stands.")
    message: str = Field(default="", description="What was last said of it.")
    result: dict[str, Any] = Field(default_factory=dict, description="What it found or wrote.")
    is_settled: bool = Field(
        default=False, description="Whether the user has decided about the result."
    )
    key: str = Field(default_factory=lambda: uuid.uuid4().hex, description="Its identity.")

    def command(self) -> list[str]:
        """Return verb and arguments: those that go on with it where it was begun already."""
        begun = bool(self.begun_mark) and (self.folder / self.begun_mark).is_file()
        return [self.verb, *(self.resume_arguments if begun else self.arguments)]


_RECORDS = TypeAdapter(list[JobRecord])


def load_records(path: Path) -> list[JobRecord]:
    """Read the jobs of an earlier session; those that were under way then are paused now.

    A missing or damaged file gives none.
    """
    try:
        records = _RECORDS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, ValidationError) as error:
        logger.info("The jobs in %s are not usable: %s", path, error)
        return []
    for record in records:
        if record.state.is_active:
            record.state = ChildState.PAUSED
            record.message = "Interrupted when the program ended."
    return records


def save_records(records: list[JobRecord], path: Path) -> None:
    """Write the jobs to a file, whole or not at all.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.part")
    with partial.open("wb") as file:
        file.write(_RECORDS.dump_json(records, indent=2))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
