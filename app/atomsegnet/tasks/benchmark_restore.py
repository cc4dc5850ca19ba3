"""Restored images against the filters that everybody has, on simulated images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atomsegnet.core.micrograph import FloatImage, Micrograph
from atomsegnet.tasks.benchmark_images import BenchmarkImage, Case

FloatArray = npt.NDArray[np.float64]

# Of each filter the best of these is taken for each image: widths of the Gaussian by that of the
# columns, and strengths of the non-local means by the noise.
_SIGMAS_IN_WIDTHS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
_STRENGTHS = (0.5, 0.8, 1.1)
# The background that filters leave is taken off by subtracting a blurred image; its sigma [widths].
_FLATTENING_IN_WIDTHS = 2.0
_FLAT = ("denoise_background", "super_resolution")


@dataclass(frozen=True)
class Restoration:
    """How near to the truth a restored image is.

    Attributes
    ----------
    case : Case
        The image.
    model : str
        Model whose target is the truth.
    raw_db, model_db, gaussian_db, means_db : float
        Peak signal-to-noise ratio of the raw image, of the model's output, and of the best
        Gaussian and the best non-local means, gain and offset matched [dB].
    """

    case: Case
    model: str
    raw_db: float
    model_db: float
    gaussian_db: float
    means_db: float


def measure_restoration(made: BenchmarkImage) -> list[Restoration]:
    """Compare each model with the filters on one image."""
    from atomsegnet.tasks.process import process

    results = []
    width = made.case.width_px
    flat = _flattened(made.image, width)
    smooth = [gaussian_filtered(image, width) for image in (made.image, flat)]
    means = means_filtered(made.image, width)
    both = [means, [_flattened(image, width) for image in means]]
    for model, truth in made.labels.items():
        output = process(Micrograph(made.image), model).image
        is_flat = model in _FLAT
        results.append(
            Restoration(
                case=made.case,
                model=model,
                raw_db=decibels(made.image, truth),
                model_db=decibels(output, truth),
                gaussian_db=max(decibels(image, truth) for image in smooth[is_flat]),
                means_db=max(decibels(image, truth) for image in both[is_flat]),
            )
        )
    return results


def decibels(image: FloatImage, truth: FloatImage) -> float:
    """Return the peak signal-to-noise ratio with gain and offset matched [dB]."""
    design = np.stack([image.ravel(), np.ones(image.size)], axis=1).astype(np.float64)
    wanted = truth.ravel().astype(np.float64)
    fitted = design @ np.linalg.lstsq(design, wanted, rcond=None)[0]
    error = float(np.mean((fitted - wanted) ** 2))
    return float(10 * np.log10(float(np.ptp(wanted)) ** 2 / max(error, 1e-300)))


def gaussian_filtered(image: FloatImage, width_px: float) -> list[FloatImage]:
    """Return an image under Gaussian filters of several widths."""
    from scipy.ndimage import gaussian_filter

    return [gaussian_filter(image, sigma * width_px) for sigma in _SIGMAS_IN_WIDTHS]


def means_filtered(counts: FloatImage, width_px: float) -> list[FloatImage]:
    """Return an image of counts under non-local means of several strengths.

    The noise is made even first: twice the root of the counts plus 3/8 has a variance of 1 (F. J.
    Anscombe, Biometrika 35, 246 (1948), doi 10.1093/biomet/35.3-4.246).
    """
    from skimage.restoration import denoise_nl_means

    even = 2 * np.sqrt(np.maximum(counts, 0) + 3 / 8)
    patch, reach = max(3, round(width_px) | 1), round(2 * width_px)
    filtered = [
        denoise_nl_means(even, patch, reach, h=strength, sigma=1.0, fast_mode=True)
        for strength in _STRENGTHS
    ]
    return [np.asarray((image / 2) ** 2 - 3 / 8, dtype=np.float32) for image in filtered]


def _flattened(image: FloatImage, width_px: float) -> FloatImage:
    from scipy.ndimage import gaussian_filter

    flat: FloatImage = image - gaussian_filter(image, _FLATTENING_IN_WIDTHS * width_px)
    return flat
