"""Choose columns by a short condition: "width > 5, confidence < 0.8"."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from atomsegnet.core.column_quantities import Quantity
from atomsegnet.core.errors import SettingError

Mask = npt.NDArray[np.bool_]

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_TERM = re.compile(r"\s*(\w+)\s*(<=|>=|<|>|=)\s*([-+0-9.eE]+)\s*")
_NOT = "not "


def filter_columns(text: str, quantities: Sequence[Quantity], flags: dict[str, Mask]) -> Mask:
    """Return which columns meet every part of a condition.

    Parameters
    ----------
    text : str
        Parts like "amplitude > 100", "edge" or "not edge", joined by commas or "and".
    quantities : sequence of Quantity
        What may be compared, by name.
    flags : dict of str to ndarray of bool, shape (N,)
        What is true or not, by name; at least one.

    Raises
    ------
    SettingError
        A part is no condition, or its name is not known.
    """
    values = {item.name: item.values for item in quantities}
    chosen = np.ones_like(next(iter(flags.values())))
    for part in re.split(r",|\band\b", text):
        word = part.strip()
        if word.removeprefix(_NOT) in flags:
            flag = flags[word.removeprefix(_NOT)]
            chosen &= ~flag if word.startswith(_NOT) else flag
            continue
        term = _TERM.fullmatch(part)
        if term is None:
            raise SettingError(f'"{word}" is no condition such as "width > 5" or "edge".')
        name, comparison, number = term.groups()
        if name not in values:
            raise SettingError(f'There is no "{name}"; known are {", ".join([*values, *flags])}.')
        chosen &= _COMPARISONS[comparison](values[name], _number(number))
    return chosen


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise SettingError(f'"{text}" is no number.') from error
