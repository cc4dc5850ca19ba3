"""Which of the found columns the raw image does not bear out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atomsegnet.core.columns import Columns

# Methods that give standard errors.
METHODS_THAT_FIT = ("gaussian-2d", "poisson-ml", "poisson-ml-lines")

# A column whose peak could not be fitted counts only if the network is at least this sure of it.
SURE_WITHOUT_FIT = 0.8
# A column is faint below this part of the median height, and lonely if its second neighbor is
# farther away than so many times the median distance of second neighbors. Specks of dirt and single
# atoms on the support are both; the rim of a crystal is only faint, a dopant only lonely.
FAINT = 0.45
LONELY = 1.7
# Fewer columns than this have no usual height and distance.
FEWEST_COLUMNS = 30

# Of a column by itself the network must be at least this sure; a crystal has many such columns even
# where the noise is strong. Films, steps and noise make some of which it is less sure.
SURE = 0.95
# A column with so many others (at the border one less) within this many widths is not by itself.
COMPANY = 3
COMPANY_IN_WIDTHS = 6.0
# A crystal in which the network is sure of no column has places with so many columns as near, and
# so many columns in all.
DENSE = 6
DENSE_IN_ALL = 40
# Whether it is sure of one is asked of so many columns around.
AROUND = 80


def is_plausible(columns: Columns) -> npt.NDArray[np.bool_]:
    """Return which columns the raw image bears out, shape (N,).

    Left out are columns inside the image where no peak could be fitted and the network was not sure
    either, faint ones far from all others, and those of which the network was not sure where there
    is no crystal around them.

    Parameters
    ----------
    columns : Columns
        As measured; only the methods that fit have standard errors, unless the fit failed.
    """
    kept = np.ones(len(columns), dtype=bool)
    if columns.method in METHODS_THAT_FIT:
        failed = np.isnan(columns.sigmas).any(axis=1)
        kept = ~failed | columns.is_edge | (columns.confidence >= SURE_WITHOUT_FIT)
    if kept.any():
        kept[kept] = _is_sure_or_in_crystal(columns.select(kept))
    if kept.sum() >= FEWEST_COLUMNS:
        kept[kept] = ~_is_faint_and_lonely(columns.select(kept))
    return kept


def _is_sure_or_in_crystal(columns: Columns) -> npt.NDArray[np.bool_]:
    from scipy.spatial import cKDTree

    tree = cKDTree(columns.positions)
    reach = COMPANY_IN_WIDTHS * float(np.median(columns.width))
    company = tree.query_ball_point(columns.positions, reach, return_length=True) - 1
    around = tree.query(columns.positions, k=np.arange(1, min(AROUND, len(columns)) + 1))[1]
    surest = columns.confidence[around].max(axis=1)
    is_dense = (company >= DENSE) & (len(columns) >= DENSE_IN_ALL)
    in_crystal = (company >= COMPANY - columns.is_edge) & (
        (surest >= SURE) | is_dense[around].any(axis=1)
    )
    return np.asarray(in_crystal | (columns.confidence >= SURE))


def _is_faint_and_lonely(columns: Columns) -> npt.NDArray[np.bool_]:
    from scipy.spatial import cKDTree

    distance = cKDTree(columns.positions).query(columns.positions, k=3)[0][:, 2]
    is_faint = columns.amplitude < FAINT * np.median(columns.amplitude)
    return np.asarray(is_faint & (distance > LONELY * np.median(distance)))
