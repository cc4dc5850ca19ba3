"""The network: an encoder-decoder U-Net after Ronneberger et al. (2015).

arXiv 1505.04597; as in Lin et al. (2021), doi 10.1038/s41598-021-84499-w, Fig. 4: two 3x3
convolutions with ReLU on each level, 2x2 max pooling, up-convolution, concatenation.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


@dataclass(frozen=True)
class Architecture:
    """Shape of the network.

    Attributes
    ----------
    widths : tuple of int
        Channels of each level, from full resolution downwards.
    residual : bool
        Whether the network's output is added to its input.
    fold : int
        Side of the square of pixels that the first level takes as channels of one; 1 for none.
        Columns are some six pixels wide, so that half of the sampling still shows them, and wider
        levels on fewer pixels are faster and know more (docs/networks.md).
    outputs : int
        Channels of the answer.
    """

    widths: tuple[int, ...] = (32, 64, 128, 256)
    residual: bool = False
    fold: int = 2
    outputs: int = 1

    @property
    def alignment(self) -> int:
        """Height and width of an input are multiples of this [px]."""
        return self.fold << (len(self.widths) - 1)

    @property
    def reach_px(self) -> int:
        """Farthest input pixel that an output pixel sees [px]."""
        levels = len(self.widths)
        encoder = sum(3 * (1 << level) - 1 for level in range(levels))
        decoder = sum(3 * (1 << level) for level in range(levels - 1))
        return self.fold * (encoder + decoder + 1) - 1


def _level(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class UNet(nn.Module):
    """The network; (B, 1, H, W) -> (B, outputs, H, W), H and W multiples of the alignment."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        widths, pixels = architecture.widths, architecture.fold**2
        self.architecture = architecture
        self.encoder = nn.ModuleList(
            _level(inputs, outputs)
            for inputs, outputs in zip((pixels, *widths[:-1]), widths, strict=True)
        )
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(lower, upper, 2, stride=2) for upper, lower in pairwise(widths)
        )
        self.decoder = nn.ModuleList(_level(2 * width, width) for width in widths[:-1])
        self.pool = nn.MaxPool2d(2)
        self.last = nn.Conv2d(widths[0], pixels * architecture.outputs, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Return the output for normalized images, shape (B, outputs, H, W)."""
        features = []
        current = nn.functional.pixel_unshuffle(image, self.architecture.fold)
        for index, level in enumerate(self.encoder):
            current = level(current if index == 0 else self.pool(current))
            features.append(current)
        for index in reversed(range(len(self.up))):
            raised = self.up[index](current)
            current = self.decoder[index](torch.cat([features[index], raised], dim=1))
        # In bfloat16 neighboring pixels of a map would often tie.
        with torch.autocast(current.device.type, enabled=False):
            folded = self.last(current.float())
        output: Tensor = nn.functional.pixel_shuffle(folded, self.architecture.fold)
        return image.float() + output if self.architecture.residual else output


def for_inference(network: UNet) -> UNet:
    """Return a copy that answers the same and faster: normalization folded into convolutions."""
    ready = copy.deepcopy(network).eval()
    for levels in (ready.encoder, ready.decoder):
        for index, level in enumerate(levels):
            parts = list(level.children())
            levels[index] = nn.Sequential(
                _fused(parts[0], parts[1]),
                nn.ReLU(inplace=True),
                _fused(parts[3], parts[4]),
                nn.ReLU(inplace=True),
            )
    return ready


def _fused(convolution: nn.Module, norm: nn.Module) -> nn.Conv2d:
    if not isinstance(convolution, nn.Conv2d) or not isinstance(norm, nn.BatchNorm2d):
        raise TypeError("a level is made of convolution, normalization, ReLU, twice")
    return fuse_conv_bn_eval(convolution, norm)
