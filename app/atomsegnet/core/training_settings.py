"""Every setting of a training run."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

TaskName = Literal[
    "denoise", "denoise_background", "super_resolution", "gaussian_map", "circular_mask"
]


class TrainingSettings(BaseModel):
    """Settings of a training run; one TOML file reproduces it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: TaskName = Field(title="Task", description="What the network learns.")
    name: str = Field(
        default="", title="Name", description="Name of the model; the task's if empty."
    )
    start_from: str = Field(
        default="",
        title="Start from",
        description="Name of an installed model, or a weights file, whose network is trained on.",
    )
    widths: tuple[int, ...] = Field(
        default=(32, 64, 128, 256),
        min_length=2,
        max_length=6,
        title="Widths",
        description="Channels of each level; those of the network it starts from, if any.",
    )
    steps: int = Field(default=5000, ge=1, title="Steps", description="Optimizer steps.")
    batch: int = Field(default=8, ge=1, le=4096, title="Batch", description="Images in a step.")
    crop_px: int = Field(
        default=128, ge=32, multiple_of=16, title="Crop [px]", description="Side of an image."
    )
    learning_rate: float = Field(default=2e-3, gt=0, title="Learning rate", description="Highest.")
    warm_up_steps: int = Field(
        default=200, ge=0, title="Warm-up steps", description="Steps until the highest rate."
    )
    weight_decay: float = Field(default=1e-4, ge=0, title="Weight decay", description="AdamW's.")
    averaging: float = Field(
        default=0.998,
        ge=0,
        lt=1,
        title="Averaging",
        description="Share of the running average of the weights that a step keeps.",
    )
    width_px: float = Field(
        default=6.0, gt=0, title="Column width [px]", description="The width the network sees."
    )
    width_spread_octaves: float = Field(
        default=0.25, ge=0, title="Spread [octaves]", description="Of the widths it is trained on."
    )
    recorded_width_px: tuple[float, float] = Field(
        default=(2.5, 16.0),
        title="Recorded width [px]",
        description="Range of column widths before the image is brought to the network's scale.",
    )
    psnr_db: tuple[float, float] = Field(
        default=(5.0, 35.0), title="PSNR [dB]", description="Range of the signal over the noise."
    )
    empty_share: float = Field(
        default=0.17, ge=0, le=1, title="Empty share", description="Frames without columns."
    )
    crystal_share: float = Field(
        default=0.3, ge=0, le=1, title="Crystal share", description="Frames with a named crystal."
    )
    jitter_px: float = Field(
        default=1.5, ge=0, title="Jitter [px]", description="Largest displacement of scan lines."
    )
    material: str = Field(
        default="", title="Material", description="One of the list; all if empty."
    )
    cif: Path | None = Field(default=None, title="CIF", description="A crystal of the user's.")
    columns: Path | None = Field(
        default=None,
        title="Columns",
        description="Table of columns whose arrangement stands for a crystal.",
    )
    zones: tuple[tuple[int, int, int], ...] = Field(
        default=(), title="Zone axes", description="Directions of view u v w; all known if empty."
    )
    fwhm_nm: tuple[float, float] | None = Field(
        default=None,
        title="Column width [nm]",
        description="Range of the full width of a column; that of drawn probes if absent.",
    )
    background: tuple[float, float] = Field(
        default=(0.03, 4.0),
        title="Background",
        description="Range of the height of its features over that of the strongest column.",
    )
    seed: int = Field(default=1, ge=0, title="Seed", description="Of weights and images.")
    minutes: float | None = Field(
        default=None, gt=0, title="Minutes", description="Time budget; the schedule fits into it."
    )
    validation_images: int = Field(
        default=64, ge=1, title="Validation images", description="Images of the fixed set."
    )
    validate_every: int = Field(default=500, ge=1, title="Validate every", description="Steps.")
    checkpoint_seconds: float = Field(
        default=120.0, ge=0, title="Checkpoint every [s]", description="Time between checkpoints."
    )

    @property
    def model_name(self) -> str:
        """Name of the model that the run makes."""
        return self.name or self.task
