"""Run a model on a micrograph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from atomsegnet.core.errors import NoContrastError
from atomsegnet.core.micrograph import FloatImage, Micrograph
from atomsegnet.core.progress import Report, silent

if TYPE_CHECKING:
    from atomsegnet.nn.inference import Inference
    from atomsegnet.nn.registry import Output
    from atomsegnet.nn.weights import LoadedModel
    from atomsegnet.tasks.scale import Scale


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


class First(NamedTuple):
    """A part of a micrograph that someone waits for.

    Attributes
    ----------
    rows, columns : slice
        Of the image, both ends given [px].
    show : callable
        Takes what was made of this part alone, before the rest is begun.
    """

    rows: slice
    columns: slice
    show: Callable[[Processed], None]


def process(
    micrograph: Micrograph,
    model: str = "denoise",
    *,
    device: str = "auto",
    rescale: float | None = None,
    first: First | None = None,
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
    first : First, optional
        A part that is run, at the scale of the whole, before the whole is; it changes nothing in
        what is returned.
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
    from atomsegnet.nn.libraries import load_libraries

    load_libraries()
    from atomsegnet.nn.inference import run_model
    from atomsegnet.nn.registry import Output
    from atomsegnet.nn.weights import load_installed
    from atomsegnet.tasks.scale import Scale, checked_factor, choose_scale

    if float(np.ptp(micrograph.image)) == 0:
        raise NoContrastError(micrograph.source)
    loaded = load_installed(model)
    if rescale is None:
        scale = choose_scale(micrograph, loaded.card.width_px, report)
    else:
        scale = Scale(checked_factor(rescale), loaded.card.width_px / rescale)

    def run_once(image: Micrograph) -> Inference:
        return run_model(loaded, image, scale.factor, device=device, report=report)

    def run(image: Micrograph) -> Processed:
        result = run_once(image)
        if loaded.task.output is Output.MAP and scale.column_width_px is not None:
            result = _looked_twice(image, result, scale.column_width_px, run_once, report)
        return _processed(image, model, loaded, scale, result)

    if first is not None:
        part = replace(micrograph, image=micrograph.image[first.rows, first.columns])
        if float(np.ptp(part.image)) > 0:
            first.show(run(part))
    return run(micrograph)


def _looked_twice(
    micrograph: Micrograph,
    first: Inference,
    width_px: float,
    run: Callable[[Micrograph], Inference],
    report: Report,
) -> Inference:
    """Return the map with the columns that a second look shows."""
    from atomsegnet.analysis.peaks import find_regions
    from atomsegnet.nn.inference import with_map
    from atomsegnet.tasks.second_look import with_faint_columns, with_unresolved_pairs

    def look(rest: Micrograph) -> FloatImage:
        return run(rest).working_image

    regions = find_regions(first.working_image, shape=micrograph.shape)
    seen, pairs = with_unresolved_pairs(micrograph, first.working_image, regions, width_px, report)
    if pairs:
        regions = find_regions(seen, shape=micrograph.shape)
        note = f"{pairs} columns are pairs by their shape; each was split in two."
        first = replace(first, notes=(*first.notes, note))
    whole = with_faint_columns(micrograph, seen, regions, width_px, look, report)
    return first if whole is first.working_image else with_map(first, whole)


def _processed(
    micrograph: Micrograph, model: str, loaded: LoadedModel, scale: Scale, result: Inference
) -> Processed:
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
