"""Choose the sampling at which a network sees an image.

The autocorrelation gives a first estimate of the column width. It errs where columns overlap, the
scan jitters or a background is stronger than the columns; so the network that maps columns
looks at a piece of the image and says how wide the columns that it sees are, until it sees them at
the width it works at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from atomsegnet.core.errors import ModelError, SettingError
from atomsegnet.core.micrograph import FloatImage, Micrograph
from atomsegnet.core.progress import Progress, Report, silent

if TYPE_CHECKING:
    from atomsegnet.nn.weights import LoadedModel

# The model whose answer tells whether the scale is right.
PROBE_MODEL = "gaussian_map"
# Side of the piece that it looks at [px of the network's grid].
PROBE_PX = 384
# A width nearer than this to the one wanted is right; so many looks are taken to get there. One
# nearer than the other need not be tried from another start.
CLOSE_OCTAVES = 0.08
MOST_LOOKS = 4
SURE_OCTAVES = 0.2
# The autocorrelation is believed unless another start leads to a density that is higher by more
# than what rounding changes.
_AS_GOOD = 0.9
# Columns that the network is as sure of on the average leave no doubt about the sampling; and so
# many of them tell it even among many doubtful ones.
SURE_CONFIDENCE = 0.8
FEWEST_SURE = 20
# Pixels of the map above this tell the width.
INSIDE_COLUMN = 0.3
# Factors that are tried where the autocorrelation gives no estimate, or a wrong one.
BLIND_FACTORS = (0.35, 0.8, 1.8)
# The factor by which an image may be resampled; beyond it the networks were not trained.
FACTORS = (0.25, 3.0)
# Column width that is assumed where the image shows none but the pixel size is known [nm].
TYPICAL_WIDTH_NM = 0.1


@dataclass(frozen=True)
class Scale:
    """The sampling for a network.

    Attributes
    ----------
    factor : float
        Pixels of the network's grid for each pixel of the micrograph.
    column_width_px : float or None
        Full width at half maximum of a column [px of the micrograph]; None where none are seen.
    notes : tuple of str
        What the user should know, a sentence each.
    """

    factor: float
    column_width_px: float | None
    notes: tuple[str, ...] = ()


_known: WeakKeyDictionary[Micrograph, Scale] = WeakKeyDictionary()


def checked_factor(rescale: float) -> float:
    """Return a factor given by the user.

    Raises
    ------
    SettingError
        It is not between 0.05 and 20.
    """
    if not 0.05 <= rescale <= 20:
        raise SettingError(f"The image cannot be rescaled by {rescale:g}; choose 0.05 to 20.")
    return rescale


def choose_scale(micrograph: Micrograph, wanted_px: float, report: Report = silent) -> Scale:
    """Choose the sampling at which columns are as wide as the networks know them.

    The answer is kept as long as the micrograph lives.

    Parameters
    ----------
    micrograph : Micrograph
        The image.
    wanted_px : float
        Column width that the network wants [px].
    report : callable
        Called after each trial; raises Cancelled to stop.
    """
    if micrograph not in _known:
        _known[micrograph] = _choose(micrograph, wanted_px, report)
    return _known[micrograph]


def _choose(micrograph: Micrograph, wanted_px: float, report: Report) -> Scale:
    from atomsegnet.nn.column_width import estimate_width
    from atomsegnet.nn.weights import load_installed

    estimate = estimate_width(micrograph.image)
    report(Progress(0, 0, "finding the scale"))
    try:
        probe = load_installed(PROBE_MODEL)
    except ModelError:
        if estimate is None:
            return _without_columns(micrograph, wanted_px)
        return Scale(_clamp(wanted_px / estimate.width_px), estimate.width_px)
    starts = BLIND_FACTORS if estimate is None else (wanted_px / estimate.width_px, *BLIND_FACTORS)
    looks: list[_Look] = []
    for start in starts:
        looks.append(_converged(micrograph, probe, _clamp(start), report))
        if looks[-1].is_sure:
            break
    best = max(looks, key=lambda look: look.density)
    if looks[0].density > _AS_GOOD * best.density > 0:
        best = looks[0]
    if best.density <= 0:
        # Doubtful maxima outweigh the columns, as on a support full of specks.
        best = max(looks, key=lambda look: look.mean_confidence if look.sure_columns else 0.0)
    if best.density > 0 or best.sure_columns >= FEWEST_SURE:
        return Scale(best.factor, wanted_px / best.factor)
    if estimate is None:
        return _without_columns(micrograph, wanted_px)
    return Scale(_clamp(wanted_px / estimate.width_px), estimate.width_px)


@dataclass(frozen=True)
class _Look:
    """What the network sees at one sampling.

    Attributes
    ----------
    factor : float
        Pixels of the network's grid for each pixel.
    density : float
        Sum over all maxima of twice their confidence less one, so that doubtful ones count against,
        for each pixel of the micrograph.
    mean_confidence : float
        Of all maxima; 0 where there are none.
    sure_columns : int
        Maxima with a confidence of at least `SURE_CONFIDENCE`.
    octaves : float
        log2 of the columns' width over the one wanted; 0 where there are none.
    """

    factor: float
    density: float
    mean_confidence: float
    sure_columns: int
    octaves: float

    @property
    def is_sure(self) -> bool:
        """Whether no other sampling need be tried."""
        return self.mean_confidence >= SURE_CONFIDENCE and abs(self.octaves) < SURE_OCTAVES


def _converged(micrograph: Micrograph, probe: LoadedModel, factor: float, report: Report) -> _Look:
    """Look at an image until its columns have the width wanted."""
    look = _look(micrograph, probe, factor)
    for count in range(1, MOST_LOOKS):
        report(Progress(count, 0, "finding the scale"))
        wanted = _clamp(look.factor * 2**-look.octaves)
        if abs(math.log2(wanted / look.factor)) < CLOSE_OCTAVES:
            break
        look = _look(micrograph, probe, wanted)
    return look


def _look(micrograph: Micrograph, probe: LoadedModel, factor: float) -> _Look:
    """Look at the busiest piece of an image."""
    from atomsegnet.analysis.calibration import CANDIDATE_PROBABILITY
    from atomsegnet.analysis.peaks import find_regions
    from atomsegnet.nn.inference import run_model

    piece = Micrograph(busiest_piece(micrograph.image, factor))
    answer = run_model(probe, piece, factor, device="cpu")
    found = find_regions(answer.working_image, shape=piece.shape, threshold=CANDIDATE_PROBABILITY)
    inside = answer.working_image > INSIDE_COLUMN
    octaves = 0.0
    if answer.octaves is not None and inside.any():
        octaves = float(np.median(answer.octaves[inside]))
    confidence = found.confidence
    return _Look(
        factor,
        float((2 * confidence - 1).sum()) / answer.image.size,
        float(confidence.mean()) if len(confidence) else 0.0,
        int((confidence >= SURE_CONFIDENCE).sum()),
        octaves,
    )


def busiest_piece(image: FloatImage, factor: float) -> FloatImage:
    """Return the square piece of an image with the most structure of the size of columns.

    Its side is `PROBE_PX` on the network's grid.

    Parameters
    ----------
    image : ndarray, shape (H, W)
        The image.
    factor : float
        Pixels of the network's grid for each pixel; tells the size of columns.
    """
    import torch
    from scipy import ndimage

    from atomsegnet.nn.resample import resample

    side = round(PROBE_PX / factor)
    if max(image.shape) <= side:
        return image
    # Columns are about three pixels wide on this grid.
    rows, columns = (max(8, round(n * factor / 2)) for n in image.shape)
    small = resample(torch.from_numpy(np.array(image))[None, None], (rows, columns))[0, 0].numpy()
    band = ndimage.gaussian_filter(small, 1.0) - ndimage.gaussian_filter(small, 3.0)
    energy = np.minimum(np.abs(band), np.percentile(np.abs(band), 98))
    shrunk = [side * n / m for n, m in zip(small.shape, image.shape, strict=True)]
    mean = ndimage.uniform_filter(energy, [max(1, round(s)) for s in shrunk], mode="constant")
    center = np.unravel_index(int(mean.argmax()), mean.shape)
    starts = [
        min(max(0, round((c + 0.5) * m / n - side / 2)), max(0, m - side))
        for c, m, n in zip(center, image.shape, small.shape, strict=True)
    ]
    return image[starts[0] : starts[0] + side, starts[1] : starts[1] + side]


def _without_columns(micrograph: Micrograph, wanted_px: float) -> Scale:
    if micrograph.pixel_size_nm is None:
        return Scale(1.0, None, ("The image shows no columns to take the scale from.",))
    pixel = micrograph.pixel_size_nm
    usual = TYPICAL_WIDTH_NM / math.sqrt(pixel.x * pixel.y)
    note = "The image shows no columns; the scale was taken from its pixel size."
    return Scale(_clamp(wanted_px / usual), None, (note,))


def _clamp(factor: float) -> float:
    return float(min(max(factor, FACTORS[0]), FACTORS[1]))
