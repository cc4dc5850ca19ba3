"""Under which conditions a micrograph was recorded, and the training that suits it."""

from __future__ import annotations

import math
from typing import Any

from atomsegnet.core.conditions import Conditions
from atomsegnet.core.errors import SettingError
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.progress import Report, silent
from atomsegnet.core.training_settings import TrainingSettings

# Column width at which the networks of the program work [px].
NETWORK_WIDTH_PX: float = TrainingSettings.model_fields["width_px"].default
# Ranges around what was measured: octaves of the width, dB of the signal, part of the width in nm.
_WIDTH_OCTAVES = 0.3
_PSNR_DB = 4.0
_FWHM_PART = 0.12
_LEAST_JITTER_PX = 0.2


def conditions_of(micrograph: Micrograph, report: Report = silent) -> Conditions:
    """Measure pixel size, dose, background and scan noise of a micrograph.

    Raises
    ------
    SettingError
        No column is seen in it.
    Cancelled
        The report callback asked to stop.
    """
    from atomsegnet.nn.libraries import load_libraries

    load_libraries()
    from atomsegnet.analysis.conditions import measure_conditions
    from atomsegnet.tasks.scale import choose_scale

    scale = choose_scale(micrograph, NETWORK_WIDTH_PX, report)
    if scale.column_width_px is None:
        raise SettingError("No column is seen in the image, so that nothing can be measured on it.")
    size = micrograph.pixel_size_nm
    pixel = None if size is None else math.sqrt(size.x * size.y)
    return measure_conditions(micrograph.image, scale.column_width_px, pixel)


def suited_settings(conditions: Conditions) -> dict[str, Any]:
    """Return the settings of a training for images recorded under such conditions, by name.

    Three quarters of the images show the crystal; the others, random crystals and empty frames,
    keep the network from seeing it everywhere.
    """
    width = conditions.column_width_px
    around = 2**_WIDTH_OCTAVES
    settings: dict[str, Any] = {
        "psnr_db": (conditions.psnr_db - _PSNR_DB, conditions.psnr_db + _PSNR_DB),
        "recorded_width_px": (width / around, width * around),
        "background": (0.03, max(0.1, 2 * conditions.background)),
        "jitter_px": max(_LEAST_JITTER_PX, 1.5 * conditions.jitter_px),
    }
    if conditions.fwhm_nm is not None:
        settings["fwhm_nm"] = tuple(conditions.fwhm_nm * (1 + x) for x in (-_FWHM_PART, _FWHM_PART))
    return settings


def retraining_settings() -> dict[str, Any]:
    """Return the settings by which a trained network is trained on, by name.

    A tenth of the learning rate of a new network keeps what it knows; validations and checkpoints
    are frequent enough for a run of minutes.
    """
    return {
        "learning_rate": 5e-4,
        "warm_up_steps": 30,
        "crystal_share": 0.75,
        "empty_share": 0.1,
        "validation_images": 32,
        "validate_every": 50,
        "checkpoint_seconds": 20.0,
    }
