"""Which starts of a joint fit are columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.border_columns import border_distances
from atomsegnet.analysis.joint_solution import Fit

if TYPE_CHECKING:
    from atomsegnet.analysis.joint_fit import JointFit

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Number of a column that is none of the user's starts.
UNFOUND = -1

# What takes part though it is too low for a column would share the height of a column as near as
# this [widths].
_TAKES_PART_FROM_WIDTHS = 0.9

# A column beyond the border that comes as near to one in the image as this [widths] is the same.
_NEAREST_IN_WIDTHS = 0.5


def are_columns(task: JointFit, fit: Fit) -> BoolArray:
    """Return which starts are columns, those beyond the border included, shape (N,).

    Near the border height and distance of what lies beyond it cannot be told apart, so that there
    the height counts with all else known. What lies beyond stays unless it has moved into a column
    of the image: it does no harm to be in doubt.
    """
    # What the network is sure of has been told from structure already.
    is_doubtful = task.significant > task.significant.min()
    return _are_as_high(task, fit, task.significant * np.where(is_doubtful, fit.structure, 1))


def take_part(task: JointFit, fit: Fit) -> BoolArray:
    """Return which starts the columns cannot be fitted without, themselves included, shape (N,)."""
    from scipy.spatial import cKDTree

    columns = are_columns(task, fit)
    if not columns.any():
        return columns
    positions = fit.solution.peaks.positions
    distance, _ = cKDTree(positions[columns]).query(positions)
    is_apart = distance > _TAKES_PART_FROM_WIDTHS * task.scene.field.width_px
    return np.asarray(columns | (is_apart & _are_as_high(task, fit, task.taking_part)))


def are_apart(task: JointFit, positions: FloatArray, found: BoolArray) -> BoolArray:
    """Return which positions (N, 2) are the user's, or stay away from the `found` ones, (N,)."""
    from scipy.spatial import cKDTree

    if not found.any():
        return np.ones(task.count, dtype=bool)
    distance, _ = cKDTree(positions[found]).query(positions)
    return np.asarray(task.is_own | (distance > _NEAREST_IN_WIDTHS * task.scene.field.width_px))


def _are_as_high(task: JointFit, fit: Fit, limits: FloatArray) -> BoolArray:
    """Return which reach limits (N,) and are no other column once more."""
    width = task.scene.field.width_px
    positions, heights = fit.solution.peaks.positions, fit.solution.peaks.heights
    is_near_border = border_distances(positions, task.scene.image.shape) < width
    errors = np.where(is_near_border, fit.height_errors, fit.errors[:, 3])
    is_high = ~task.is_own | (heights > limits * errors)
    is_high &= _are_highest(task, positions, heights)
    return is_high & are_apart(task, positions, task.is_own & is_high)


def _are_highest(task: JointFit, positions: FloatArray, heights: FloatArray) -> BoolArray:
    """Return all but the lower one of two as good as on one spot, one of them just found."""
    from scipy.spatial import cKDTree

    highest = np.ones(task.count, dtype=bool)
    nearest = _NEAREST_IN_WIDTHS * task.scene.field.width_px
    pairs = cKDTree(positions).query_pairs(nearest, output_type="ndarray")
    pairs = pairs[(task.number[pairs] == UNFOUND).any(axis=1)]
    first, second = pairs.T
    highest[np.where(heights[first] < heights[second], first, second)] = False
    return highest
