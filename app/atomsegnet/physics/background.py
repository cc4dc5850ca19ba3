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
        rows, columns = self._profiles(u)
        total = rows @ columns.T
        y, x = u[:, None] - 0.5, u[None, :] - 0.5
        for angle, offset, width, height, waviness in self.steps.tolist():
            sine, cosine = math.sin(angle), math.cos(angle)
            bent = cosine * x + (sine * y - offset)
            if waviness:
                bent += waviness * torch.sin(4 * math.pi * (cosine * y - sine * x))
            total += height * torch.sigmoid(bent.mul_(4 / width))
        return total.clamp_(min=0)

    def _profiles(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """Return functions of the row and of the column, shape (size, k), that make all but steps.

        What is wanted is the sum of their k products.
        """
        t = 2 * u - 1
        powers = torch.stack([torch.ones_like(t), t, t**2], dim=1)
        x, y, xx, xy, yy = self.polynomial.tolist()
        mixed = torch.tensor([[self.level, x, xx], [y, xy, 0], [yy, 0, 0]], device=u.device)
        rows, columns = [powers @ mixed], [powers]
        if len(self.blobs):
            blobs = torch.from_numpy(self.blobs).to(u.device, torch.float32)
            by_row, by_column = (
                torch.exp(-((u[:, None] - center) ** 2) / (2 * blobs[:, 2] ** 2))
                for center in (blobs[:, 0], blobs[:, 1])
            )
            rows.append(by_row * blobs[:, 3])
            columns.append(by_column)
        if len(self.waves):
            # sin(a + b) = sin(a) cos(b) + cos(a) sin(b)
            waves = torch.from_numpy(self.waves).to(u.device, torch.float32)
            across = 2 * math.pi * u[:, None] * waves[:, 0] + waves[:, 2]
            along = 2 * math.pi * u[:, None] * waves[:, 1]
            rows += [waves[:, 3] * torch.sin(across), waves[:, 3] * torch.cos(across)]
            columns += [torch.cos(along), torch.sin(along)]
        return torch.cat(rows, dim=1), torch.cat(columns, dim=1)


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


def speckle(transfer: Tensor, generator: torch.Generator) -> Tensor:
    """Return the spectrum of an amorphous film of unit standard deviation.

    Parameters
    ----------
    transfer : Tensor of complex, shape (2 h + 1, h + 1)
        Transfer function that blurs the film, a spectrum as in `atomsegnet.physics.imaging`.
    generator : torch.Generator
        Source of randomness, on the device of the transfer function.
    """
    highest = transfer.shape[1] - 1
    normal = torch.randn(2, *transfer.shape, generator=generator, device=transfer.device)
    spectrum = torch.complex(normal[0], normal[1]) * transfer
    # Both halves of the first column are kept; in a real image they are conjugate.
    spectrum[highest + 1 :, 0] = spectrum[1 : highest + 1, 0].conj().flip(0)
    spectrum[0, 0] = 0
    weight = torch.full((highest + 1,), 2.0, device=transfer.device)
    weight[0] = 1.0
    variance = (torch.view_as_real(spectrum).square().sum((0, 2)) * weight).sum()
    normalized: Tensor = spectrum / torch.sqrt(variance).clamp(min=1e-12)
    return normalized
