"""What training makes small."""

from __future__ import annotations

import torch
from torch import Tensor

# Mean square error below which a restored image counts as perfect, in units of the variance of
# the input.
PERFECT_ERROR = 1e-4
# Pixels of a map above this belong to a column; there the network says how wide the columns are.
INSIDE_COLUMN = 0.3
# Weight of an error of one octave of that width beside the error of the map.
WIDTH_WEIGHT = 0.02


def map_error(output: Tensor, target: Tensor, weight: Tensor, octaves: Tensor) -> Tensor:
    """Return the error of a map and of the column width that comes with it.

    Parameters
    ----------
    output : Tensor, shape (B, 2, H, W)
        The map, and log2 of the column width over the width that the network works at.
    target, weight : Tensor, shape (B, 1, H, W)
        As for `modified_chi_square`.
    octaves : Tensor, shape (B,)
        True column width as such a logarithm; it counts inside of columns alone.
    """
    inside = (target > INSIDE_COLUMN).float()
    deviation = (output[:, 1:] - octaves[:, None, None, None]).abs()
    width_error = (inside * deviation).sum() / inside.sum().clamp(min=1)
    return modified_chi_square(output[:, :1], target, weight) + WIDTH_WEIGHT * width_error


def modified_chi_square(output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the paper's loss for maps and masks, the mean over all pixels.

    (I - I_gt)^2 / (I_gt + max(I_gt) / 10): Lin et al., Sci. Rep. 11, 5386 (2021),
    doi 10.1038/s41598-021-84499-w, section *Loss function and training strategy*. Targets reach
    from 0 to 1, so max(I_gt) is 1, also for a frame without columns.

    Parameters
    ----------
    output, target, weight : Tensor, shape (B, 1, H, W)
        The weight is 0 where the target is not known.
    """
    return (weight * (output - target) ** 2 / (target + 0.1)).mean()


def mean_log_error(output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the mean over images of the logarithm of their mean square error.

    The negative peak signal-to-noise ratio up to constants, so that each image counts alike
    whatever its noise.

    Parameters
    ----------
    output, target, weight : Tensor, shape (B, 1, H, W)
        The weight is 0 where the input holds no image.
    """
    pixels = weight.sum(dim=(1, 2, 3)).clamp(min=1)
    error = (weight * (output - target) ** 2).sum(dim=(1, 2, 3)) / pixels
    return torch.log10(error + PERFECT_ERROR).mean()
