"""Train a network on fresh simulations."""

from __future__ import annotations

import json
import math
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atomsegnet.core.comparison import Comparison
from atomsegnet.core.errors import ReadError, SettingError
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.core.progress import Report, silent
from atomsegnet.core.training_log import LOG_NAME, read_log
from atomsegnet.core.training_settings import TrainingSettings
from atomsegnet.io.loss_figure import FIGURE_NAME, write_loss_figure

if TYPE_CHECKING:
    import torch

    from atomsegnet.nn.crew import Crew
    from atomsegnet.nn.unet import UNet

SETTINGS_NAME = "settings.json"
# Processes that share a run draw from seeds this far apart, which no one chooses for two runs.
_SEEDS_APART = 1_000_003


def read_settings(path: Path) -> TrainingSettings:
    """Read the settings of a run from a TOML file.

    Raises
    ------
    ReadError
        The file cannot be read.
    SettingError
        A setting is unknown or outside its limits.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReadError(path, f"cannot be read as TOML ({error})") from error
    return make_settings(values)


def make_settings(values: dict[str, Any]) -> TrainingSettings:
    """Check settings given by name.

    Raises
    ------
    SettingError
        One of them is unknown or outside its limits.
    """
    from pydantic import ValidationError

    try:
        return TrainingSettings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "settings"
        raise SettingError(f"{name}: {first['msg']}.") from error


def train(
    settings: TrainingSettings,
    folder: Path,
    *,
    device: str = "auto",
    workers: int | None = None,
    resume: bool = False,
    like: Micrograph | None = None,
    report: Report = silent,
) -> Path:
    """Train a network; return the weights file, which lies in `folder`.

    Beside it lie the log of the run and its curve. Started by ``torchrun``, the processes share
    each batch; the result depends on how many there are.

    Parameters
    ----------
    settings : TrainingSettings
        The run.
    folder : Path
        Where log, checkpoints and weights go.
    device : str
        "auto", "cpu" or "cuda".
    workers : int, optional
        Processes that simulate ahead; one for every two cores if None.
    resume : bool
        Whether to go on with the run that lies in the folder.
    like : Micrograph, optional
        What the network is to be shown on while it learns, in ``preview.png`` of the folder.
    report : callable
        Called after each step; raises Cancelled to stop.

    Raises
    ------
    SettingError
        The folder holds another run, or there is nothing to resume; or several processes cannot
        share a batch, or have been given minutes.
    ModelError
        The model to start from is missing or damaged.
    Cancelled
        The report callback asked to stop; the run can be resumed.
    """
    from atomsegnet.nn.crew import joined
    from atomsegnet.nn.device import choose_device

    with joined(choose_device(device)) as (crew, own_device):
        if crew.is_first:
            _claim_folder(settings, folder, resume)
        crew.wait()
        quiet = report if crew.is_first else silent
        return _train(settings, folder, own_device, workers, like, quiet, crew)


def _train(
    settings: TrainingSettings,
    folder: Path,
    device: torch.device,
    workers: int | None,
    like: Micrograph | None,
    report: Report,
    crew: Crew,
) -> Path:
    from atomsegnet.nn.checkpoint import FILE_NAME
    from atomsegnet.nn.training import train_network
    from atomsegnet.tasks.preview import Preview, keep_piece
    from atomsegnet.tasks.training_data import training_data

    weights = folder / f"{settings.model_name}.safetensors"
    if weights.is_file() and not (folder / FILE_NAME).is_file():
        return weights  # the run had come to its end
    if like is not None and crew.is_first:
        recorded = math.sqrt(math.prod(settings.recorded_width_px))
        keep_piece(folder, like.image, settings.width_px / recorded)
    start = _start_network(settings)
    if workers is None:
        workers = max(1, (os.cpu_count() or 1) // (2 * crew.size))
    preview = Preview(settings, folder)

    def validated(network: UNet) -> None:
        write_loss_figure(folder / FIGURE_NAME, read_log(folder / LOG_NAME))
        preview(network)

    return train_network(
        settings,
        training_data(_share_of(settings, crew), workers, report),
        folder,
        start=start,
        device=device,
        report=report,
        validated=validated,
        crew=crew,
    )


def _share_of(settings: TrainingSettings, crew: Crew) -> TrainingSettings:
    """Return the settings by which one process of several draws its part of each batch."""
    if crew.size == 1:
        return settings
    if settings.minutes is not None:
        raise SettingError("Several processes need a number of steps; each has its own clock.")
    if settings.batch % crew.size:
        raise SettingError(
            f"A batch of {settings.batch} images cannot be shared by {crew.size} processes."
        )
    seed = settings.seed + _SEEDS_APART * crew.rank
    return settings.model_copy(update={"batch": settings.batch // crew.size, "seed": seed})


def base_settings(start_from: str) -> dict[str, Any]:
    """Return the settings that a run takes over from the model it starts from, by name.

    Raises
    ------
    ModelError
        The model is missing or damaged.
    """
    from atomsegnet.nn.weights import read_card

    card = read_card(_weights_named(start_from))
    return {
        "task": card.task,
        "widths": card.architecture.widths,
        "width_px": card.width_px,
        "width_spread_octaves": card.width_spread_octaves,
    }


def evaluate_run(
    settings: TrainingSettings, folder: Path, *, report: Report = silent
) -> Comparison | None:
    """Compare the model that a run made with the one it started from, and write its card.

    Returns
    -------
    Comparison or None
        None for a run that started from nothing, or is for no crystal in particular.

    Raises
    ------
    ModelError
        One of the models is missing or damaged.
    Cancelled
        The report callback asked to stop.
    """
    from atomsegnet.tasks.evaluate import crystal_is_given, evaluate
    from atomsegnet.tasks.model_card import write_card

    weights = folder / f"{settings.model_name}.safetensors"
    comparison = None
    if settings.start_from and crystal_is_given(settings):
        base = _weights_named(settings.start_from)
        comparison = evaluate(settings, base, weights, folder, report=report)
    write_card(weights, comparison)
    return comparison


def _claim_folder(settings: TrainingSettings, folder: Path, resume: bool) -> None:
    if resume:
        if resumed_settings(folder) != settings:
            raise SettingError(f"The run in {folder} was started with other settings.")
        return
    partial = folder / f"{SETTINGS_NAME}.partial"
    if folder.exists() and any(path != partial for path in folder.iterdir()):
        raise SettingError(f"The folder {folder} is not empty; resume its run or choose another.")
    folder.mkdir(parents=True, exist_ok=True)
    partial.write_text(settings.model_dump_json(indent=2), encoding="utf-8")
    partial.replace(folder / SETTINGS_NAME)


def resumed_settings(folder: Path) -> TrainingSettings:
    """Return the settings of the run in a folder.

    Raises
    ------
    SettingError
        The folder holds no run.
    """
    noted = folder / SETTINGS_NAME
    if not noted.is_file():
        raise SettingError(f"There is no training run to resume in {folder}.")
    return make_settings(json.loads(noted.read_text(encoding="utf-8")))


def _start_network(settings: TrainingSettings) -> UNet | None:
    if not settings.start_from:
        return None
    from atomsegnet.nn.weights import load_trainable

    return load_trainable(_weights_named(settings.start_from))[1]


def _weights_named(name: str) -> Path:
    """Return a weights file by the name of an installed model, or by its own."""
    from atomsegnet.nn.registry import installed_path

    path = Path(name)
    return path if path.suffix == ".safetensors" else installed_path(name)
