"""Train a network on fresh simulations."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atomsegnet.core.errors import ModelError, ReadError, SettingError
from atomsegnet.core.progress import Report, silent
from atomsegnet.core.training_settings import TrainingSettings

if TYPE_CHECKING:
    from atomsegnet.nn.unet import UNet

SETTINGS_NAME = "settings.json"


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
    report: Report = silent,
) -> Path:
    """Train a network; return the weights file, which lies in `folder`.

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
    report : callable
        Called after each step; raises Cancelled to stop.

    Raises
    ------
    SettingError
        The folder holds another run, or there is nothing to resume.
    ModelError
        The model to start from is missing or damaged.
    Cancelled
        The report callback asked to stop; the run can be resumed.
    """
    from atomsegnet.nn.device import choose_device
    from atomsegnet.nn.training import train_network
    from atomsegnet.tasks.training_data import training_data

    _claim_folder(settings, folder, resume)
    start = _start_network(settings)
    if workers is None:
        workers = max(1, (os.cpu_count() or 1) // 2)
    return train_network(
        settings,
        training_data(settings, workers),
        folder,
        start=start,
        device=choose_device(device),
        report=report,
    )


def _claim_folder(settings: TrainingSettings, folder: Path, resume: bool) -> None:
    if resume:
        if resumed_settings(folder) != settings:
            raise SettingError(f"The run in {folder} was started with other settings.")
        return
    if folder.exists() and any(folder.iterdir()):
        raise SettingError(f"The folder {folder} is not empty; resume its run or choose another.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SETTINGS_NAME).write_text(settings.model_dump_json(indent=2), encoding="utf-8")


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
    from atomsegnet.nn.registry import installed_path
    from atomsegnet.nn.training import architecture_of
    from atomsegnet.nn.weights import load_trainable

    wanted = architecture_of(settings)
    path = Path(settings.start_from)
    if path.suffix != ".safetensors":
        path = installed_path(settings.start_from)
    card, network = load_trainable(path)
    same = replace(card.architecture, residual=wanted.residual, outputs=wanted.outputs)
    if same != wanted:
        raise ModelError(f"{settings.start_from} has other widths than the run asks for.")
    return network
