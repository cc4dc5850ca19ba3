"""Write the smallest valid files of formats that no library writes for us."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

DM_TYPES = {"int16": (1, 2), "float32": (2, 6), "complex64": (3, 7), "uint8": (6, 10)}
SER_TYPES = {"uint8": 1, "uint16": 2, "float32": 7}


class _DM:
    """Bytes of the tags of one version; group is a dict, leaf a pair (type, value)."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.size = ">Q" if version == 4 else ">I"

    def number(self, value: int) -> bytes:
        return struct.pack(self.size, value)

    def group(self, tags: dict[str, Any]) -> bytes:
        entries = b"".join(self.entry(name, value) for name, value in tags.items())
        return b"\1\0" + self.number(len(tags)) + entries

    def entry(self, name: str, value: Any) -> bytes:
        # Names of digits stand for unnamed entries.
        label = b"" if name.isdigit() else name.encode()
        content = self.group(value) if isinstance(value, dict) else self.leaf(value)
        length = self.number(len(content)) if self.version == 4 else b""
        kind = 20 if isinstance(value, dict) else 21
        return struct.pack(">BH", kind, len(label)) + label + length + content

    def leaf(self, value: Any) -> bytes:
        if isinstance(value, str):
            info, data = (20, 4, len(value)), value.encode("utf-16-le")
        elif isinstance(value, float):
            info, data = (7,), struct.pack("<d", value)
        elif isinstance(value, int):
            info, data = (5,), struct.pack("<I", value)
        else:
            kind, count, data = value
            info = (20, kind, count)
        return b"%%%%" + b"".join(self.number(item) for item in (len(info), *info)) + data


def dm_image(
    image: np.ndarray[Any, Any],
    *,
    name: str = "",
    units: tuple[str, ...] = (),
    scales: tuple[float, ...] = (),
    sides: tuple[int, ...] | None = None,
    color: bool = False,
) -> dict[str, Any]:
    """Return the tags of one image of a DM file; scales and units go from the last axis on."""
    number, encoded = (23, 3) if color else DM_TYPES[image.dtype.name]
    sides = sides or image.shape[::-1]
    units, scales = units or ("",) * len(sides), scales or (1.0,) * len(sides)
    return {
        "ImageData": {
            "Calibrations": {
                "Dimension": {
                    str(axis): {"Origin": 0.0, "Scale": scale, "Units": unit}
                    for axis, (scale, unit) in enumerate(zip(scales, units, strict=True))
                }
            },
            "Data": (encoded, image.size, image.tobytes()),
            "DataType": number,
            "Dimensions": {str(axis): side for axis, side in enumerate(sides)},
        },
        "Name": name,
    }


def write_dm(
    path: Path, *images: dict[str, Any], version: int = 3, thumbnail: int | None = None
) -> Path:
    """Write a DM3 or DM4 file of the given images, one of which may be the thumbnail."""
    dm = _DM(version)
    tags: dict[str, Any] = {"ImageList": {str(n): image for n, image in enumerate(images)}}
    if thumbnail is not None:
        tags["Thumbnails"] = {"0": {"ImageIndex": thumbnail}}
    content = dm.group(tags)
    head = struct.pack(">I", version) + dm.number(len(content)) + struct.pack(">I", 1)
    path.write_bytes(head + content + bytes(8))
    return path


def write_ser(
    path: Path,
    frames: np.ndarray[Any, Any],
    step_m: tuple[float, float] = (1e-11, 1e-11),
    shape: tuple[int, int] | None = None,
    kind: int = 0x4122,
) -> Path:
    """Write a TIA series of frames (N, H, W); step_m is (y, x); shape may be a lie."""
    count = len(frames)
    head = struct.pack("<hhhiiii", 0x4949, 0x0197, 0x0210, kind, 0x4152, count, count)
    offset_array = len(head) + 4 + 4
    start = offset_array + 8 * count
    rows, columns = shape or frames.shape[1:]
    elements = [
        struct.pack("<ddiddi", 0, step_m[1], 0, 0, step_m[0], 0)
        + struct.pack("<hii", SER_TYPES[frames.dtype.name], columns, rows)
        # TIA stores the lowest row first.
        + frame[::-1].tobytes()
        for frame in frames
    ]
    offsets = [start + n * len(elements[0]) for n in range(count)]
    end = start + sum(len(element) for element in elements)
    tags = [end + 8 * n for n in range(count)]
    path.write_bytes(
        head
        + struct.pack("<ii", offset_array, 0)
        + struct.pack(f"<{2 * count}i", *offsets, *tags)
        + b"".join(elements)
        + struct.pack("<hhi", 0x4152, 0, 0) * count
    )
    return path


def write_tiff_header(path: Path, rows: int, columns: int) -> Path:
    """Write a TIFF whose only strip is 8 bytes long, whatever its size claims to be."""
    entries = [
        (256, 4, 1, columns), (257, 4, 1, rows), (258, 3, 1, 16), (259, 3, 1, 1), (262, 3, 1, 1),
        (273, 4, 1, 200), (277, 3, 1, 1), (278, 4, 1, rows), (279, 4, 1, 8),
    ]  # fmt: skip
    directory = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", *entry) for entry in entries
    )
    path.write_bytes((b"II*\0" + struct.pack("<I", 8) + directory + bytes(4)).ljust(208, b"\0"))
    return path


def write_png_header(path: Path, rows: int, columns: int) -> Path:
    """Write a PNG of one short piece of data, whatever its size claims to be."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", columns, rows, 16, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(100)))
        + chunk(b"IEND", b"")
    )
    return path
