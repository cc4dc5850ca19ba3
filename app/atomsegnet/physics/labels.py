"""Columns -> target maps, computed exactly from their sub-pixel positions."""

from __future__ import annotations

import math

import torch
from torch import Tensor

# A Gaussian map has this standard deviation in units of the column's full width at half maximum,
# but never below one pixel, so that the target is sampled.
MAP_SIGMA_PER_WIDTH = 0.2
MINIMUM_MAP_SIGMA_PX = 1.0

# A disc of the small mask has half the column's full width at half maximum, but never less than two
# pixels, so that neighbors that touch in the other mask are apart in this one.
SMALL_MASK_PER_WIDTH = 0.5
MINIMUM_SMALL_MASK_PX = 2.0


def map_sigma_px(width_px: float) -> float:
    """Return the standard deviation of a Gaussian-map peak for columns of this width [px]."""
    return max(MINIMUM_MAP_SIGMA_PX, MAP_SIGMA_PER_WIDTH * width_px)


def small_mask_diameter_px(width_px: float) -> float:
    """Return the diameter of a disc of the small mask for columns of this width [px]."""
    return max(MINIMUM_SMALL_MASK_PX, SMALL_MASK_PER_WIDTH * width_px)


def nearest_distance(positions: Tensor, size: int, reach_px: float) -> Tensor:
    """Return the distance of every pixel to the nearest position, up to about `reach_px`.

    Parameters
    ----------
    positions : Tensor, shape (N, 2)
        (row, column) [px].
    size : int
        Side of the square grid [px].
    reach_px : float
        Pixels farther away than this from every position get infinity [px].

    Returns
    -------
    Tensor, shape (size, size)
        Distances [px].
    """
    device = positions.device
    reach = math.ceil(reach_px)
    # A margin takes what lies beyond the border, so that no pixel needs to be asked.
    side = size + 4 * reach
    center = torch.round(positions)
    near = ((center >= -reach) & (center < size + reach)).all(dim=1)
    center, positions = center[near], positions[near]
    offset = torch.arange(-reach, reach + 1, device=device)
    squares = ((center - positions)[..., None] + offset) ** 2
    index = center.long()[..., None] + (offset + 2 * reach)
    distance = squares[:, 0, :, None] + squares[:, 1, None, :]
    places = (index[:, 0] * side)[:, :, None] + index[:, 1, None, :]
    nearest = torch.full((side * side,), math.inf, device=device)
    nearest.scatter_reduce_(0, places.flatten(), distance.flatten().float(), "amin")
    kept = slice(2 * reach, 2 * reach + size)
    return torch.sqrt(nearest.reshape(side, side)[kept, kept])


def gaussian_map(distance: Tensor, sigma_px: float) -> Tensor:
    """Return exp(-d^2 / (2 sigma^2)) of the distance [px] to the nearest column, 0 to 1."""
    return torch.exp(-(distance**2) / (2 * sigma_px**2))


def disc_mask(distance: Tensor, diameter_px: float) -> Tensor:
    """Return a disc around each column, 0 to 1; a pixel on the rim counts by its share."""
    return (diameter_px / 2 - distance + 0.5).clamp(0, 1)
