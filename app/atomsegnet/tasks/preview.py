"""Show what a network that is being trained makes of a micrograph."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from atomsegnet.core.contrast import automatic_limits, gray_levels, sorted_sample
from atomsegnet.core.micrograph import FloatImage, Micrograph
from atomsegnet.core.training_log import PREVIEW_NAME
from atomsegnet.core.training_settings import TrainingSettings

if TYPE_CHECKING:
    from atomsegnet.nn.unet import UNet

INPUT_NAME = "preview_input.tif"
# Side of the piece of the micrograph [px of the network's grid].
SIDE_PX = 256


def keep_piece(folder: Path, image: FloatImage, factor: float) -> None:
    """Keep the piece of a micrograph with most columns in the folder of a run.

    Parameters
    ----------
    folder : Path
        The folder.
    image : ndarray of float32, shape (H, W)
        The micrograph.
    factor : float
        Pixels of the network's grid for each pixel of the micrograph.

    Raises
    ------
    WriteError
        It cannot be written.
    """
    from atomsegnet.io.write_tiff import write_tiff
    from atomsegnet.tasks.scale import busiest_piece

    side = min(*image.shape, max(16, round(SIDE_PX / factor)))
    piece = busiest_piece(image, factor)[:side, :side]
    write_tiff(folder / INPUT_NAME, np.ascontiguousarray(piece), None)


class Preview:
    """Writes a picture of the output each time it is called with the network; see `train`."""

    def __init__(self, settings: TrainingSettings, folder: Path) -> None:
        from atomsegnet.io.read import read

        self._settings, self._folder = settings, folder
        path = folder / INPUT_NAME
        self._image = read(path).image if path.is_file() else None

    def __call__(self, network: UNet) -> None:
        """Run the network on the piece and write the picture, whole or not at all."""
        if self._image is None:
            return
        from atomsegnet.io.gray_png import write_gray_png

        answer = self._run(network, self._image)
        limits = automatic_limits(sorted_sample(answer), 0.35)
        write_gray_png(self._folder / PREVIEW_NAME, gray_levels(answer, limits))

    def _run(self, network: UNet, image: FloatImage) -> FloatImage:
        from atomsegnet.nn.inference import run_model
        from atomsegnet.nn.registry import task_named
        from atomsegnet.nn.unet import UNet, for_inference
        from atomsegnet.nn.weights import Card, LoadedModel

        settings = self._settings
        copy = UNet(network.architecture)
        copy.load_state_dict(network.state_dict())
        card = Card(
            settings.model_name, settings.task, network.architecture, settings.width_px,
            settings.width_spread_octaves, {}, 0, {},
        )  # fmt: skip
        device = next(network.parameters()).device.type
        model = LoadedModel(card, task_named(settings.task), for_inference(copy), "")
        recorded = math.sqrt(math.prod(settings.recorded_width_px))
        factor = settings.width_px / recorded
        return run_model(model, Micrograph(image), factor, device=device).image
