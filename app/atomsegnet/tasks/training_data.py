"""An endless stream of fresh simulated images, as the networks want them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from atomsegnet.core.progress import Progress, Report, silent
from atomsegnet.core.training_settings import TrainingSettings
from atomsegnet.nn.normalization import Scale, scale_of
from atomsegnet.nn.registry import Output, task_named
from atomsegnet.nn.resample import resample
from atomsegnet.nn.training import Batch, TrainingData
from atomsegnet.physics.render import Rendered, render
from atomsegnet.physics.scene import Scene, SceneSettings, draw_scene
from atomsegnet.physics.structure import ProjectedCell
from atomsegnet.tasks.column_cell import cell_of_columns
from atomsegnet.tasks.crystals import crystals_of
from atomsegnet.tasks.worker_pool import made_ahead

# Images of the validation set are drawn from steps that no training reaches.
FIRST_VALIDATION_STEP = 2**40
# Farthest that columns are from the width the network works at [octaves].
FARTHEST_OCTAVES = 1.25
# Share of the borders at which an image of training goes on as its mirror image, and how far [px].
MIRRORED_SHARE = 0.3
WIDEST_MIRROR_PX = 24


@dataclass(frozen=True, eq=False)
class Drawn:
    """One image of the stream and everything that is true of it.

    Attributes
    ----------
    scene : Scene
        What was simulated; its label grid is the network's.
    made : Rendered
        What the microscope records, and the labels.
    image : Tensor, shape (1, 1, crop, crop)
        The image on the network's grid.
    scale : Scale
        How its intensities are brought to the range of the network.
    octaves : float
        log2 of the column width over the width that the network works at.
    rng : Generator
        For whatever else is drawn.
    """

    scene: Scene
    made: Rendered
    image: Tensor
    scale: Scale
    octaves: float
    rng: np.random.Generator


class SimulatedBatches:
    """The batch of every step; it depends on the step and the seed alone."""

    def __init__(self, settings: TrainingSettings) -> None:
        self.settings = settings
        self.scenes = scenes_of(settings)

    def __getitem__(self, step: int) -> Batch:
        """Return the batch of one step."""
        rows = [self._draw(step, index) for index in range(self.settings.batch)]
        return Batch(*(torch.stack(parts) for parts in zip(*rows, strict=True)))

    def arrays(self, step: int) -> tuple[np.ndarray[Any, Any], ...]:
        """Return the same as arrays, which go to another process as they are."""
        return tuple(part.numpy() for part in self[step])

    def drawn(self, step: int, index: int, labels: tuple[str, ...]) -> Drawn:
        """Return one image of a step, with the labels asked for."""
        settings = self.settings
        rng = np.random.default_rng([settings.seed, step, index])
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        octaves = _draw_octaves(settings.width_spread_octaves, rng)
        width = settings.width_px * 2**octaves
        low, high = settings.recorded_width_px
        recorded = np.exp(rng.uniform(np.log(low), np.log(high)))
        size = 16 * max(2, round(settings.crop_px * recorded / width / 16))
        scene = draw_scene(self.scenes, rng, size, settings.crop_px, width)
        made = render(scene, generator, labels)
        image = resample(made.image[None, None], (settings.crop_px, settings.crop_px))
        return Drawn(scene, made, image, _varied(scale_of(image), rng), octaves, rng)

    def _draw(self, step: int, index: int) -> Batch:
        """Return one image, target and weight, of shape (1, crop, crop), and its width."""
        task = task_named(self.settings.task)
        one = self.drawn(step, index, (task.name,))
        label = one.made.labels[task.name][None, None]
        target = one.scale.normalized_target(label, task.output)[0]
        seen, weight = mirrored_borders(one.scale.normalized(one.image)[0], one.rng)
        if task.output is Output.MAP:
            weight = weight * one.made.weight[None]
        return Batch(seen, target, weight, torch.tensor(one.octaves, dtype=torch.float32))


def scenes_of(settings: TrainingSettings) -> SceneSettings:
    """Return the ranges from which the images of a run are drawn.

    Raises
    ------
    ReadError, SettingError
        As for `crystals_of`.
    """
    return SceneSettings(
        psnr_db=settings.psnr_db,
        empty_share=settings.empty_share,
        jitter_px=settings.jitter_px,
        crystals=_crystals(settings),
        crystal_share=settings.crystal_share,
        fwhm_nm=settings.fwhm_nm,
        background=settings.background,
    )


def _crystals(settings: TrainingSettings) -> tuple[ProjectedCell, ...]:
    if settings.columns is not None:
        return (cell_of_columns(settings.columns),)
    return tuple(
        crystal
        for zone in settings.zones or (None,)
        for crystal in crystals_of(settings.material, settings.cif, zone)
    )


def training_data(
    settings: TrainingSettings, workers: int, report: Report = silent
) -> TrainingData:
    """Return the stream of a run and its validation set.

    Parameters
    ----------
    settings : TrainingSettings
        The run.
    workers : int
        Processes that simulate ahead; 0 simulates between the steps.
    report : callable
        Called while the validation set is simulated; raises Cancelled to stop.
    """
    dataset = SimulatedBatches(settings)

    def batches(first: int, last: int, ask: Callable[[], None]) -> Generator[Batch, None, None]:
        steps = range(first, last)
        with closing(made_ahead(dataset.arrays, steps, workers, ask)) as made:
            for arrays in made:
                yield Batch(*map(torch.from_numpy, arrays))

    count = -(-settings.validation_images // settings.batch)
    validation = []
    for index in range(count):
        report(Progress(index, count, "simulating the validation set"))
        validation.append(dataset[FIRST_VALIDATION_STEP + index])
    return TrainingData(batches, validation)


def _draw_octaves(spread: float, rng: np.random.Generator) -> float:
    """Draw log2 of a column width over the one wanted.

    Student's distribution with two degrees of freedom: mostly near, sometimes an octave off, as
    the program's estimates of the width are.
    """
    return float(np.clip(spread * rng.standard_t(2), -FARTHEST_OCTAVES, FARTHEST_OCTAVES))


def mirrored_borders(image: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Mirror the image at some of its borders, as inference does to fill up its tiles.

    Parameters
    ----------
    image : Tensor, shape (1, H, W)
        An image.
    rng : Generator
        Source of randomness.

    Returns
    -------
    tuple of Tensor, shape (1, H, W)
        The image with up to `WIDEST_MIRROR_PX` rows and columns replaced, and 0 for those, else 1.
    """
    height, width = image.shape[-2:]
    widest = min(WIDEST_MIRROR_PX, height // 4)
    margins = rng.integers(1, widest + 1, 4) * (rng.random(4) < MIRRORED_SHARE)
    top, bottom, left, right = (int(margin) for margin in margins)
    inner = image[:, top : height - bottom, left : width - right]
    padding = (left, right, top, bottom)
    weight = torch.nn.functional.pad(torch.ones_like(inner), padding)
    return torch.nn.functional.pad(inner, padding, mode="reflect"), weight


def _varied(scale: Scale, rng: np.random.Generator) -> Scale:
    """Return a scale as a larger image around the crop might have had it."""
    if rng.random() < 0.3:
        return scale
    return Scale(scale.offset, scale.gain * float(np.exp(rng.uniform(np.log(0.7), np.log(2.0)))))
