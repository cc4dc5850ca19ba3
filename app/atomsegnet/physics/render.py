"""A scene -> the noisy image and the labels asked for."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from atomsegnet.physics.background import speckle
from atomsegnet.physics.imaging import (
    crop_spectrum,
    extend_spectrum,
    frequencies,
    image_of,
    padded_size,
    scanned_image_of,
    structure_factor,
)
from atomsegnet.physics.labels import (
    disc_mask,
    gaussian_map,
    map_sigma_px,
    nearest_distance,
    small_mask_diameter_px,
)
from atomsegnet.physics.probe import gaussian_transfer, highest_frequency, transfer_function
from atomsegnet.physics.scan_noise import count_electrons, detect, line_jitter
from atomsegnet.physics.scene import Scene
from atomsegnet.physics.visibility import expected_noise_ratio, visible_columns

# The sharpened image has columns of this width relative to the recorded one.
SHARPENED_WIDTH = 0.5
# Beyond this frequency [cycles per column width] less than 1e-7 of it is left: with
# sigma = SHARPENED_WIDTH / 2.3548, exp(-2 (pi sigma f)^2).
SHARPENED_FREQUENCY = 4.3
# Columns at or above this signal-to-noise ratio are to be found; between it and the lower one
# neither finding nor missing them counts.
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
    noise_ratio: np.typing.NDArray[np.float64]
    is_visible: np.typing.NDArray[np.bool_]


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
    counts = (padded_size(scene.size), padded_size(scene.label_size))
    signal, transfer = _signal(scene, max(counts), device)
    film = torch.zeros_like(signal)
    if scene.speckle > 0:
        film = scene.speckle * speckle(transfer, 1.0, generator)
    made = _make_labels(scene, signal, film, transfer[0, 0].real, labels)
    made |= _make_fine_labels(scene, film, labels)
    image = _record(scene, crop_spectrum(signal + film, counts[0]), generator)
    ratio, visible = _visibility(scene, made["local"])
    weight, maps = _make_maps(scene, ratio, visible, labels, device)
    scale, offset = scene.counts * scene.detector.gain, scene.detector.offset
    intensities = {
        name: made[name] * scale + (offset if name in (DENOISED, DENOISED_2X) else 0.0)
        for name in labels
        if name in made
    }
    return Rendered(image, intensities | maps, weight, ratio, visible)


def _signal(scene: Scene, count: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the spectrum of the columns and the transfer function for `count` frequencies."""
    period = padded_size(scene.label_size) / scene.width_px  # column widths
    passed = min(count, _even(period * highest_frequency(scene.psf, scene.psf.fwhm_nm)))
    factor = _points(scene, passed, device)
    ky, kx = (f / period for f in frequencies(passed, device))
    transfer = transfer_function(scene.psf, ky, kx, scene.psf.fwhm_nm) / period**2
    return extend_spectrum(factor * transfer, count), extend_spectrum(transfer, count)


def _points(scene: Scene, count: int, device: torch.device) -> Tensor:
    """Return the spectrum of the columns as points, for `count` frequencies."""
    period = padded_size(scene.label_size) / scene.width_px
    return structure_factor(
        torch.from_numpy(scene.specimen.positions / period + 0.5).to(device, torch.float32),
        torch.from_numpy(scene.specimen.intensity).to(device, torch.float32),
        count,
    )


def _even(highest: float) -> int:
    """Return how many frequencies hold all below the highest, with the Nyquist one to spare."""
    return 2 * math.ceil(highest) + 4


def _record(scene: Scene, spectrum: Tensor, generator: torch.Generator) -> Tensor:
    shift_y, shift_x = line_jitter(scene.jitter, scene.size, generator)
    if scene.jitter.sigma_px > 0:
        ideal = scanned_image_of(spectrum, scene.size, shift_y, shift_x)
    else:
        ideal = image_of(spectrum, scene.size)
    ideal = ideal + scene.background.sample(scene.size, ideal.device)
    return detect(count_electrons(ideal * scene.counts, generator), scene.detector, generator)


