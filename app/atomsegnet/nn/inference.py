"""Micrograph and model -> image or map on the grid of the micrograph."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor

from atomsegnet.core.errors import NoContrastError, SettingError
from atomsegnet.core.micrograph import FloatImage, Micrograph
from atomsegnet.core.progress import Progress, Report, silent
from atomsegnet.nn.column_width import estimate_width
from atomsegnet.nn.device import choose_device
from atomsegnet.nn.normalization import local_scale_of
from atomsegnet.nn.resample import resample
from atomsegnet.nn.tiling import Tiling, pad_to_alignment
from atomsegnet.nn.training import uses_bfloat16
from atomsegnet.nn.unet import UNet
from atomsegnet.nn.weights import LoadedModel

# Sides of tiles that are tried, largest first [px].
TILES_PX = (1024, 512, 256)
# Shared by neighboring tiles; the outer three eighths of it on each side do not count [px].
OVERLAP_PX = 192
# Border that is reflected around the image [px].
MARGIN_PX = 16
# The factor by which an image may be resampled; beyond it the networks were not trained.
FACTORS = (0.3, 3.0)
# Column width that is assumed where the image gives none but the pixel size is known [nm].
TYPICAL_WIDTH_NM = 0.1


@dataclass(frozen=True, eq=False)
class Inference:
    """What a network answered.

    Attributes
    ----------
    image : ndarray of float32, shape (H, W)
        On the grid and scale of the micrograph.
    working_image : ndarray of float32
        The same on the network's grid.
    factor : float
        Pixels of that grid for each pixel of the micrograph.
    column_width_px : float or None
        As estimated from the image [px of the micrograph].
    device : str
        Where it ran, with the precision.
    notes : tuple of str
        What the user should know.
    """

    image: FloatImage
    working_image: FloatImage
    factor: float
    column_width_px: float | None
    device: str
    notes: tuple[str, ...]


def run_model(
    model: LoadedModel,
    micrograph: Micrograph,
    *,
    device: str = "auto",
    rescale: float | None = None,
    report: Report = silent,
) -> Inference:
    """Run a network on a micrograph of any size.

    Raises
    ------
    NoContrastError
        All pixels are equal.
    SettingError
        The device is not there, or the factor is out of range.
    Cancelled
        The report callback asked to stop.
    """
    if float(np.ptp(micrograph.image)) == 0:
        raise NoContrastError(micrograph.source)
    chosen = choose_device(device)
    factor, width, notes = choose_factor(micrograph, model.card.width_px, rescale)
    size = (max(1, round(n * factor)) for n in micrograph.shape)
    shape = (next(size), next(size))
    working = resample(torch.from_numpy(np.array(micrograph.image))[None, None], shape)
    scale = local_scale_of(working)
    output = model.task.output
    answer, ran_on, more = _run_somewhere(
        model.network, scale.normalized(working)[0, 0].numpy(), chosen, report
    )
    restored = scale.restored(torch.from_numpy(answer)[None, None], output)
    on_grid = resample(restored, micrograph.shape)[0, 0]
    if output is output.MAP:
        on_grid = on_grid.clamp(0, 1)
    return Inference(on_grid.numpy(), restored[0, 0].numpy(), factor, width, ran_on, (*notes, *more))


def choose_factor(
    micrograph: Micrograph, wanted_px: float, rescale: float | None
) -> tuple[float, float | None, tuple[str, ...]]:
    """Return the factor of resampling, the column width [px] if known, and notes.

    The width is measured on the image; where the image shows none, the pixel size tells how wide
    columns usually are; where that is unknown too, the image stays as it is.
    """
    estimate = estimate_width(micrograph.image)
    width = estimate.width_px if estimate else None
    if rescale is not None:
        if not 0.05 <= rescale <= 20:
            raise SettingError(f"The image cannot be rescaled by {rescale}; choose 0.05 to 20.")
        return rescale, width, ()
    if width is None:
        if micrograph.pixel_size_nm is None:
            return 1.0, None, ("The image shows no columns to take the scale from.",)
        pixel = micrograph.pixel_size_nm
        usual = TYPICAL_WIDTH_NM / math.sqrt(pixel.x * pixel.y)
        note = "The image shows no columns; the scale was taken from its pixel size."
        return _clamp(wanted_px / usual), None, (note,)
    factor = _clamp(wanted_px / width)
    notes: tuple[str, ...] = ()
    if factor != wanted_px / width:
        notes = (f"Columns of {width:.1f} px are beyond the range the model was trained for.",)
    return factor, width, notes


def _clamp(factor: float) -> float:
    return min(max(factor, FACTORS[0]), FACTORS[1])


def _run_somewhere(
    network: UNet, image: FloatImage, device: torch.device, report: Report
) -> tuple[FloatImage, str, tuple[str, ...]]:
    """Run with ever smaller tiles, at last on the CPU, until the memory suffices."""
    for place in dict.fromkeys((device, torch.device("cpu"))):
        for tile in TILES_PX:
            try:
                answer, precision = _run_tiles(network, image, place, tile, report)
            except torch.OutOfMemoryError:
                torch.cuda.empty_cache()
                continue
            notes = []
            if tile != TILES_PX[0]:
                notes.append("Memory was short; the image was cut in smaller tiles.")
            if place != device:
                notes.append("The memory of the graphics card was too small; the CPU was used.")
            return answer, f"{place.type} {precision}", tuple(notes)
    raise SettingError("There is not enough memory to run the model.")


@torch.inference_mode()
def _run_tiles(
    network: UNet, image: FloatImage, device: torch.device, tile: int, report: Report
) -> tuple[FloatImage, str]:
    alignment = network.architecture.alignment
    padded, top, left = pad_to_alignment(image, alignment, MARGIN_PX)
    tiling = Tiling((padded.shape[0], padded.shape[1]), tile, min(OVERLAP_PX, tile // 2), alignment)
    total = np.zeros_like(padded)
    ready = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    half = _runs_faster_in_bfloat16(device)
    for index, (rows, columns) in enumerate(tiling.tiles()):
        report(Progress(index, len(tiling), "running the network"))
        part = torch.from_numpy(padded[rows.start : rows.stop, columns.start : columns.stop])
        batch = part[None, None].to(device).contiguous(memory_format=torch.channels_last)
        answer = _forward(ready, batch, half).float().cpu().numpy()[0, 0]
        total[rows.start : rows.stop, columns.start : columns.stop] += answer * tiling.weight(
            rows, columns
        )
    report(Progress(len(tiling), len(tiling), "running the network"))
    height, width = image.shape
    kept = np.ascontiguousarray(total[top : top + height, left : left + width])
    return kept, "bfloat16" if half else "float32"


def _forward(network: torch.nn.Module, batch: Tensor, half: bool) -> Tensor:
    with torch.autocast(batch.device.type, dtype=torch.bfloat16, enabled=half):
        output: Tensor = network(batch)
    return output


@cache
def _runs_faster_in_bfloat16(device: torch.device) -> bool:
    """Measure both precisions once; processors that only emulate bfloat16 are never asked."""
    if not uses_bfloat16(device):
        return False
    layer = torch.nn.Conv2d(16, 16, 3, padding=1).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    image = torch.zeros(1, 16, 256, 256, device=device)
    image = image.contiguous(memory_format=torch.channels_last)
    return min(_seconds(layer, image, True) for _ in range(3)) < min(
        _seconds(layer, image, False) for _ in range(3)
    )


def _seconds(network: torch.nn.Module, batch: Tensor, half: bool) -> float:
    started = time.perf_counter()
    _forward(network, batch, half)
    if batch.device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started
