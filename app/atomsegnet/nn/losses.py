"""What training makes small."""

from __future__ import annotations

import torch
from torch import Tensor

# Mean square error below which a restored image counts as perfect, in units of the variance of
# the input.
PERFECT_ERROR = 1e-4


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
    whatever its noise. `weight` is not used: a restored image is right or wrong everywhere.
    """
    del weight
    error = ((output - target) ** 2).mean(dim=(1, 2, 3))
    return torch.log10(error + PERFECT_ERROR).mean()
