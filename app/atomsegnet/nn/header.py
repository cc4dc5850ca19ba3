"""The header of a weights file, read without torch."""

from __future__ import annotations

import json
from pathlib import Path

from atomsegnet.core.errors import ModelError

# The header of a safetensors file: its length as a little-endian 64-bit integer, then JSON with the
# file's own words under this key (https://huggingface.co/docs/safetensors, section Format).
_LENGTH_BYTES = 8
_WORDS = "__metadata__"
# What names a few hundred tensors has no need of more.
_LONGEST = 2**24


def read_words(path: Path) -> dict[str, str]:
    """Return what a weights file says of itself.

    Raises
    ------
    ModelError
        The file is missing or no weights file.
    """
    if not path.is_file():
        raise ModelError(f"There is no weights file {path}.")
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
            if not 2 <= length <= min(_LONGEST, path.stat().st_size - _LENGTH_BYTES):
                raise ModelError(f"{path} is no weights file that can be read.")
            words = json.loads(file.read(length)).get(_WORDS, {})
        return {str(name): str(value) for name, value in words.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"{path} is no weights file that can be read ({error}).") from error
