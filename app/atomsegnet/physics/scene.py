"""Draw random settings of specimen and microscope, and make the image and its labels."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from atomsegnet.physics.background import Background, draw_background, with_step
from atomsegnet.physics.draw_specimen import draw_specimen
from atomsegnet.physics.electron import wavelength_nm
from atomsegnet.physics.probe import PointSpread, Probe, point_spread
from atomsegnet.physics.scan_noise import Detector, Jitter
from atomsegnet.physics.scene_settings import SceneSettings as SceneSettings
from atomsegnet.physics.specimen import Specimen

FloatArray = npt.NDArray[np.float64]

# Share of the frames without columns that show an amorphous film: the hardest of them.
EMPTY_SPECKLE_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that decides an image but the random counts.

    Attributes
    ----------
    specimen : Specimen
        Columns within the padded field, in column widths.
    width_px : float
        Full width at half maximum of a column on the label grid [px].
    size, label_size : int
        Sides of image and labels [px], multiples of 16.
    psf : PointSpread
        Shape of a column.
    background : Background
        In units of the strongest column.
    speckle : float
        Standard deviation of an amorphous film [strongest column].
    counts : float
        Expected counts per pixel at the strongest column, above the background.
    jitter : Jitter
        On the image's grid.
    detector : Detector
        Detector.
    psnr_db : float
        As drawn; NaN for an empty frame.
    """

    specimen: Specimen
    width_px: float
    size: int
    label_size: int
    psf: PointSpread
    background: Background
    speckle: float
    counts: float
    jitter: Jitter
    detector: Detector
    psnr_db: float

    @property
    def image_width_px(self) -> float:
        """Full width at half maximum of a column on the image's grid [px]."""
        return self.width_px * self.size / self.label_size

    @property
    def pixel_size_nm(self) -> float:
        """Pixel of the image's grid [nm]."""
        return self.psf.fwhm_nm / self.image_width_px

    @property
    def positions_px(self) -> Tensor:
        """(row, column) of every column on the label grid [px], shape (N, 2), float64."""
        center = (self.label_size - 1) / 2
        return torch.from_numpy(self.specimen.positions) * self.width_px + center


def draw_scene(
    settings: SceneSettings,
    rng: np.random.Generator,
    size: int,
    label_size: int,
    width_px: float,
) -> Scene:
    """Draw one scene.

    Parameters
    ----------
    settings : SceneSettings
        Ranges.
    rng : Generator
        Source of randomness.
    size, label_size : int
        Sides of image and labels [px], multiples of 16.
    width_px : float
        Full width at half maximum of a column on the label grid [px].
    """
    psf = _draw_spread(settings, rng)
    half_size = 0.5 * 21 / 16 * label_size / width_px
    specimen = draw_specimen(settings, rng, half_size, psf.fwhm_nm).cut(half_size)
    is_empty = len(specimen.positions) == 0
    strength = np.exp(rng.uniform(*np.log(settings.background)))
    strength = strength * (rng.random() < 0.85) + 0.02
    speckle = 0.0
    if rng.random() < (EMPTY_SPECKLE_SHARE if is_empty else settings.speckle_share):
        speckle = rng.uniform(0.01, 0.15) if not is_empty else strength * rng.uniform(0.01, 0.3)
    background = draw_background(rng, strength, 0.8 if is_empty else 0.5)
    if specimen.boundary is not None:
        angle, offset = specimen.boundary
        line = (angle, offset * width_px / label_size)
        background = with_step(background, rng, line, strength)
    psnr_db = rng.uniform(*settings.psnr_db)
    counts = _counts_for(psnr_db, specimen, background, width_px, label_size, rng)
    jitter = _draw_jitter(settings, rng, width_px * size / label_size)
    return Scene(
        specimen,
        width_px,
        size,
        label_size,
        psf,
        background,
        speckle,
        counts,
        jitter,
        _draw_detector(rng, counts * strength),
        math.nan if is_empty else psnr_db,
    )


def draw_probe(rng: np.random.Generator) -> Probe:
    """Draw a probe: mostly limited by its source, often with residual aberrations."""
    energy = float(rng.choice([60e3, 80e3, 100e3, 200e3, 300e3]))
    aperture = rng.uniform(18, 34)
    aberrated = rng.random() < 0.45
    # Phase at the rim of the aperture [rad], turned into coefficients below.
    phase = rng.normal(0, 0.7, 6) * aberrated
    alpha = aperture * 1e-3
    unit = wavelength_nm(energy) / (2 * math.pi)
    return Probe(
        energy_ev=energy,
        aperture_mrad=aperture,
        defocus_nm=2 * unit * phase[0] / alpha**2,
        c3_nm=4 * unit * phase[1] / alpha**4,
        c5_nm=6 * unit * phase[2] / alpha**6,
        astigmatism_nm=2 * unit * 0.6 * phase[3] / alpha**2,
        coma_nm=3 * unit * 0.6 * phase[4] / alpha**3,
        trefoil_nm=3 * unit * 0.6 * phase[5] / alpha**3,
        angles=tuple(rng.uniform(0, 2 * np.pi, 3)),
        source_fwhm_nm=rng.uniform(0.035, 0.11),
        tail_share=rng.uniform(0, 0.3) * (rng.random() < 0.7),
    )


def _draw_spread(settings: SceneSettings, rng: np.random.Generator) -> PointSpread:
    """Draw the shape of a column, and its size where a range of it is asked for."""
    psf = point_spread(draw_probe(rng))
    if settings.fwhm_nm is None:
        return psf
    width_nm = float(rng.uniform(*settings.fwhm_nm))
    return replace(psf, pitch_nm=psf.pitch_nm * width_nm / psf.fwhm_nm, fwhm_nm=width_nm)


def _counts_for(
    psnr_db: float,
    specimen: Specimen,
    background: Background,
    width_px: float,
    label_size: int,
    rng: np.random.Generator,
) -> float:
    mean = float(background.sample(16).mean())
    if len(specimen.positions) == 0:
        return float(10 ** rng.uniform(0, 4.5) / max(mean, 0.05))
    area = (label_size * 21 / 16) ** 2
    mean += float(specimen.intensity.sum()) * 1.1331 * width_px**2 / area
    peak = max(float(specimen.intensity.max()), 1e-3)
    return float(10 ** (psnr_db / 10) * max(mean, 0.02) / peak**2)


def _draw_jitter(settings: SceneSettings, rng: np.random.Generator, width_px: float) -> Jitter:
    if rng.random() < 0.3:
        return Jitter()
    largest = min(settings.jitter_px, 0.25 * width_px)
    return Jitter(
        sigma_px=float(largest * rng.random() ** 1.5),
        frequency=float(np.exp(rng.uniform(np.log(1e-3), np.log(0.5)))),
        phase=float(rng.uniform(0, 2 * np.pi)),
    )


def _draw_detector(rng: np.random.Generator, typical_counts: float) -> Detector:
    return Detector(
        readout=float(rng.uniform(0, 0.7) * math.sqrt(typical_counts) * (rng.random() < 0.4)),
        afterglow=float(rng.uniform(0.02, 0.45) * (rng.random() < 0.2)),
        levels=256 if rng.random() < 0.1 else 0,
        saturation=float(rng.uniform(0, 0.02) * (rng.random() < 0.05)),
        flicker=float(rng.uniform(0, 0.03) * (rng.random() < 0.2)),
        blur_px=float(rng.uniform(0.4, 1.0) * (rng.random() < 0.15)),
    )
