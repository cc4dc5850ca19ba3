"""How numbers are written in the window."""

from __future__ import annotations

from decimal import Decimal

# Beyond these a row of zeros would be harder to read than a power of ten.
_PLAIN = (1e-4, 1e9)


def number_text(number: float, digits: int = 6) -> str:
    """Write a number with so many significant digits, without a power of ten where it is short."""
    short = f"{number:.{digits}g}"
    is_plain = number == 0 or _PLAIN[0] <= abs(number) < _PLAIN[1]
    # Decimal writes the digits that are there; a float would bring its rounding errors along.
    return format(Decimal(short), "f") if is_plain else short
