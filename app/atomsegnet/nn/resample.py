"""The one way in which images change their sampling, in training and in use."""

from __future__ import annotations

import torch
from torch import Tensor


def resample(image: Tensor, shape: tuple[int, int]) -> Tensor:
    """Resample images, (B, 1, H, W) -> (B, 1, *shape): bicubic, antialiased when shrinking.

    Pixel centers are aligned: position p becomes (p + 1/2) * factor - 1/2.
    """
    if image.shape[-2:] == torch.Size(shape):
        return image
    return torch.nn.functional.interpolate(
        image, size=shape, mode="bicubic", align_corners=False, antialias=True
    )
