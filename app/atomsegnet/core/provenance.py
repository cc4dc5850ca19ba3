"""Where a result comes from: everything needed to make it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from atomsegnet.core.micrograph import PixelSize

_BLOCK_BYTES = 2**20
PARAMETER = "parameter "
"""What stands before the name of each parameter."""


def utc_now() -> str:
    """Return date and time in UTC, to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class PixelSizeOrigin(StrEnum):
    """Who said how large a pixel is."""

    FILE = "file"
    TYPED = "typed"
    NONE = "none"


@dataclass(frozen=True)
class Provenance:
    """What made a result.

    Attributes
    ----------
    program_version : str
        Version of AtomSegNet.
    model : str
        Name of the model, "" where none took part.
    weights_sha256 : str
        Hash of its weights file, hexadecimal; "" where none took part.
    pixel_size_nm : PixelSize or None
        Size of one pixel [nm].
    pixel_size_origin : PixelSizeOrigin
        Who said so.
    parameters : Mapping of str to str
        Method, thresholds and whatever else was chosen, as text.
    input_name : str
        Name of the input file, without its folder.
    input_sha256 : str
        Hash of the input file, hexadecimal.
    created : str
        Date and time in UTC, ISO 8601.
    """

    program_version: str
    model: str = ""
    weights_sha256: str = ""
    pixel_size_nm: PixelSize | None = None
    pixel_size_origin: PixelSizeOrigin = PixelSizeOrigin.NONE
    parameters: Mapping[str, str] = field(default_factory=dict)
    input_name: str = ""
    input_sha256: str = ""
    created: str = field(default_factory=utc_now)

    def __post_init__(self) -> None:
        """Refuse a pixel size without an origin, and an origin without a pixel size."""
        is_none = self.pixel_size_origin is PixelSizeOrigin.NONE
        if (self.pixel_size_nm is None) != is_none:
            raise ValueError(
                f"a pixel size {self.pixel_size_nm} cannot be of origin {self.pixel_size_origin}"
            )


def provenance_items(provenance: Provenance) -> list[tuple[str, str]]:
    """Return a provenance as names and texts, in the order in which every file has them."""
    size = provenance.pixel_size_nm
    return [
        ("program version", provenance.program_version),
        ("created", provenance.created),
        ("input file", json.dumps(provenance.input_name, ensure_ascii=False)),
        ("input sha256", provenance.input_sha256),
        ("model", provenance.model),
        ("weights sha256", provenance.weights_sha256),
        ("pixel size x nm", "" if size is None else repr(float(size.x))),
        ("pixel size y nm", "" if size is None else repr(float(size.y))),
        ("pixel size from", provenance.pixel_size_origin.value),
        *(
            (f"{PARAMETER}{key}", json.dumps(value, ensure_ascii=False))
            for key, value in provenance.parameters.items()
        ),
    ]


def provenance_text(provenance: Provenance) -> str:
    """Return a provenance as lines of "name: text", after one that names the program."""
    lines = ["AtomSegNet", *(f"{name}: {text}" for name, text in provenance_items(provenance))]
    return "\n".join(lines)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal; raises OSError where it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
