"""Slowly varying intensity that is no column: slopes, steps, blobs, waves, speckle."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Background:
    """A background as a sum of simple functions of the position u, v in [0, 1].

    Attributes
    ----------
    level : float
        Constant.
    polynomial : ndarray, shape (5,)
        Coefficients of x, y, x^2, x y, y^2, where x and y run from -1 to 1.
    blobs : ndarray, shape (k, 4)
        Row, column, sigma [of the field] and height of Gaussian blobs.
    waves : ndarray, shape (k, 4)
        Row and column frequency [cycles per field], phase [rad], height.
    steps : ndarray, shape (k, 5)
        Angle [rad], offset from the center [of the field], width [of the field], height,
        waviness [of the field].
    """

    level: float
    polynomial: FloatArray
    blobs: FloatArray
    waves: FloatArray
    steps: FloatArray

    def sample(self, size: int, device: torch.device | str = "cpu") -> Tensor:
        """Return the background at the pixel centers of a grid, shape (size, size), at least 0."""
        u = (torch.arange(size, device=device) + 0.5) / size
        y, x = (2 * u - 1)[:, None], (2 * u - 1)[None, :]
        c = [float(value) for value in self.polynomial]
        total = self.level + c[0] * x + c[1] * y + c[2] * x**2 + c[3] * x * y + c[4] * y**2
        for row, column, sigma, height in self.blobs:
            profile_y = torch.exp(-((u - float(row)) ** 2) / (2 * float(sigma) ** 2))
            profile_x = torch.exp(-((u - float(column)) ** 2) / (2 * float(sigma) ** 2))
            total = total + float(height) * profile_y[:, None] * profile_x[None, :]
        for fy, fx, phase, height in self.waves:
            angle = 2 * math.pi * (float(fy) * u[:, None] + float(fx) * u[None, :]) + float(phase)
            total = total + float(height) * torch.sin(angle)
        for angle_rad, offset, width, height, waviness in self.steps:
            across = math.cos(angle_rad) * x / 2 + math.sin(angle_rad) * y / 2 - float(offset)
            along = -math.sin(angle_rad) * x / 2 + math.cos(angle_rad) * y / 2
            bent = across + float(waviness) * torch.sin(2 * math.pi * 2 * along)
            total = total + float(height) * torch.sigmoid(4 * bent / float(width))
        return total.clamp(min=0)


def draw_background(
    rng: np.random.Generator, strength: float, structured: float = 0.5
) -> Background:
    """Draw a background whose features are about `strength` high.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    strength : float
        Height of its features [intensity], at least 0.
    structured : float
        Probability of each kind of structure beyond a slope, 0 to 1.
    """
    level = strength * rng.uniform(0.05, 1.5)
    polynomial = strength * rng.normal(0, 0.25, 5) * (rng.random() < 0.7)
    blobs = np.zeros((0, 4))
    waves = np.zeros((0, 4))
    steps = np.zeros((0, 5))
    if rng.random() < structured:
        count = int(rng.integers(1, 7))
        blobs = np.stack(
            [
                rng.uniform(-0.1, 1.1, count),
                rng.uniform(-0.1, 1.1, count),
                np.exp(rng.uniform(np.log(0.06), np.log(0.4), count)),
                strength * rng.normal(0.4, 0.6, count),
            ],
            axis=1,
        )
    if rng.random() < 0.6 * structured:
        count = int(rng.integers(1, 5))
        waves = np.stack(
            [
                rng.normal(0, 2.2, count),
                rng.normal(0, 2.2, count),
                rng.uniform(0, 2 * np.pi, count),
                strength * np.abs(rng.normal(0, 0.25, count)),
            ],
            axis=1,
        )
    if rng.random() < 0.6 * structured:
        count = int(rng.integers(1, 3))
        steps = np.stack(
            [
                rng.uniform(0, 2 * np.pi, count),
                rng.uniform(-0.4, 0.4, count),
                np.exp(rng.uniform(np.log(0.01), np.log(0.3), count)),
                strength * rng.uniform(0.2, 2.5, count),
                rng.uniform(0, 0.05, count) * (rng.random(count) < 0.5),
            ],
            axis=1,
        )
    return Background(float(level), polynomial, blobs, waves, steps)


def with_step(
    background: Background, rng: np.random.Generator, line: tuple[float, float], strength: float
) -> Background:
    """Return a background with a step at a line, as where two phases meet.

    Parameters
    ----------
    background : Background
        The background without it.
    rng : Generator
        Source of randomness.
    line : tuple of float
        Angle of the normal [rad] and offset from the center [of the field].
    strength : float
        Height of the features of the background [intensity]; the step is up to three times that.
    """
    width = np.exp(rng.uniform(np.log(0.01), np.log(0.08)))
    step = [*line, width, strength * rng.uniform(0.3, 3.0), 0.0]
    return replace(background, steps=np.vstack([background.steps, step]))


def speckle(transfer: Tensor, period_area: Tensor | float, generator: torch.Generator) -> Tensor:
    """Return the spectrum of an amorphous film of unit standard deviation.

    Parameters
    ----------
    transfer : Tensor of complex, shape (M, M // 2 + 1)
        Transfer function that blurs the film.
    period_area : float
        Area of the period in the unit of the transfer function squared.
    generator : torch.Generator
        Source of randomness, on the device of the transfer function.
    """
    count = transfer.shape[0]
    white = torch.randn(count, count, generator=generator, device=transfer.device)
    spectrum = torch.fft.rfft2(white) * transfer / period_area
    spectrum[0, 0] = 0
    weight = torch.full((transfer.shape[1],), 2.0, device=transfer.device)
    weight[0] = 1.0
    variance = (spectrum.abs() ** 2 * weight).sum()
    normalized: Tensor = spectrum / torch.sqrt(variance).clamp(min=1e-12)
    return normalized
