"""The linear model beside a multislice image; `build_scripts/multislice_reference.py` made it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch

from atomsegnet.physics.gridding import structure_factor
from atomsegnet.physics.imaging import frequencies, highest_sampled, image_of, padded_size
from atomsegnet.physics.materials import projected
from atomsegnet.physics.probe import Probe, point_spread, transfer_function

REFERENCE = Path(__file__).parent / "data" / "SrTiO3_001_multislice.tif"
CELL_PX = 14
# Row and column of a column of each kind in the cell [px].
COLUMNS = {"Sr": (0, 0), "Ti+O": (7, 7), "O": (7, 0), "other O": (0, 7)}
# Thermal motion alone, 0.09 angstrom rms, widens the probe of the multislice calculation.
PROBE = Probe(
    energy_ev=200e3, aperture_mrad=20, defocus_nm=8, c3_nm=25700, source_fwhm_nm=2.355 * 0.009
)


@pytest.fixture(scope="module")
def reference() -> np.ndarray:
    return tifffile.imread(REFERENCE).astype(np.float64)


@pytest.fixture(scope="module")
def model() -> np.ndarray:
    """Return the image of one cell, its first pixel at the center of a strontium column."""
    cell = projected("SrTiO3", (0, 0, 1))
    side_nm = float(np.linalg.norm(cell.vectors_nm[0]))
    size = 64
    period_px = padded_size(size)
    cells = period_px // CELL_PX
    assert cells * CELL_PX == period_px
    shifts = np.stack(np.mgrid[:cells, :cells], axis=-1).reshape(-1, 1, 2)
    first = (period_px - size) / 2 + 0.5  # pixel 0 of the kept part, from the period's edge
    fractions = (cell.positions_nm / side_nm + shifts).reshape(-1, 2) / cells + first / period_px
    heights = np.tile(cell.scattering(1.7), len(shifts))
    highest = highest_sampled(size)
    points = structure_factor(
        torch.from_numpy(fractions % 1), torch.from_numpy(heights).float(), highest
    )
    period_nm = cells * side_nm
    ky, kx = (f / period_nm for f in frequencies(highest))
    transfer = transfer_function(point_spread(PROBE), ky, kx, 1.0)
    image = image_of(points * transfer / period_nm**2, size).double().numpy()
    return image[:CELL_PX, :CELL_PX]


def finer(cell: np.ndarray, factor: int = 25) -> np.ndarray:
    """Return a periodic image on a finer grid, by its Fourier series."""
    count = len(cell)
    spectrum = np.zeros((factor * count, factor * count), dtype=complex)
    index = np.arange(-(count // 2 - 1), count // 2)  # without the Nyquist frequency
    spectrum[np.ix_(index, index)] = np.fft.fft2(cell)[np.ix_(index, index)]
    return np.fft.ifft2(spectrum).real * factor**2


def peak_near(cell: np.ndarray, place: tuple[int, int]) -> tuple[float, float, float]:
    """Return (row, column) of the highest point within 2 px, from there [px], and its height."""
    factor, reach = 25, 50
    fine = np.roll(finer(cell, factor), [reach - factor * p for p in place], axis=(0, 1))
    window = fine[: 2 * reach + 1, : 2 * reach + 1]
    row, column = np.unravel_index(window.argmax(), window.shape)
    return (row - reach) / factor, (column - reach) / factor, float(window.max())


@pytest.mark.parametrize("name", COLUMNS)
def test_that_columns_stand_where_multislice_has_them(
    model: np.ndarray, reference: np.ndarray, name: str
) -> None:
    own, other = (peak_near(image, COLUMNS[name]) for image in (model, reference))
    assert own[:2] == pytest.approx(other[:2], abs=0.1)


def test_that_contrast_is_in_the_order_of_multislice(
    model: np.ndarray, reference: np.ndarray
) -> None:
    for image in (model, reference):
        strontium, titanium, oxygen, other = (peak_near(image, p)[2] for p in COLUMNS.values())
        dimmest = finer(image).min()
        assert strontium > titanium > max(oxygen, other)
        assert min(oxygen, other) > 1.5 * dimmest


def test_that_the_images_are_alike(model: np.ndarray, reference: np.ndarray) -> None:
    assert np.corrcoef(model.ravel(), reference.ravel())[0, 1] > 0.97
