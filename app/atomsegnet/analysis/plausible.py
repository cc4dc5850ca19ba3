"""Which of the found columns the raw image does not bear out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atomsegnet.core.columns import Columns

# Methods that give standard errors.
METHODS_THAT_FIT = ("gaussian-2d", "poisson-ml")

# A column whose peak could not be fitted counts only if the network is at least this sure of it.
SURE_WITHOUT_FIT = 0.8
# A column is faint below this part of the median height, and lonely if its second neighbor is
# farther away than so many times the median distance of second neighbors. Specks of dirt and single
# atoms on the support are both; the rim of a crystal is only faint, a dopant only lonely.
FAINT = 0.45
LONELY = 1.7
# Fewer columns than this have no usual height and distance.
FEWEST_COLUMNS = 30


def is_plausible(columns: Columns) -> npt.NDArray[np.bool_]:
    """Return which columns the raw image bears out, shape (N,).

    Left out are columns inside the image where no peak could be fitted and the network was not sure
    either, and faint ones far from all others.

    Parameters
    ----------
    columns : Columns
        As measured; only the methods that fit have standard errors, unless the fit failed.
    """
    kept = np.ones(len(columns), dtype=bool)
    if columns.method in METHODS_THAT_FIT:
        failed = np.isnan(columns.sigmas).any(axis=1)
        kept = ~failed | columns.is_edge | (columns.confidence >= SURE_WITHOUT_FIT)
    if kept.sum() >= FEWEST_COLUMNS:
        kept[np.flatnonzero(kept)[_is_faint_and_lonely(columns.select(kept))]] = False
    return kept


def _is_faint_and_lonely(columns: Columns) -> npt.NDArray[np.bool_]:
    from scipy.spatial import cKDTree

    distance = cKDTree(columns.positions).query(columns.positions, k=3)[0][:, 2]
    is_faint = columns.amplitude < FAINT * np.median(columns.amplitude)
    return np.asarray(is_faint & (distance > LONELY * np.median(distance)))
