from __future__ import annotations

import pytest
import torch

from atomsegnet.nn.losses import WIDTH_WEIGHT, map_error, mean_log_error, modified_chi_square


def test_that_the_paper_s_loss_is_its_formula() -> None:
    target = torch.tensor([[[[0.0, 1.0]]]])
    output = torch.tensor([[[[0.2, 0.5]]]])
    expected = (0.2**2 / 0.1 + 0.5**2 / 1.1) / 2
    assert float(modified_chi_square(output, target, torch.ones(1))) == pytest.approx(expected)


def test_that_pixels_without_a_right_answer_do_not_count() -> None:
    target, output = torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2)
    assert float(modified_chi_square(output, target, torch.zeros(1, 1, 2, 2))) == 0


def test_that_every_image_counts_alike_in_decibels() -> None:
    target = torch.zeros(2, 1, 4, 4)
    small = torch.stack([torch.full((1, 4, 4), 0.1), torch.full((1, 4, 4), 1.0)])
    better_first = small * torch.tensor([0.5, 1.0])[:, None, None, None]
    better_last = small * torch.tensor([1.0, 0.5])[:, None, None, None]
    weight = torch.ones(2, 1, 4, 4)
    gains = [
        float(mean_log_error(small, target, weight) - mean_log_error(better, target, weight))
        for better in (better_first, better_last)
    ]
    assert gains[0] == pytest.approx(gains[1], rel=0.03)
    assert gains[0] == pytest.approx(0.301, rel=0.03)


def test_that_borders_that_hold_no_image_do_not_count() -> None:
    target, output = torch.zeros(1, 1, 2, 2), torch.tensor([[[[0.1, 0.1], [9.0, 9.0]]]])
    weight = torch.tensor([[[[1.0, 1.0], [0.0, 0.0]]]])
    assert float(mean_log_error(output, target, weight)) == pytest.approx(-2, abs=0.01)


def test_that_the_width_of_columns_counts_inside_of_columns_alone() -> None:
    target = torch.tensor([[[[1.0, 0.0]]]])
    octaves = torch.tensor([0.5])
    right_map = torch.stack([target[0, 0], torch.tensor([[0.25, 7.0]])])[None]
    error = map_error(right_map, target, torch.ones(1, 1, 1, 2), octaves)
    assert float(error) == pytest.approx(WIDTH_WEIGHT * 0.25)
    empty = map_error(torch.zeros(1, 2, 4, 4), torch.zeros(1, 1, 4, 4), torch.ones(1), octaves)
    assert float(empty) == 0
