"""Take models into the user's list and hand them on."""

from __future__ import annotations

import shutil
from pathlib import Path

from atomsegnet.core.errors import ModelError
from atomsegnet.io.safe_write import safely_written
from atomsegnet.nn.registry import installed_models, installed_path
from atomsegnet.paths import user_models_folder

SUFFIX = ".safetensors"


def checked_name(name: str) -> str:
    """Return the name of a new model.

    Raises
    ------
    ModelError
        It is no name of a file, or taken already.
    """
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise ModelError(f"{name!r} is no name of a model; letters, digits, - and _ make one.")
    if name in installed_models():
        raise ModelError(f"There is a model {name} already; choose another name.")
    return name


def import_model(weights: Path, name: str = "") -> Path:
    """Copy a weights file, and the card beside it, into the list of the user's models.

    Parameters
    ----------
    weights : Path
        A weights file of this program.
    name : str
        Name of the model; that of the file if empty.

    Returns
    -------
    Path
        The copy.

    Raises
    ------
    ModelError
        The file is no weights file of this program, or the name is taken.
    WriteError
        It cannot be copied.
    """
    from atomsegnet.nn.weights import load_trainable

    load_trainable(weights)
    target = user_models_folder() / f"{checked_name(name or weights.stem)}{SUFFIX}"
    target.parent.mkdir(parents=True, exist_ok=True)
    _copy(weights, target, overwrite=False)
    return target


def export_model(name: str, target: Path, *, overwrite: bool = False) -> None:
    """Copy the weights file of a model, and its card, to a place of the user's choice.

    Raises
    ------
    ModelError
        No model of this name is installed.
    WriteError
        A file is there already and may not be replaced, or cannot be written.
    """
    _copy(installed_path(name), target, overwrite=overwrite)


def card_of(name: str) -> str:
    """Return the readable card of an installed model; a plain one where it came without.

    Raises
    ------
    ModelError
        No model of this name is installed, or its file is damaged.
    """
    from atomsegnet.tasks.model_card import card_text

    weights = installed_path(name)
    card = weights.with_suffix(".md")
    return card.read_text(encoding="utf-8") if card.is_file() else card_text(weights, None)


def _copy(weights: Path, target: Path, *, overwrite: bool) -> None:
    with safely_written(target, overwrite=overwrite) as temporary:
        shutil.copyfile(weights, temporary)
    card = weights.with_suffix(".md")
    if card.is_file():
        with safely_written(target.with_suffix(".md"), overwrite=True) as temporary:
            shutil.copyfile(card, temporary)
