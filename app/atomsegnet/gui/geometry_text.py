"""Sizes and places of a window as text for the settings file."""

from __future__ import annotations

from PySide6.QtCore import QByteArray


def as_text(data: QByteArray) -> str:
    """Return what Qt saved as Base64."""
    return bytes(data.toBase64().data()).decode("ascii")


def from_text(text: str) -> QByteArray:
    """Return what `as_text` made of it; nonsense gives what Qt refuses."""
    return QByteArray.fromBase64(QByteArray(text.encode("ascii", errors="replace")))
