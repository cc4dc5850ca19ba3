"""How intensities are brought to the range that the networks know, and back."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from atomsegnet.nn.registry import Output

NORMALIZATION = "mean-std"


@dataclass(frozen=True)
class Scale:
    """Offset and gain of an image: mean and standard deviation [intensity]."""

    offset: float
    gain: float

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
    """Return offset and gain of an image with some contrast."""
    return Scale(float(image.mean()), max(float(image.std()), 1e-12))
