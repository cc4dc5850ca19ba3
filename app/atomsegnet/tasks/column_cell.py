"""The columns of an image as a crystal: their arrangement, repeated in all directions."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from atomsegnet.core.errors import ReadError
from atomsegnet.io.columns_csv import read_columns_csv
from atomsegnet.physics.structure import ProjectedCell

# With fewer there is no arrangement to learn from.
FEWEST_COLUMNS = 20
# What stands for the width of a column where the table has no pixel size [nm].
_USUAL_WIDTH_NM = 0.1
# Columns nearer than this part of the usual distance do not occur where repeats meet.
_NEAREST_PART = 0.7


def cell_of_columns(path: Path) -> ProjectedCell:
    """Return the columns of a table as one large plane cell.

    No lattice is sought: the measured positions repeat with the frame that holds them, so that
    defects and two phases are learnt as they are, and rows need not fit where repeats meet. The
    signal of a column is its measured height; negative ones count as weak.

    Parameters
    ----------
    path : Path
        A table that `export_columns` wrote.

    Raises
    ------
    ReadError
        It cannot be read, or holds fewer than `FEWEST_COLUMNS` columns.
    """
    from scipy.spatial import cKDTree

    columns, provenance = read_columns_csv(path)
    if len(columns) < FEWEST_COLUMNS:
        raise ReadError(path, f"holds {len(columns)} columns; {FEWEST_COLUMNS} are needed")
    size = provenance.pixel_size_nm
    if size is None:
        pixel = np.full(2, _USUAL_WIDTH_NM / float(np.nanmedian(columns.width)))
    else:
        pixel = np.array([size.y, size.x])
    positions = columns.positions * pixel
    spacing = float(np.median(cKDTree(positions).query(positions, k=2)[0][:, 1]))
    first = positions.min(axis=0) - spacing / 2
    frame = positions.max(axis=0) + spacing / 2 - first
    kept = _apart(positions - first, frame, _NEAREST_PART * spacing)
    height = np.nan_to_num(columns.amplitude[kept], nan=0.0)
    strongest = float(np.percentile(height, 99))
    return ProjectedCell(
        name=f"columns of {provenance.input_name or path.stem}",
        vectors_nm=np.diag(frame),
        positions_nm=(positions - first)[kept],
        species=({},) * int(np.count_nonzero(kept)),
        repeat_nm=1.0,
        measured=np.clip(height / max(strongest, 1e-30), 0.02, 1.0),
    )


def _apart(
    positions: np.typing.NDArray[np.float64],
    frame: np.typing.NDArray[np.float64],
    nearest: float,
) -> np.typing.NDArray[np.bool_]:
    """Return which columns stay when of any two that are too close across a border one goes."""
    from scipy.spatial import cKDTree

    kept = np.ones(len(positions), dtype=bool)
    tree = cKDTree(np.mod(positions, frame), boxsize=frame)
    for first, second in sorted(tree.query_pairs(nearest)):
        across = math.dist(positions[first], positions[second]) > nearest
        if across and kept[first]:
            kept[second] = False
    return kept
