"""How numbers are written in the window."""

from __future__ import annotations

# Beyond these a row of zeros would be harder to read than a power of ten.
_PLAIN = (1e-4, 1e9)


def number_text(number: float, digits: int = 6) -> str:
    """Write a number with so many significant digits, without a power of ten where it is short."""
    rounded = float(f"{number:.{digits}g}")
    if rounded == 0 or _PLAIN[0] <= abs(rounded) < _PLAIN[1]:
        text = f"{rounded:.12f}"
        return text.rstrip("0").rstrip(".")
    return f"{rounded:.{digits}g}"
