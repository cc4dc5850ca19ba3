from __future__ import annotations

import pytest
import torch

from atomsegnet.nn.normalization import (
    local_scale_of,
    scale_of,
    window_mean,
)
from atomsegnet.nn.registry import Output


def image(height: int = 160, width: int = 200) -> torch.Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(1, 1, height, width, generator=generator)


@pytest.mark.parametrize("sigma_px", [3.0, 10.0, 37.0])
def test_that_the_mean_of_a_constant_is_that_constant_up_to_the_border(sigma_px: float) -> None:
    assert window_mean(torch.full((1, 1, 61, 200), 7.0), sigma_px) == pytest.approx(7.0)


def test_that_the_mean_is_that_of_a_gaussian_window() -> None:
    point = torch.zeros(1, 1, 161, 161)
    point[0, 0, 80, 80] = 1.0
    mean = window_mean(point, 10.0)[0, 0]
    # Height of a normalized Gaussian in the plane, and at a distance of one standard deviation.
    assert float(mean[80, 80]) == pytest.approx(1 / (2 * torch.pi * 100), rel=0.05)
    assert float(mean[80, 90] / mean[80, 80]) == pytest.approx(0.6065, rel=0.08)


def test_that_gain_and_offset_of_the_detector_do_not_matter() -> None:
    first = image()
    second = 300.0 * first + 5e4
    seen = [local_scale_of(i).normalized(i) for i in (first, second)]
    assert torch.allclose(seen[0], seen[1], atol=1e-2)
    assert float(seen[0].std()) == pytest.approx(1, rel=0.1)


def test_that_a_strong_step_of_the_background_leaves_the_contrast_of_the_rest() -> None:
    plain = image()
    stepped = plain.clone()
    stepped[..., 100:] += 30.0
    seen = [local_scale_of(i).normalized(i)[..., 150:] for i in (plain, stepped)]
    assert float(seen[1].std() / seen[0].std()) > 0.4
    assert float(scale_of(stepped).normalized(stepped)[..., 150:].mean().abs()) < 0.2


def test_that_a_normalized_image_comes_back_as_it_was() -> None:
    first = image() * 20 + 100
    scale = local_scale_of(first)
    back = scale.restored(scale.normalized(first), Output.INTENSITY)
    assert torch.allclose(back, first, rtol=1e-4)
