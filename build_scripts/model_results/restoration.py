"""Rows about restored images."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from cases import Change, Recipe, Result, described, seen_in_counts
from scipy import ndimage
from scipy.spatial import cKDTree
from skimage.metrics import structural_similarity
from skimage.restoration import denoise_nl_means, richardson_lucy

from atomsegnet.core.micrograph import Micrograph
from atomsegnet.physics.held_out import held_out_crystals
from atomsegnet.physics.scan_noise import Detector
from atomsegnet.physics.scene import Scene
from atomsegnet.tasks.process import process
from atomsegnet.tasks.simulate_one import Simulated

PSNR_DB = (10.0, 15.0, 20.0, 25.0, 30.0)
# Each classical filter is tried with all of these, and the best for each image is taken.
GAUSSIAN_WIDTHS = (0.0, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
NON_LOCAL_STRENGTHS = (0.5, 0.8, 1.2)
DECONVOLUTION_STEPS = (5, 15, 40)
# A background is flattened by a Gaussian of so many column widths.
FLATTENING_WIDTHS = 2.0


def _counting_noise_alone(scene: Scene, rng: np.random.Generator) -> Scene:
    """Take away scan noise, detector faults and film, which no restoration can undo whole."""
    del rng
    jitter = replace(scene.jitter, sigma_px=0.0)
    return replace(scene, jitter=jitter, detector=Detector(), speckle=0.0)


@cache
def _recipe(psnr_db: float, label: str, change: Change | None) -> Recipe:
    crystals = tuple(held_out_crystals().values())
    psnr = (psnr_db, psnr_db)
    return Recipe(
        "restored",
        crystals,
        psnr_db=psnr,
        labels=(label,),
        fewest=1,
        counted=seen_in_counts,
        change=change,
    )


def image(number: int, label: str, change: Change | None = None) -> Simulated:
    """Return an image of one of the noise levels, in turn."""
    psnr_db = PSNR_DB[number % len(PSNR_DB)]
    return _recipe(psnr_db, label, change).image(number // len(PSNR_DB))


def fitted(restored: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return an image with gain and offset matched to the truth by least squares."""
    design = np.stack([restored.ravel(), np.ones(restored.size)], axis=1).astype(np.float64)
    answer = design @ np.linalg.lstsq(design, truth.ravel().astype(np.float64), rcond=None)[0]
    return np.asarray(answer.reshape(truth.shape))


def decibels(restored: np.ndarray, truth: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio, gain and offset matched [dB]."""
    error = np.mean((fitted(restored, truth) - truth) ** 2)
    return float(10 * np.log10(np.ptp(truth) ** 2 / error))


def denoised(number: int) -> Result:
    """Return the gain of the denoising network over the better of two classical filters."""
    return _denoised(image(number, "noNoise"))


def denoised_counts(number: int) -> Result:
    """Return the same with counting noise alone."""
    return _denoised(image(number, "noNoise", _counting_noise_alone))


def _denoised(made: Simulated) -> Result:
    truth = made.labels["noNoise"]
    classical = {
        "gaussian": _gaussian(made.image, made.scene.image_width_px),
        "non_local": _non_local_means(made.image, float(np.std(made.image - truth))),
    }
    best = {name: max(decibels(i, truth) for i in tried) for name, tried in classical.items()}
    answer = fitted(process(Micrograph(made.image), "denoise").image, truth)
    similarity = structural_similarity(answer, truth, data_range=float(np.ptp(truth)))  # type: ignore[no-untyped-call]
    return {
        **described(made),
        "gain": decibels(answer, truth) - max(best.values()),
        "similarity": float(similarity),
    }


def _gaussian(noisy: np.ndarray, width_px: float) -> list[np.ndarray]:
    return [ndimage.gaussian_filter(noisy, width_px * s) for s in GAUSSIAN_WIDTHS]


def _non_local_means(noisy: np.ndarray, sigma: float) -> list[np.ndarray]:
    return [
        denoise_nl_means(  # type: ignore[no-untyped-call]
            noisy, patch_size=7, patch_distance=11, h=s * sigma, sigma=sigma, fast_mode=True
        )
        for s in NON_LOCAL_STRENGTHS
    ]


def without_background(number: int) -> Result:
    """Compare `denoise_background` with a flattened and smoothed image."""
    return _signal(number, "noBackgroundnoNoise", "denoise_background")


def sharpened(number: int) -> Result:
    """Compare `super_resolution` with a flattened image and with Richardson and Lucy's."""
    return _signal(number, "noNoiseNoBackgroundSuperresolution", "super_resolution")


def _signal(number: int, label: str, model: str) -> Result:
    made = image(number, label)
    truth, width = made.labels[label], made.scene.image_width_px
    flat = made.image - ndimage.gaussian_filter(made.image, FLATTENING_WIDTHS * width)
    flattened = max(decibels(i, truth) for i in _gaussian(flat, width))
    deconvolved = max(decibels(i, truth) for i in _deconvolved(made))
    answer = process(Micrograph(made.image), model).image
    return {
        **described(made),
        "gain": decibels(answer, truth) - max(flattened, deconvolved),
        "intensity": _intensity_ratio(answer, truth, made),
    }


def _deconvolved(made: Simulated) -> list[np.ndarray]:
    """Deconvolve with the true point spread function (skimage's Richardson-Lucy)."""
    spread = point_image(made)
    lowest = made.image.min()
    positive = (made.image - lowest) / np.ptp(made.image) + 1e-3
    return [
        richardson_lucy(positive, spread, num_iter=steps, clip=False)  # type: ignore[no-untyped-call]
        for steps in DECONVOLUTION_STEPS
    ]


def point_image(made: Simulated) -> np.ndarray:
    """Return the image of a single point, of odd size, with the sum 1."""
    import torch

    from atomsegnet.physics.imaging import frequencies
    from atomsegnet.physics.probe import transfer_function

    size = 2 * round(2.5 * made.scene.image_width_px) + 1
    psf = made.scene.psf
    ky, kx = (f / (size / made.scene.image_width_px) for f in frequencies(size))
    spectrum = transfer_function(psf, ky, kx, psf.fwhm_nm)
    spread = torch.fft.fftshift(torch.fft.irfft2(spectrum, s=(size, size))).numpy()
    spread = np.maximum(spread, 0)
    return np.asarray(spread / spread.sum())


def _intensity_ratio(answer: np.ndarray, truth: np.ndarray, made: Simulated) -> float:
    """Return the median over columns of their integrated intensity over the true one."""
    wanted = made.positions[made.is_visible]
    pixels = np.stack(np.indices(truth.shape), axis=-1).reshape(-1, 2)
    distance, owner = cKDTree(wanted).query(pixels)
    near = distance < 1.2 * made.scene.image_width_px
    sums = [
        np.bincount(owner[near], weights=values.ravel()[near], minlength=len(wanted))
        for values in (answer, truth)
    ]
    strong = sums[1] > 0.1 * sums[1].max()
    return float(np.median(sums[0][strong] / sums[1][strong]))
