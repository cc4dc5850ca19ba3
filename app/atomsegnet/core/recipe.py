"""What is done with every file of a batch."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Frames(StrEnum):
    """Which frames of a stack are worked on."""

    FIRST = "first"
    EACH = "each"
    AVERAGE = "average"


class Recipe(BaseModel):
    """The steps of a batch; one TOML file tells them to window and command line alike."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frames: Frames = Field(
        default=Frames.FIRST,
        title="Stacks",
        description="First frame, each frame for itself, or the average after drift alignment.",
    )
    restore: tuple[str, ...] = Field(
        default=(), title="Restore", description="Models whose output is written as TIFF."
    )
    locate: bool = Field(default=True, title="Locate", description="Find and measure columns.")
    model: str = Field(
        default="gaussian_map", title="Model", description="Model that maps the columns."
    )
    method: Literal[
        "gaussian-2d", "poisson-ml", "poisson-ml-lines", "weighted-centroid", "otsu-centroid"
    ] = Field(default="gaussian-2d", title="Method", description="How positions are measured.")
    threshold: float | None = Field(
        default=None, gt=0, lt=1, title="Threshold", description="Of the map; Otsu's if absent."
    )
    overlay: bool = Field(
        default=True, title="Pictures", description="Write a picture of the columns."
    )
    pixel_size_pm: float | None = Field(
        default=None,
        gt=0,
        title="Pixel size [pm]",
        description="In place of the one in the file.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", title="Device", description="Where networks run."
    )


def recipe_text(recipe: Recipe) -> str:
    """Return a recipe as TOML; what has no value is left out."""
    lines = []
    for name, value in recipe.model_dump(mode="json").items():
        if isinstance(value, bool):
            lines.append(f"{name} = {str(value).lower()}")
        elif isinstance(value, list):
            lines.append(f"{name} = [{', '.join(map(_quoted, value))}]")
        elif isinstance(value, str):
            lines.append(f"{name} = {_quoted(value)}")
        elif value is not None:
            lines.append(f"{name} = {value!r}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
