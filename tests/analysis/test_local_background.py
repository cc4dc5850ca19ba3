from __future__ import annotations

import numpy as np
import pytest
from peak_images import jittered_lattice, map_of, peaks_image
from scipy.ndimage import gaussian_filter

from atomsegnet.analysis.local_background import local_background, smoothed
from atomsegnet.analysis.overlap import Peaks
from atomsegnet.analysis.peaks import find_regions
from atomsegnet.analysis.refine import measure
from atomsegnet.core.progress import Cancelled, Progress, silent

SIDE, WIDTH = 240, 7.0


def hill_and_step() -> np.ndarray:
    """Return a background many times as high as the columns: a hill beside a soft step."""
    row, column = np.mgrid[:SIDE, :SIDE]
    hill = 12 * np.exp(-((row - 60.0) ** 2 + (column - 60.0) ** 2) / (2 * 40.0**2))
    step = 4 / (1 + np.exp(-(column - 0.4 * row - 120.0) / 4.0))
    return (hill + step).astype(np.float32)


@pytest.mark.parametrize("method", ["gaussian-2d", "poisson-ml"])
def test_that_columns_on_a_steep_background_are_where_they_are(method: str) -> None:
    rng = np.random.default_rng(11)
    positions = jittered_lattice(SIDE, 17.0, rng)
    peaks = peaks_image((SIDE, SIDE), positions, sigma=WIDTH / 2.3548)
    image = rng.normal(peaks + hill_and_step(), 0.05).astype(np.float32)
    seen = map_of((SIDE, SIDE), (206, 206), positions)
    regions = find_regions(seen, shape=(SIDE, SIDE))
    found = measure(image, regions, method=method, column_width_px=WIDTH).positions
    nearest = np.linalg.norm(found[:, None] - positions[None], axis=2).min(axis=0)
    inside = np.all((positions > 10) & (positions < SIDE - 11), axis=1)
    # With a constant background below each column: 1.9 px by the one method, 5.1 by the other.
    assert np.sqrt(np.mean(nearest[inside] ** 2)) < 0.7
    assert np.median(nearest[inside]) < 0.2


def test_that_the_background_below_the_columns_is_found() -> None:
    rng = np.random.default_rng(12)
    positions = jittered_lattice(SIDE, 17.0, rng)
    below = gaussian_filter(hill_and_step(), 6)
    image = peaks_image((SIDE, SIDE), positions, sigma=WIDTH / 2.3548) + below
    found = local_background(image, Peaks.unknown(positions, WIDTH), silent)
    inside = (slice(15, -15),) * 2
    assert np.abs(found - below)[inside].mean() < 0.1
    assert np.ptp(below) > 10


@pytest.mark.parametrize("shape", [(128, 128), (121, 190), (33, 200)])
def test_that_smoothing_in_blocks_is_smoothing(shape: tuple[int, int]) -> None:
    image = gaussian_filter(np.random.default_rng(13).normal(size=shape), 3).astype(np.float32)
    exact = gaussian_filter(image, 17.0, mode="nearest")
    error = smoothed(image, 17.0) - exact
    assert error.shape == shape
    assert error[12:-12, 12:-12].std() < 0.1 * exact.std()
    assert error.std() < 0.3 * exact.std()


def test_that_it_can_be_stopped() -> None:
    def stop(progress: Progress) -> None:
        raise Cancelled

    positions = jittered_lattice(SIDE, 17.0, np.random.default_rng(14))
    image = peaks_image((SIDE, SIDE), positions, sigma=WIDTH / 2.3548)
    with pytest.raises(Cancelled):
        local_background(image, Peaks.unknown(positions, WIDTH), stop)
