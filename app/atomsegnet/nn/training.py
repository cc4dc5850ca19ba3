"""The training loop: step, average, validate, checkpoint, resume."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from atomsegnet.core.progress import Progress, Report
from atomsegnet.core.training_log import LOG_NAME, add_to_log, keep_log_until
from atomsegnet.core.training_settings import TrainingSettings
from atomsegnet.nn.checkpoint import FILE_NAME, load_checkpoint, save_checkpoint
from atomsegnet.nn.crew import ALONE, Crew
from atomsegnet.nn.losses import map_error, mean_log_error
from atomsegnet.nn.pace import Pace
from atomsegnet.nn.registry import Output, Task, task_named
from atomsegnet.nn.unet import Architecture, UNet
from atomsegnet.nn.weights import Card, save


class Batch(NamedTuple):
    """Normalized inputs with what the network shall answer.

    Attributes
    ----------
    image, target, weight : Tensor, shape (B, 1, H, W)
        Input, label, and 0 where an answer does not count.
    octaves : Tensor, shape (B,)
        log2 of the column width over the width that the network works at.
    """

    image: Tensor
    target: Tensor
    weight: Tensor
    octaves: Tensor


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Where batches come from.

    Attributes
    ----------
    batches : callable
        ``batches(first, last, ask)`` yields the batch of each step first <= step < last; the batch
        of a step depends on the step and the seed alone. ``ask`` is called now and then while one
        is waited for, and may raise.
    validation : list of Batch
        The fixed validation set.
    """

    batches: Callable[[int, int, Callable[[], None]], Generator[Batch, None, None]]
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
    made = data.batches(run.step, settings.steps, lambda: report(run.progress()))
    try:
        with closing(made) as batches:
            for batch in run.pace.watched(batches):
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
        wanted = architecture_of(settings, start)
        network = UNet(wanted)
        if start is not None:
            network.load_state_dict(_fitting(start, network), strict=False)
        self.network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = UNet(wanted).to(device)
        self.average.load_state_dict(self.network.state_dict())
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(),
            lr=settings.learning_rate,
            weight_decay=settings.weight_decay,
        )
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
        batch = self._on_device(batch)
        half = uses_bfloat16(self.device)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=half):
            output = self._called(batch.image.contiguous(memory_format=torch.channels_last))
        loss = self._loss(output.float(), batch)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        self.last_loss = float(loss.detach())
        self._update_average()

    def _on_device(self, batch: Batch) -> Batch:
        return Batch(*(part.to(self.device, non_blocking=True) for part in batch))

    def _loss(self, output: Tensor, batch: Batch) -> Tensor:
        if self.task.output is Output.MAP:
            return map_error(output, batch.target, batch.weight, batch.octaves)
        return mean_log_error(output, batch.target, batch.weight)

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
            there = self._on_device(batch)
            total += float(self._loss(self.average(there.image), there))
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


def _fitting(start: UNet, network: UNet) -> dict[str, Tensor]:
    """Return the weights to start from: all but the last layer where the answers differ."""
    own = network.state_dict()
    return {
        name: value for name, value in start.state_dict().items() if value.shape == own[name].shape
    }


def architecture_of(settings: TrainingSettings, start: UNet | None) -> Architecture:
    """Return the network of a run: that of the start, if any, with the answer of its own task.

    A map comes with the width of its columns, as a second channel.
    """
    output = task_named(settings.task).output
    shape = start.architecture if start is not None else Architecture(tuple(settings.widths))
    return replace(
        shape, residual=output is Output.INTENSITY, outputs=2 if output is Output.MAP else 1
    )


def uses_bfloat16(device: torch.device) -> bool:
    """Whether this device multiplies bfloat16 faster than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
