from __future__ import annotations

import pytest

from atomsegnet.core.training_settings import TrainingSettings


@pytest.fixture
def tiny() -> TrainingSettings:
    """Return settings of a run of a few seconds."""
    return TrainingSettings(
        task="gaussian_map",
        widths=(4, 8),
        steps=6,
        batch=2,
        crop_px=32,
        validation_images=2,
        validate_every=3,
        warm_up_steps=2,
        checkpoint_seconds=0.0,
        recorded_width_px=(4.0, 8.0),
        seed=5,
    )
