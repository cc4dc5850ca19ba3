"""The training loop: step, average, validate, checkpoint, resume."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from atomsegnet.core.progress import Progress, Report
from atomsegnet.core.training_log import LOG_NAME, add_to_log, keep_log_until
from atomsegnet.core.training_settings import TrainingSettings
from atomsegnet.nn.checkpoint import FILE_NAME, load_checkpoint, save_checkpoint
from atomsegnet.nn.crew import ALONE, Crew
from atomsegnet.nn.losses import mean_log_error, modified_chi_square
from atomsegnet.nn.pace import Pace
from atomsegnet.nn.registry import Output, Task, task_named
from atomsegnet.nn.unet import Architecture, UNet
from atomsegnet.nn.weights import Card, save


class Batch(NamedTuple):
    """Normalized inputs with their targets and weights, each of shape (B, 1, H, W)."""

    image: Tensor
    target: Tensor
    weight: Tensor


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Where batches come from.

    Attributes
    ----------
    batches : callable
        ``batches(first, last)`` yields the batch of each step first <= step < last; the batch of a
        step depends on the step and the seed alone.
    validation : list of Batch
        The fixed validation set.
    """

    batches: Callable[[int, int], Iterator[Batch]]
    validation: list[Batch]


def train_network(
    settings: TrainingSettings,
    data: TrainingData,
    folder: Path,
    *,
    start: UNet | None,
    device: torch.device,
    report: Report,
    validated: Callable[[UNet], None] = lambda network: None,
    crew: Crew = ALONE,
) -> Path:
    """Train a network and return its weights file in `folder`.

    `validated` is called with the network as it would be saved, after each validation. Each process
    of a crew brings its own batches; the first one validates and writes.

    A run whose folder holds a checkpoint goes on from there. On one device and with one number of
    threads an interrupted run ends with the same weights as one that was not.

    Raises
    ------
    Cancelled
        The report callback asked to stop; a checkpoint was written before.
    """
    task = task_named(settings.task)
    run = _Run(settings, task, folder, start, device, crew)
    run.resume()
    if run.step == 0 and crew.is_first:
        run.validate(data.validation, report)
        validated(run.average)
    try:
        for batch in run.pace.watched(data.batches(run.step, settings.steps)):
            with run.pace.step():
                run.take_step(batch)
            if run.step % settings.validate_every == 0 and crew.is_first:
                run.validate(data.validation, report)
                validated(run.average)
            report(run.progress())
            run.checkpoint_when_due()
            if run.out_of_time():
                break
        metrics = run.validate(data.validation, report) if crew.is_first else {}
    except BaseException:
        run.checkpoint()
        raise
    path = folder / f"{settings.model_name}.safetensors"
    if crew.is_first:
        validated(run.average)
        save(path, run.average, run.card(metrics))
        (folder / FILE_NAME).unlink(missing_ok=True)
    crew.wait()
    return path


class _Run:
    """The state of one run."""

    def __init__(
        self,
        settings: TrainingSettings,
        task: Task,
        folder: Path,
        start: UNet | None,
        device: torch.device,
        crew: Crew,
    ) -> None:
        torch.manual_seed(settings.seed)  # for the initial weights alone
        self.settings, self.task, self.folder, self.device = settings, task, folder, device
        wanted = Architecture(tuple(settings.widths), residual=task.output is Output.INTENSITY)
        network = UNet(wanted)
        if start is not None:
            network.load_state_dict(start.state_dict())
        self.network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = UNet(wanted).to(device)
        self.average.load_state_dict(self.network.state_dict())
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(),
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
        )
        self.loss = modified_chi_square if task.output is Output.MAP else mean_log_error
        self.step = 0
        self.seconds = 0.0
        self.last_loss = self.last_validation = math.nan
        self.crew, self._called = crew, crew.shared(self.network, device)
        self.pace = Pace(settings.batch)
        self._started = self._saved = time.monotonic()

    def resume(self) -> None:
        if (self.folder / FILE_NAME).exists():
            self.step, self.seconds = load_checkpoint(
                self.folder, self.network, self.average, self.optimizer
            )
        if self.crew.is_first:
            keep_log_until(self.folder / LOG_NAME, self.step)

    def elapsed(self) -> float:
        return self.seconds + time.monotonic() - self._started

    def done_share(self) -> float:
        """Share of the schedule that is done: of the steps, or of the time where that is less."""
        share = self.step / self.settings.steps
        if self.settings.minutes is not None:
            share = max(share, self.elapsed() / (60 * self.settings.minutes))
        return min(1.0, share)

    def out_of_time(self) -> bool:
        minutes = self.settings.minutes
        return minutes is not None and self.elapsed() >= 60 * minutes

    def take_step(self, batch: Batch) -> None:
        self.network.train()
        warm = min(1.0, (self.step + 1) / max(1, self.settings.warm_up_steps))
        rate = self.settings.learning_rate * warm
        rate *= 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * self.done_share()))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        image, target, weight = (t.to(self.device, non_blocking=True) for t in batch)
        half = uses_bfloat16(self.device)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=half):
            output = self._called(image.contiguous(memory_format=torch.channels_last))
        loss = self.loss(output.float(), target, weight)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        self.last_loss = float(loss.detach())
        self._update_average()

    @torch.no_grad()
    def _update_average(self) -> None:
        keep = min(self.settings.averaging, self.step / (self.step + 10))
        pairs = zip(
            self.average.state_dict().values(), self.network.state_dict().values(), strict=True
        )
        for mean, value in pairs:
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - keep)
            else:
                mean.copy_(value)

    @torch.no_grad()
    def validate(self, batches: list[Batch], report: Report) -> dict[str, float]:
        self.average.eval()
        total = 0.0
        for batch in batches:
            report(self.progress())
            image, target, weight = (t.to(self.device) for t in batch)
            total += float(self.loss(self.average(image), target, weight))
        self.last_validation = total / len(batches)
        metrics = {"validation_loss": self.last_validation}
        line = {"step": self.step, "seconds": round(self.elapsed(), 1), "loss": self.last_loss}
        add_to_log(self.folder / LOG_NAME, line | metrics | self.pace.figures())
        return metrics

    def progress(self) -> Progress:
        values = {
            "loss": self.last_loss,
            "validation loss": self.last_validation,
            "step": float(self.step),
        }
        if self.settings.minutes is None:
            return Progress(self.step, self.settings.steps, "training", values)
        seconds = int(60 * self.settings.minutes)
        return Progress(min(seconds, int(self.elapsed())), seconds, "training", values)

    def checkpoint_when_due(self) -> None:
        if time.monotonic() - self._saved >= self.settings.checkpoint_seconds:
            self.checkpoint()

    def checkpoint(self) -> None:
        if not self.crew.is_first:
            return
        save_checkpoint(
            self.folder, self.step, self.elapsed(), self.network, self.average, self.optimizer
        )
        self._saved = time.monotonic()

    def card(self, metrics: dict[str, float]) -> Card:
        return Card(
            name=self.settings.model_name,
            task=self.task.name,
            architecture=self.average.architecture,
            width_px=self.settings.width_px,
            width_spread_octaves=self.settings.width_spread_octaves,
            training=self.settings.model_dump(mode="json", exclude_defaults=True),
            steps=self.step,
            metrics=metrics,
        )


def uses_bfloat16(device: torch.device) -> bool:
    """Whether this device multiplies bfloat16 faster than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
