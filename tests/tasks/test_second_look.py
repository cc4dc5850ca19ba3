from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from atomsegnet.analysis.calibration import LOWEST_AUTOMATIC_THRESHOLD, map_value
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.nn.inference import run_model
from atomsegnet.nn.weights import load_installed
from atomsegnet.tasks.locate import locate
from atomsegnet.tasks.process import process

SIDE, SPACING, WIDTH = 240, 26.0, 8.0
FAINT = 0.025


def crystal() -> tuple[Micrograph, np.ndarray, np.ndarray]:
    """Return counts of strong columns with faint ones between them, and the places of both."""
    steps = np.arange(12.0, SIDE - 8, SPACING)
    strong = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    faint = strong + SPACING / 2
    faint = faint[(faint < SIDE - 10).all(axis=1)]
    row, column = np.mgrid[:SIDE, :SIDE]
    image = np.full((SIDE, SIDE), 0.1)
    for places, height in ((strong, 1.0), (faint, FAINT)):
        for y, x in places:
            image += height * np.exp(
                -4 * np.log(2) * ((row - y) ** 2 + (column - x) ** 2) / WIDTH**2
            )
    counts = np.random.default_rng(21).poisson(8000 * image)
    return Micrograph(counts.astype(np.float32)), strong, faint


def share_found(places: np.ndarray, found: np.ndarray) -> float:
    return float((cKDTree(found).query(places)[0] < WIDTH / 4).mean())


def test_that_columns_show_that_stronger_ones_had_hidden() -> None:
    micrograph, strong, faint = crystal()
    found = locate(micrograph).columns.positions
    assert share_found(strong, found) == 1
    assert share_found(faint, found) > 0.9
    assert len(found) <= len(strong) + len(faint) + 2


def test_that_the_network_alone_does_not_see_them() -> None:
    micrograph, _, faint = crystal()
    whole = process(micrograph, "gaussian_map")
    alone = run_model(load_installed("gaussian_map"), micrograph, whole.factor)
    row, column = np.rint(faint).astype(int).T
    threshold = map_value(LOWEST_AUTOMATIC_THRESHOLD)
    assert np.median(alone.image[row, column]) < threshold
    assert np.median(whole.image[row, column]) > 1.25 * threshold
    assert whole.working_image.shape == alone.working_image.shape
    np.testing.assert_array_less(alone.image - 0.05, whole.image)


def dumbbells() -> tuple[Micrograph, np.ndarray]:
    """Return counts of pairs of columns 0.8 widths apart, as of silicon along [110], and all."""
    apart = 0.8 * WIDTH
    cell = np.array([4.0, 2.83]) * apart  # of 543 and 384 pm where the columns are 136 pm apart
    steps = np.stack(np.meshgrid(np.arange(12), np.arange(16), indexing="ij"), axis=-1)
    corners = steps.reshape(-1, 2) * cell
    middle = np.concatenate([corners, corners + cell / 2]) + 2.3
    half = np.array([apart / 2, 0])
    columns = np.concatenate([middle - half, middle + half])
    columns = columns[((columns > -9) & (columns < SIDE + 9)).all(axis=1)]
    row, column = np.mgrid[:SIDE, :SIDE]
    image = np.full((SIDE, SIDE), 0.2)
    for y, x in columns:
        image += np.exp(-4 * np.log(2) * ((row - y) ** 2 + (column - x) ** 2) / WIDTH**2)
    counts = np.random.default_rng(8).poisson(200 * image)
    return Micrograph(counts.astype(np.float32)), columns


def test_that_both_columns_of_dumbbells_are_found_that_the_network_sees_as_one() -> None:
    micrograph, columns = dumbbells()
    located = locate(micrograph)
    found = located.columns.positions
    inside = columns[((columns > WIDTH) & (columns < SIDE - WIDTH)).all(axis=1)]
    assert share_found(inside, found) > 0.98
    is_inside = ((found > WIDTH) & (found < SIDE - WIDTH)).all(axis=1)
    assert is_inside.sum() < 1.05 * len(inside)
    assert any("pairs by their shape" in note for note in located.processed.notes)
