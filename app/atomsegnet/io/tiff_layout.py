"""Walk a TIFF file's directories and see that all they point at is inside the file.

tifffile passes over a directory or a tag that lies past the end, so a cut file would be read with
fewer frames, or without its pixel size.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

from atomsegnet.core.errors import ReadError

# Bytes of one value of each TIFF type: TIFF 6.0 (Adobe, 1992), page 15, and BigTIFF for 16 to 18.
_BYTES_OF_TYPE = {
    1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4,
    16: 8, 17: 8, 18: 8,
}  # fmt: skip


class _Dialect(NamedTuple):
    """How numbers are laid out in the file: classic TIFF or BigTIFF, either byte order."""

    first: int  # where the offset of the first directory stands
    number: struct.Struct  # of entries
    entry: struct.Struct  # tag, type, number of values, value or its offset
    offset: struct.Struct


def check_tiff_layout(path: Path) -> None:
    """Raise ReadError if a directory or a tag lies past the file's end, or they go in a circle."""
    size = path.stat().st_size
    with path.open("rb") as file:
        dialect = _dialect(file.read(16))
        where = _unpack(path, file, dialect.first, dialect.offset)[0]
        if where == 0:
            raise ReadError(path, "is a TIFF file without an image")
        seen: set[int] = set()
        while where:
            if where in seen:
                raise ReadError(path, "is damaged, its list of images goes in a circle")
            seen.add(where)
            where = _check_directory(path, file, dialect, where, size)


def _dialect(head: bytes) -> _Dialect:
    order = "<" if head[:2] == b"II" else ">"
    if b"+" in head[2:4]:
        return _Dialect(8, *(struct.Struct(order + form) for form in ("Q", "HHQQ", "Q")))
    return _Dialect(4, *(struct.Struct(order + form) for form in ("H", "HHII", "I")))


def _check_directory(path: Path, file: BinaryIO, dialect: _Dialect, where: int, size: int) -> int:
    """Check one directory and return where the next one starts; 0 after the last."""
    count = _unpack(path, file, where, dialect.number)[0]
    start = where + dialect.number.size
    end = start + count * dialect.entry.size
    if end + dialect.offset.size > size:
        raise ReadError(path, "is cut, a list of its tags lies past the end of the file")
    file.seek(start)
    for entry in dialect.entry.iter_unpack(file.read(end - start)):
        _tag, kind, number, value = entry
        length = _BYTES_OF_TYPE.get(kind, 0) * number
        if length > dialect.offset.size and value + length > size:
            raise ReadError(path, "is cut, one of its tags lies past the end of the file")
    return int(_unpack(path, file, end, dialect.offset)[0])


def _unpack(path: Path, file: BinaryIO, where: int, form: struct.Struct) -> tuple[int, ...]:
    file.seek(where)
    found = file.read(form.size)
    if len(found) < form.size:
        raise ReadError(path, "is cut, a list of its tags lies past the end of the file")
    return form.unpack(found)
