"""How intensities are brought to the range that the networks know, and back."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from atomsegnet.nn.registry import Output

NORMALIZATION = "mean-std"
# Mean and standard deviation of a large image are taken over a window of the size of a training
# image: a Gaussian whose variance is that of a square of 128 px, 128 / sqrt(12) [px].
WINDOW_SIGMA_PX = 37.0
# Local means are computed on an image shrunk by this factor; they vary slowly.
SHRINK = 8
# The local standard deviation is never taken lower than this part of the whole image's, so that an
# area of equal pixels stays what it is.
LOWEST_CONTRAST = 1e-3


@dataclass(frozen=True, eq=False)
class Scale:
    """Offset and gain of an image: mean and standard deviation [intensity], or maps of them."""

    offset: Tensor
    gain: Tensor

    def normalized(self, image: Tensor) -> Tensor:
        """Return the image with mean 0 and standard deviation 1."""
        return (image - self.offset) / self.gain

    def normalized_target(self, target: Tensor, output: Output) -> Tensor:
        """Return a label as the network shall answer it."""
        if output is Output.INTENSITY:
            return (target - self.offset) / self.gain
        return target / self.gain if output is Output.SIGNAL else target

    def restored(self, answer: Tensor, output: Output) -> Tensor:
        """Return the network's answer on the intensity scale of the image, or in [0, 1]."""
        if output is Output.INTENSITY:
            return answer * self.gain + self.offset
        return answer * self.gain if output is Output.SIGNAL else answer.clamp(0, 1)


def scale_of(image: Tensor) -> Scale:
    """Return offset and gain of a whole image with some contrast."""
    return Scale(image.mean(), image.std().clamp(min=1e-12))


def local_scale_of(image: Tensor) -> Scale:
    """Return offset and gain around every pixel of an image with some contrast.

    Parameters
    ----------
    image : Tensor, shape (1, 1, H, W)
        On the network's grid.
    """
    whole = scale_of(image)
    centered = whole.normalized(image)
    small_mean, small_square = (_window_mean(part) for part in (centered, centered**2))
    deviation = torch.sqrt((small_square - small_mean**2).clamp(min=LOWEST_CONTRAST**2))
    mean, deviation = (
        torch.nn.functional.interpolate(
            part, size=image.shape[-2:], mode="bilinear", align_corners=False
        )
        for part in (small_mean, deviation)
    )
    return Scale(whole.offset + mean * whole.gain, deviation * whole.gain)


def _window_mean(image: Tensor) -> Tensor:
    """Return the mean in a Gaussian window, on a grid shrunk by about `SHRINK`."""
    rows, columns = (max(1, round(n / SHRINK)) for n in image.shape[-2:])
    current = torch.nn.functional.adaptive_avg_pool2d(image, (rows, columns))
    for axis in (2, 3):
        sigma = WINDOW_SIGMA_PX * current.shape[axis] / image.shape[axis]
        current = _smooth(current, sigma, axis)
    return current


def _smooth(image: Tensor, sigma_px: float, axis: int) -> Tensor:
    """Average along one axis with Gaussian weights; beyond the border nothing counts."""
    position = torch.arange(image.shape[axis], device=image.device, dtype=image.dtype)
    weight = torch.exp(-((position[:, None] - position[None, :]) ** 2) / (2 * sigma_px**2))
    weight = weight / weight.sum(dim=1, keepdim=True)
    averaged: Tensor = torch.tensordot(image, weight, dims=([axis], [1]))
    return averaged.movedim(-1, axis)