def _make_labels(
    scene: Scene, signal: Tensor, film: Tensor, integral: Tensor, labels: Collection[str]
) -> dict[str, Tensor]:
    """Return the ideal images asked for and, as "local", what decides the noise."""
    size = scene.label_size
    count = padded_size(size)
    background = scene.background.sample(size, signal.device)
    everything = image_of(crop_spectrum(signal + film, count), size) + background
    made = {"local": everything, DENOISED: everything}
    if NO_BACKGROUND in labels:
        made[NO_BACKGROUND] = image_of(crop_spectrum(signal, count), size)
    if SHARPENED in labels:
        period = count / scene.width_px
        passed = min(count, _even(period * SHARPENED_FREQUENCY))
        points = _points(scene, passed, signal.device)
        ky, kx = (f / period for f in frequencies(passed, signal.device))
        sharpened = points * gaussian_transfer(SHARPENED_WIDTH, ky, kx, integral)
        made[SHARPENED] = image_of(extend_spectrum(sharpened, count), size)
    return made


def _make_fine_labels(scene: Scene, film: Tensor, labels: Collection[str]) -> dict[str, Tensor]:
    """Return the ideal images asked for on the finer grid, computed there and not interpolated."""
    if DENOISED_2X not in labels and NO_BACKGROUND_2X not in labels:
        return {}
    size = 2 * scene.label_size
    count = padded_size(size)
    signal, _ = _signal(scene, count, film.device)
    columns = image_of(signal, size)
    made = {NO_BACKGROUND_2X: columns}
    if DENOISED_2X in labels:
        everything = columns + scene.background.sample(size, film.device)
        if scene.speckle > 0:
            everything = everything + image_of(extend_spectrum(film, count), size)
        made[DENOISED_2X] = everything
    return made


def _visibility(
    scene: Scene, local: Tensor
) -> tuple[np.typing.NDArray[np.float64], np.typing.NDArray[np.bool_]]:
    """Return the signal-to-noise ratio of every column, and which are to be found."""
    positions = scene.positions_px.to(local.device)
    rows, columns = torch.round(positions).long().clamp(0, scene.label_size - 1).T
    intensity = torch.from_numpy(scene.specimen.intensity).to(local.device).float()
    ratio = expected_noise_ratio(scene, intensity, local[rows, columns]).cpu().numpy()
    arrangement = scene.specimen.positions, scene.specimen.intensity, ratio
    return ratio, visible_columns(*arrangement, VISIBLE_RATIO)


def _make_maps(
    scene: Scene,
    ratio: np.typing.NDArray[np.float64],
    visible: np.typing.NDArray[np.bool_],
    labels: Collection[str],
    device: torch.device,
) -> tuple[Tensor, dict[str, Tensor]]:
    size = scene.label_size
    positions = scene.positions_px.to(device).float()
    doubtful = ~visible & (ratio >= DOUBTFUL_RATIO)
    reach = 0.75 * scene.width_px + 1
    distance = nearest_distance(positions[torch.from_numpy(visible).to(device)], size, reach)
    other = nearest_distance(positions[torch.from_numpy(doubtful).to(device)], size, reach)
    weight = 1.0 - ((other < 0.6 * scene.width_px) & (other < distance)).float()
    maps: dict[str, Tensor] = {}
    if GAUSSIAN_MAP in labels:
        maps[GAUSSIAN_MAP] = gaussian_map(distance, map_sigma_px(scene.width_px))
    if CIRCULAR_MASK in labels:
        maps[CIRCULAR_MASK] = disc_mask(distance, scene.width_px)
    if SMALL_MASK in labels:
        maps[SMALL_MASK] = disc_mask(distance, small_mask_diameter_px(scene.width_px))
    return weight, maps
