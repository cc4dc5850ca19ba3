"""A folder of arrays that are written once and never changed."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from atomsegnet.core.columns import Columns

AnyArray = npt.NDArray[Any]

_SINGLE_FIELDS = (
    "amplitude", "width", "background", "integrated_intensity", "confidence", "is_edge",
)  # fmt: skip


class ArrayFolder:
    """Gives arrays names, and remembers which ones it has written or read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # By identity; the array is kept so that no other one takes its place.
        self._names: dict[int, tuple[AnyArray, str]] = {}

    def name_of(self, array: AnyArray) -> str:
        """Return the name of an array, which is written first if it is new.

        Raises
        ------
        OSError
            It cannot be written.
        """
        name = self._known(array)
        if name is None:
            name = f"{uuid.uuid4().hex}.npy"
            np.save(self._folder / name, array, allow_pickle=False)
            self._names[id(array)] = (array, name)
        return name

    def _known(self, array: AnyArray) -> str | None:
        """Return the name of an array that is there; another window may have deleted it."""
        kept = self._names.get(id(array))
        return kept[1] if kept is not None and (self._folder / kept[1]).is_file() else None

    def columns_name(self, columns: Columns) -> str:
        """Return the name of columns, kept as one table."""
        # Every edit makes the positions anew.
        known = self._known(columns.positions)
        if known is not None:
            return known
        single = [getattr(columns, name) for name in _SINGLE_FIELDS]
        name = self.name_of(np.column_stack([columns.positions, columns.sigmas, *single]))
        self._names[id(columns.positions)] = (columns.positions, name)
        return name

    def load(self, name: str) -> AnyArray:
        """Return the array of a name; the same one each time.

        Raises
        ------
        OSError, ValueError
            It is not there, or damaged.
        """
        for array, known in self._names.values():
            if known == name:
                return array
        loaded: AnyArray = np.load(self._folder / Path(name).name, allow_pickle=False)
        self._names[id(loaded)] = (loaded, name)
        return loaded

    def load_columns(self, name: str, method: str) -> Columns:
        """Return the columns of a name, as `load` does."""
        table = self.load(name)
        if table.ndim != 2 or table.shape[1] != 4 + len(_SINGLE_FIELDS):
            raise ValueError(f"{name} is no table of columns")
        single = dict(zip(_SINGLE_FIELDS, table[:, 4:].T.copy(), strict=True))
        is_edge = single.pop("is_edge").astype(bool)
        positions = table[:, :2].copy()
        self._names[id(positions)] = (positions, name)
        return Columns(positions, table[:, 2:4].copy(), is_edge=is_edge, method=method, **single)

    def drop_all_but(self, wanted: set[str]) -> None:
        """Delete the arrays that nothing refers to any more."""
        self._names = {key: kept for key, kept in self._names.items() if kept[1] in wanted}
        for path in self._folder.glob("*.npy"):
            if path.name not in wanted:
                path.unlink(missing_ok=True)
