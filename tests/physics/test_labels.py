from __future__ import annotations

import numpy as np
import pytest
import torch

from atomsegnet.physics.labels import disc_mask, gaussian_map, map_sigma_px, nearest_distance


def test_that_the_distance_is_that_to_the_nearest_position() -> None:
    positions = torch.tensor([[10.25, 12.5], [14.0, 12.0], [0.2, 30.9]])
    found = nearest_distance(positions, 32, 6.0).numpy()
    row, column = np.mgrid[:32, :32]
    every = np.hypot(
        row[..., None] - positions[:, 0].numpy(), column[..., None] - positions[:, 1].numpy()
    ).min(axis=-1)
    near = every < 5
    assert found[near] == pytest.approx(every[near], abs=1e-4)
    assert np.isinf(found[every > 10]).all()


def test_that_an_empty_frame_has_an_empty_map() -> None:
    distance = nearest_distance(torch.zeros(0, 2), 16, 4.0)
    assert float(gaussian_map(distance, 1.2).max()) == 0
    assert float(disc_mask(distance, 6.0).max()) == 0


def test_that_overlapping_columns_take_the_maximum() -> None:
    distance = nearest_distance(torch.tensor([[8.0, 8.0], [8.0, 10.0]]), 20, 8.0)
    peak = gaussian_map(distance, 1.5)
    assert float(peak.max()) == pytest.approx(1.0)
    assert float(peak[8, 9]) == pytest.approx(np.exp(-1 / (2 * 1.5**2)), abs=1e-6)


def test_that_a_disc_has_the_area_of_its_diameter() -> None:
    for center in (15.0, 15.3, 15.5):
        distance = nearest_distance(torch.tensor([[center, 15.2]]), 32, 10.0)
        area = float(disc_mask(distance, 9.0).sum())
        assert area == pytest.approx(np.pi * 4.5**2, rel=0.02)


def test_that_a_map_peak_is_never_narrower_than_one_pixel() -> None:
    assert map_sigma_px(2.5) == 1.0
    assert map_sigma_px(10.0) == pytest.approx(2.0)
