"""How intensities are brought to the range that the networks know, and back."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from atomsegnet.nn.registry import Output

# What weights files call it, so that another one is not taken for this one.
NORMALIZATION = "flattened-std"
# The window whose mean is taken off around every pixel: the standard deviation of a Gaussian [px].
# Columns are some six pixels wide; it leaves them and takes off steps and slopes of the background,
# which may be much stronger.
OFFSET_SIGMA_PX = 10.0
# The standard deviation of a large image is taken over a window of the size of a training image: a
# Gaussian whose variance is that of a square of 128 px, 128 / sqrt(12) [px].
WINDOW_SIGMA_PX = 37.0
# Means are computed on an image shrunk so far that their Gaussian still has this width [px].
SHRUNK_SIGMA_PX = 4.0
# The local standard deviation is never taken lower than this part of the whole image's, so that an
# area of equal pixels stays what it is.
LOWEST_CONTRAST = 1e-3


@dataclass(frozen=True, eq=False)
class Scale:
    """Offset and gain of an image [intensity], each a number or a map."""

    offset: Tensor
    gain: Tensor

    def normalized(self, image: Tensor) -> Tensor:
        """Return the image with local mean 0 and standard deviation 1."""
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
    """Return offset and gain of an image of training: one gain for all of it.

    Parameters
    ----------
    image : Tensor, shape (1, 1, H, W)
        On the network's grid, with some contrast.
    """
    offset = window_mean(image, OFFSET_SIGMA_PX)
    return Scale(offset, (image - offset).std().clamp(min=1e-12))


def local_scale_of(image: Tensor) -> Scale:
    """Return offset and gain around every pixel of an image with some contrast.

    Parameters
    ----------
    image : Tensor, shape (1, 1, H, W)
        On the network's grid.
    """
    mean, contrast = image.mean(), image.std().clamp(min=1e-12)
    centered = (image - mean) / contrast
    offset = window_mean(centered, OFFSET_SIGMA_PX)
    square = window_mean((centered - offset) ** 2, WINDOW_SIGMA_PX)
    deviation = torch.sqrt(square.clamp(min=LOWEST_CONTRAST**2))
    return Scale(mean + offset * contrast, deviation * contrast)


def window_mean(image: Tensor, sigma_px: float) -> Tensor:
    """Return the mean around every pixel; beyond the border nothing counts.

    Parameters
    ----------
    image : Tensor, shape (1, 1, H, W)
        An image.
    sigma_px : float
        Standard deviation of the Gaussian window [px].
    """
    functional = torch.nn.functional
    height, width = image.shape[-2:]
    shrink = max(1, int(sigma_px / SHRUNK_SIGMA_PX))
    current = functional.avg_pool2d(image, shrink, ceil_mode=True)
    for axis in (2, 3):
        current = _smooth(current, sigma_px / shrink, axis)
    mean: Tensor = functional.interpolate(
        current, scale_factor=shrink, mode="bilinear", align_corners=False
    )
    return mean[..., :height, :width]


def _smooth(image: Tensor, sigma_px: float, axis: int) -> Tensor:
    """Average along one axis with Gaussian weights; beyond the border nothing counts."""
    reach = max(1, round(3 * sigma_px))
    steps = torch.arange(-reach, reach + 1, device=image.device, dtype=image.dtype)
    shape, padding = [1, 1, 1, 1], [0, 0]
    shape[axis], padding[axis - 2] = len(steps), reach
    kernel = torch.exp(-(steps**2) / (2 * sigma_px**2)).reshape(shape)
    total = torch.nn.functional.conv2d(image, kernel, padding=padding)
    return total / torch.nn.functional.conv2d(torch.ones_like(image), kernel, padding=padding)
