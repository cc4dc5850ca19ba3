"""Add, replace and drop columns; what was there stays as it is."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from atomsegnet.core.columns import Columns

Indices = npt.NDArray[np.intp]


def with_added(columns: Columns, more: Columns) -> Columns:
    """Return all of both, ``more`` last; the method stays that of ``columns``."""
    changes: dict[str, Any] = {
        item.name: np.concatenate([getattr(columns, item.name), getattr(more, item.name)])
        for item in fields(columns)
        if item.name != "method"
    }
    return replace(columns, **changes)


def with_replaced(columns: Columns, index: int, single: Columns) -> Columns:
    """Return the columns with a single other one in the place of the one at ``index``."""
    order = np.arange(len(columns))
    order[index] = len(columns)
    return with_added(columns, single).select(order)


def without(columns: Columns, indices: Indices) -> Columns:
    """Return the columns but for those at ``indices``."""
    is_kept = np.ones(len(columns), dtype=bool)
    is_kept[indices] = False
    return columns.select(is_kept)


def counted(count: int) -> str:
    """Name a number of columns: "a column", "3 columns"."""
    return "a column" if count == 1 else f"{count} columns"
