"""Micrograph and model -> image or map on the grid of the micrograph."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import torch
from torch import Tensor

from atomsegnet.core.errors import SettingError
from atomsegnet.core.micrograph import FloatImage, Micrograph
from atomsegnet.core.progress import Progress, Report, silent
from atomsegnet.nn.device import choose_device
from atomsegnet.nn.normalization import local_scale_of
from atomsegnet.nn.resample import resample
from atomsegnet.nn.tiling import Tiling, pad_to_alignment
from atomsegnet.nn.training import uses_bfloat16
from atomsegnet.nn.unet import UNet
from atomsegnet.nn.weights import LoadedModel

# Sides of tiles that are tried, largest first [px]; 1024 px with their border are one tile.
TILES_PX = (1088, 576, 320)
# Shared by neighboring tiles; the outer three eighths of it on each side do not count [px].
OVERLAP_PX = 192
# Border that is reflected around the image [px].
MARGIN_PX = 16
# How often a running tile asks whether it shall stop [s].
ASK_EVERY_S = 0.2


@dataclass(frozen=True, eq=False)
class Inference:
    """What a network answered.

    Attributes
    ----------
    image : ndarray of float32, shape (H, W)
        On the grid and scale of the micrograph.
    working_image : ndarray of float32
        The same on the network's grid.
    octaves : ndarray of float32 or None
        On that grid, from a model that says so: log2 of the column width over the width that the
        network works at; it means something inside of columns alone.
    device : str
        Where it ran, with the precision.
    notes : tuple of str
        What the user should know.
    """

    image: FloatImage
    working_image: FloatImage
    octaves: FloatImage | None
    device: str
    notes: tuple[str, ...]


def run_model(
    model: LoadedModel,
    micrograph: Micrograph,
    factor: float,
    *,
    device: str = "auto",
    report: Report = silent,
) -> Inference:
    """Run a network on a micrograph of any size.

    Parameters
    ----------
    model : LoadedModel
        The network.
    micrograph : Micrograph
        The image.
    factor : float
        Pixels of the network's grid for each pixel of the micrograph.
    device : str
        "auto", "cpu" or "cuda".
    report : callable
        Called while the image is prepared, before each tile and now and then within it; raises
        Cancelled to stop.

    Raises
    ------
    SettingError
        The device is not there, or the memory does not suffice.
    Cancelled
        The report callback asked to stop.
    """
    chosen = choose_device(device)
    size = (max(1, round(n * factor)) for n in micrograph.shape)
    shape = (next(size), next(size))
    working = resample(torch.from_numpy(np.array(micrograph.image))[None, None], shape)
    # Of a large image each of these steps takes a good part of a second.
    preparing = Progress(0, 0, "preparing the image")
    report(preparing)
    scale = local_scale_of(working)
    report(preparing)
    normalized = scale.normalized(working)[0, 0].numpy()
    report(preparing)
    output = model.task.output
    answer, ran_on, notes = _run_somewhere(model.network, normalized, chosen, report)
    restored = scale.restored(torch.from_numpy(answer[:1])[None], output)
    octaves = answer[1] if len(answer) > 1 else None
    on_grid = resample(restored, micrograph.shape)[0, 0]
    if output is output.MAP:
        on_grid = on_grid.clamp(0, 1)
    return Inference(on_grid.numpy(), restored[0, 0].numpy(), octaves, ran_on, notes)


def with_map(result: Inference, working_image: FloatImage) -> Inference:
    """Return a result with another map, of the same shape, on both grids."""
    shape = (result.image.shape[0], result.image.shape[1])
    on_grid = resample(torch.from_numpy(working_image)[None, None], shape)[0, 0].clamp(0, 1)
    return replace(result, image=on_grid.numpy(), working_image=working_image)


def _run_somewhere(
    network: UNet, image: FloatImage, device: torch.device, report: Report
) -> tuple[FloatImage, str, tuple[str, ...]]:
    """Return all channels, (C, H, W); with ever smaller tiles, at last on the CPU."""
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
    total = np.zeros((network.architecture.outputs, *padded.shape), dtype=np.float32)
    ready = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    half = _runs_faster_in_bfloat16(device)
    for index, (rows, columns) in enumerate(tiling.tiles()):
        progress = Progress(index, len(tiling), "running the network")
        report(progress)
        part = torch.from_numpy(padded[rows.start : rows.stop, columns.start : columns.stop])
        batch = part[None, None].to(device).contiguous(memory_format=torch.channels_last)
        with _asking(ready, lambda: report(progress)):  # noqa: B023 - used within this round
            answer = _forward(ready, batch, half).float().cpu().numpy()[0]
        place = (slice(None), slice(rows.start, rows.stop), slice(columns.start, columns.stop))
        total[place] += answer * tiling.weight(rows, columns)
    report(Progress(len(tiling), len(tiling), "running the network"))
    height, width = image.shape
    kept = np.ascontiguousarray(total[:, top : top + height, left : left + width])
    return kept, "bfloat16" if half else "float32"


@contextmanager
def _asking(network: torch.nn.Module, ask: Callable[[], None]) -> Iterator[None]:
    """Call ``ask``, which may raise, between the layers: a large tile can take many seconds."""
    last_s = time.monotonic()

    def ask_now_and_then(_module: torch.nn.Module, _inputs: object) -> None:
        nonlocal last_s
        if time.monotonic() - last_s >= ASK_EVERY_S:
            last_s = time.monotonic()
            ask()

    layers = [module for module in network.modules() if not list(module.children())]
    hooks = [layer.register_forward_pre_hook(ask_now_and_then) for layer in layers]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


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
