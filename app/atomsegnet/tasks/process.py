"""Run a model on a micrograph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atomsegnet.core.errors import NoContrastError
from atomsegnet.core.micrograph import FloatImage, Micrograph
from atomsegnet.core.progress import Report, silent

if TYPE_CHECKING:
    from atomsegnet.nn.registry import Output


@dataclass(frozen=True, eq=False)
class Processed:
    """What a model made of a micrograph.

    Attributes
    ----------
    micrograph : Micrograph
        The input.
    image : ndarray of float32, shape (H, W)
        The output on the grid of the input: on its intensity scale, or in [0, 1] for a map.
    working_image : ndarray of float32
        The same on the grid on which the network ran, of other shape.
    factor : float
        Pixels of that grid for each pixel of the input.
    column_width_px : float or None
        Full width at half maximum of a column [px of the input], as the scale has it; None where
        the image shows no columns.
    output : Output
        What the numbers mean.
    model : str
        Name of the model.
    weights_sha256 : str
        SHA-256 of its weights file.
    device : str
        Where it ran.
    notes : tuple of str
        What the user should know, a sentence each.
    """

    micrograph: Micrograph
    image: FloatImage
    working_image: FloatImage
    factor: float
    column_width_px: float | None
    output: Output
    model: str
    weights_sha256: str
    device: str
    notes: tuple[str, ...] = ()


def process(
    micrograph: Micrograph,
    model: str = "denoise",
    *,
    device: str = "auto",
    rescale: float | None = None,
    report: Report = silent,
) -> Processed:
    """Run a model on a micrograph.

    Parameters
    ----------
    micrograph : Micrograph
        The input.
    model : str
        Name of an installed model, see ``atomsegnet models list``.
    device : str
        "auto", "cpu" or "cuda".
    rescale : float, optional
        Factor by which the image is enlarged for the network; None lets the program choose.
    report : callable
        Called after each tile; raises Cancelled to stop.

    Raises
    ------
    NoContrastError
        All pixels are equal.
    ModelError
        The model is missing or damaged.
    SettingError
        The device is not there, or the factor is out of range.
    Cancelled
        The report callback asked to stop.
    """
    from atomsegnet.nn.inference import run_model
    from atomsegnet.nn.weights import load_installed
    from atomsegnet.tasks.scale import Scale, checked_factor, choose_scale

    if float(np.ptp(micrograph.image)) == 0:
        raise NoContrastError(micrograph.source)
    loaded = load_installed(model)
    if rescale is None:
        scale = choose_scale(micrograph, loaded.card.width_px, report)
    else:
        scale = Scale(checked_factor(rescale), loaded.card.width_px / rescale)
    result = run_model(loaded, micrograph, scale.factor, device=device, report=report)
    return Processed(
        micrograph=micrograph,
        image=result.image,
        working_image=result.working_image,
        factor=scale.factor,
        column_width_px=scale.column_width_px,
        output=loaded.task.output,
        model=model,
        weights_sha256=loaded.sha256,
        device=result.device,
        notes=(*scale.notes, *result.notes),
    )
