"""What the window tells its user."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Mood(Enum):
    """How serious a message is."""

    NEWS = "news"
    PROBLEM = "problem"


class Message(NamedTuple):
    """One sentence for the user, with details that are folded away."""

    text: str
    mood: Mood = Mood.NEWS
    details: str = ""
