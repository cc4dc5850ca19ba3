"""A scene -> the noisy image and the labels asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from atomsegnet.physics.background import speckle
from atomsegnet.physics.gridding import structure_factor
from atomsegnet.physics.imaging import (
    frequencies,
    highest_sampled,
    image_of,
    padded_size,
    scanned_image_of,
)
from atomsegnet.physics.labels import (
    disc_mask,
    gaussian_map,
    map_sigma_px,
    nearest_distance,
    small_mask_diameter_px,
)
from atomsegnet.physics.probe import gaussian_transfer, transfer_function
from atomsegnet.physics.scan_noise import count_electrons, detect, line_jitter
from atomsegnet.physics.scene import Scene
from atomsegnet.physics.visibility import (
    counting_noise_ratio,
    expected_noise_ratio,
    visible_columns,
)

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# The sharpened image has columns of this width relative to the recorded one.
SHARPENED_WIDTH = 0.5
# Beyond this frequency [cycles per column width] less than 1e-7 of it is left: with
# sigma = SHARPENED_WIDTH / 2.3548, exp(-2 (pi sigma f)^2).
SHARPENED_FREQUENCY = 4.3
# Columns at or above this signal-to-noise ratio are to be found. Others whose ratio to counting
# noise alone is above the lower one may be found or not: a film may hide one column, but not their
# order.
VISIBLE_RATIO = 5.0
DOUBTFUL_RATIO = 3.0

DENOISED = "denoise"
NO_BACKGROUND = "denoise_background"
SHARPENED = "super_resolution"
GAUSSIAN_MAP = "gaussian_map"
CIRCULAR_MASK = "circular_mask"
SMALL_MASK = "small_circular_mask"
# The same on a grid of half the pixel, for the same field of view.
DENOISED_2X = "denoise_2x"
NO_BACKGROUND_2X = "denoise_background_2x"
ALL_LABELS = (
    DENOISED, NO_BACKGROUND, SHARPENED, GAUSSIAN_MAP, CIRCULAR_MASK, SMALL_MASK, DENOISED_2X,
    NO_BACKGROUND_2X,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Rendered:
    """An image with its labels; intensities in detector numbers (counts times gain plus offset).

    Attributes
    ----------
    image : Tensor, shape (size, size)
        What the microscope records.
    labels : dict of Tensor, shape (label_size, label_size)
        The labels asked for; those whose name ends in "2x" have twice that size, and the center of
        their pixel i is at (i + 1/2) / 2 - 1/2 of the others.
    weight : Tensor, shape (label_size, label_size)
        0 where a map has no right answer: around columns that can neither be seen nor excluded.
    noise_ratio : ndarray, shape (N,)
        Signal-to-noise ratio of each column of the scene, as `expected_noise_ratio` has it.
    is_visible : ndarray of bool, shape (N,)
        Which columns are to be found.
    """

    image: Tensor
    labels: dict[str, Tensor]
    weight: Tensor
    noise_ratio: FloatArray
    is_visible: BoolArray


def render(scene: Scene, generator: torch.Generator, labels: Collection[str]) -> Rendered:
    """Make the image of a scene and its labels.

    Parameters
    ----------
    scene : Scene
        What is imaged.
    generator : torch.Generator
        Source of the noise; the image is made on its device.
    labels : collection of str
        Names out of `ALL_LABELS`.
    """
    device = generator.device
    spectra = _make_spectra(scene, generator, labels)

    @cache
    def background(size: int) -> Tensor:
        return scene.background.sample(size, device)

    made = _make_labels(scene, spectra, background, labels)
    image = _record(scene, spectra, background(scene.size), generator)
    ratio, visible, doubtful = _visibility(scene, made[DENOISED])
    weight, maps = _make_maps(scene, visible, doubtful, labels, device)
    scale, offset = scene.counts * scene.detector.gain, scene.detector.offset
    intensities = {
        name: made[name] * scale + (offset if name in (DENOISED, DENOISED_2X) else 0.0)
        for name in labels
        if name in made
    }
    return Rendered(image, intensities | maps, weight, ratio, visible)


@dataclass(frozen=True, eq=False)
class _Spectra:
    """Fourier series of a scene, as in `atomsegnet.physics.imaging`.

    Attributes
    ----------
    columns, film : Tensor
        What the columns and the amorphous film give; `film` is None without one.
    sharpened : Tensor or None
        The columns of the sharpened image, if that is asked for.
    """

    columns: Tensor
    film: Tensor | None
    sharpened: Tensor | None

    def everything(self) -> Tensor:
        return self.columns if self.film is None else self.columns + self.film


def _make_spectra(scene: Scene, generator: torch.Generator, labels: Collection[str]) -> _Spectra:
    device = generator.device
    period = padded_size(scene.label_size) / scene.width_px  # column widths
    # Whatever labels are asked for, the finest decides, so that they do not change the image.
    shown = max(highest_sampled(scene.size), highest_sampled(2 * scene.label_size))
    passed = min(shown, math.ceil(period * scene.psf.highest_per_nm * scene.psf.fwhm_nm))
    ky, kx = (f / period for f in frequencies(passed, device))
    transfer = transfer_function(scene.psf, ky, kx, scene.psf.fwhm_nm) / period**2
    film = scene.speckle * speckle(transfer, generator) if scene.speckle > 0 else None
    sharpened = None
    if SHARPENED in labels:
        highest = min(highest_sampled(scene.label_size), math.ceil(period * SHARPENED_FREQUENCY))
        ky, kx = (f / period for f in frequencies(highest, device))
        peak = gaussian_transfer(SHARPENED_WIDTH, ky, kx, transfer[0, 0].real)
        sharpened = _points(scene, highest, device) * peak
    return _Spectra(_points(scene, passed, device) * transfer, film, sharpened)


def _points(scene: Scene, highest: int, device: torch.device) -> Tensor:
    """Return the spectrum of the columns as points."""
    period = padded_size(scene.label_size) / scene.width_px
    return structure_factor(
        torch.from_numpy(scene.specimen.positions / period + 0.5).to(device),
        torch.from_numpy(scene.specimen.intensity).to(device, torch.float32),
        highest,
    )


def _record(
    scene: Scene, spectra: _Spectra, background: Tensor, generator: torch.Generator
) -> Tensor:
    shift_y, shift_x = line_jitter(scene.jitter, scene.size, generator)
    if scene.jitter.sigma_px > 0:
        ideal = scanned_image_of(spectra.everything(), scene.size, shift_y, shift_x)
    else:
        ideal = image_of(spectra.everything(), scene.size)
    expected = (ideal + background) * scene.counts
    return detect(count_electrons(expected, generator), scene.detector, generator)


def _make_labels(
    scene: Scene,
    spectra: _Spectra,
    background: Callable[[int], Tensor],
    labels: Collection[str],
) -> dict[str, Tensor]:
    """Return the ideal images asked for, and in any case the one that decides the noise."""
    size = scene.label_size
    made = _with_and_without(spectra, size, background, (DENOISED, NO_BACKGROUND), labels)
    if DENOISED_2X in labels or NO_BACKGROUND_2X in labels:
        names = (DENOISED_2X, NO_BACKGROUND_2X)
        made |= _with_and_without(spectra, 2 * size, background, names, labels)
    if spectra.sharpened is not None:
        made[SHARPENED] = image_of(spectra.sharpened, size)
    return made


def _with_and_without(
    spectra: _Spectra,
    size: int,
    background: Callable[[int], Tensor],
    names: tuple[str, str],
    labels: Collection[str],
) -> dict[str, Tensor]:
    """Return the ideal image and, if it is asked for, that of the columns alone."""
    every = image_of(spectra.everything(), size)
    made = {names[0]: every + background(size)}
    if names[1] in labels:
        made[names[1]] = every if spectra.film is None else image_of(spectra.columns, size)
    return made


def _visibility(scene: Scene, local: Tensor) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Return the signal-to-noise ratio of every column, which are to be found, and which may be."""
    positions = scene.positions_px.to(local.device)
    rows, columns = torch.round(positions).long().clamp(0, scene.label_size - 1).T
    intensity = torch.from_numpy(scene.specimen.intensity).to(local.device).float()
    there = local[rows, columns]
    ratio = expected_noise_ratio(scene, intensity, there).cpu().numpy()
    arrangement = scene.specimen.positions, scene.specimen.intensity, ratio
    visible = visible_columns(*arrangement, VISIBLE_RATIO)
    counted = counting_noise_ratio(scene, intensity, there).cpu().numpy()
    return ratio, visible, ~visible & (counted >= DOUBTFUL_RATIO)


def _make_maps(
    scene: Scene,
    visible: BoolArray,
    doubtful: BoolArray,
    labels: Collection[str],
    device: torch.device,
) -> tuple[Tensor, dict[str, Tensor]]:
    size = scene.label_size
    positions = scene.positions_px.to(device).float()
    reach = 0.75 * scene.width_px + 1
    distance = nearest_distance(positions[torch.from_numpy(visible).to(device)], size, reach)
    weight = torch.ones(size, size, device=device)
    if doubtful.any():
        other = nearest_distance(positions[torch.from_numpy(doubtful).to(device)], size, reach)
        weight[(other < 0.6 * scene.width_px) & (other < distance)] = 0.0
    maps: dict[str, Tensor] = {}
    if GAUSSIAN_MAP in labels:
        maps[GAUSSIAN_MAP] = gaussian_map(distance, map_sigma_px(scene.width_px))
    if CIRCULAR_MASK in labels:
        maps[CIRCULAR_MASK] = disc_mask(distance, scene.width_px)
    if SMALL_MASK in labels:
        maps[SMALL_MASK] = disc_mask(distance, small_mask_diameter_px(scene.width_px))
    return weight, maps
