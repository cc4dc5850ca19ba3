"""Faster R-CNN of the benchmark: boxes and centers, tiles, weights, and where it cannot run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor, nn

from atomsegnet.core.errors import ModelError
from atomsegnet.nn import faster_rcnn
from atomsegnet.nn.faster_rcnn import (
    boxes_around,
    build_detector,
    centers_of,
    detected_centers,
    installed_file,
    load_detector,
    save_detector,
    why_not_run,
)

LARGEST_BYTES = 5 * 2**20


@pytest.fixture
def _asked_anew() -> Iterator[None]:
    why_not_run.cache_clear()
    yield
    why_not_run.cache_clear()


def test_that_boxes_lie_around_the_centers_of_pixels() -> None:
    positions = torch.tensor([[0.0, 0.0], [3.25, 10.0]])
    boxes = boxes_around(positions, 6.0)
    # The first pixel reaches from 0 to 1; x comes before y.
    assert boxes.tolist() == [[-2.5, -2.5, 3.5, 3.5], [7.5, 0.75, 13.5, 6.75]]
    torch.testing.assert_close(centers_of(boxes), positions)


class _Maxima(nn.Module):
    """Stand-in of a detector: boxes the bright pixels of an image."""

    def __init__(self) -> None:
        super().__init__()
        self.transform = SimpleNamespace()

    def forward(self, images: list[Tensor]) -> list[dict[str, Tensor]]:
        (image,) = (one[0].numpy() for one in images)
        assert self.transform.min_size == (min(image.shape),)
        assert self.transform.max_size == max(image.shape)
        is_top = (ndimage.maximum_filter(image, 5) == image) & (image > 1)
        positions = torch.from_numpy(np.argwhere(is_top)).float()
        return [{"boxes": boxes_around(positions, 6.0), "scores": torch.ones(len(positions))}]


def test_that_each_column_of_a_large_image_is_found_once() -> None:
    pytest.importorskip("torchvision")
    expected = np.stack(np.meshgrid(np.arange(8, 700, 12), np.arange(5, 400, 12)), -1)
    expected = expected.reshape(-1, 2)
    image = np.zeros((700, 400), dtype=np.float32)
    image[tuple(expected.T)] = 1
    found = detected_centers(_Maxima(), image)
    order = np.lexsort(found.T[::-1])
    np.testing.assert_allclose(found[order], expected[np.lexsort(expected.T[::-1])], atol=1e-4)


def test_that_weights_are_the_same_after_saving_but_for_half_precision(tmp_path: Path) -> None:
    pytest.importorskip("torchvision")
    detector = build_detector()
    path = tmp_path / "detector.safetensors"
    save_detector(path, detector, {"name": "detector"})
    assert path.stat().st_size < LARGEST_BYTES
    again = load_detector(path)
    assert not again.training
    for name, value in detector.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value.half().float())


def test_that_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("torchvision")
    path = tmp_path / "other.safetensors"
    save_detector(path, nn.Linear(2, 2), {})
    with pytest.raises(ModelError, match="do not fit"):
        load_detector(path)


@pytest.mark.usefixtures("_asked_anew")
def test_that_it_says_that_torchvision_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert why_not_run() == "torchvision is not installed"


@pytest.mark.usefixtures("_asked_anew")
def test_that_it_says_that_weights_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torchvision")
    monkeypatch.setattr(faster_rcnn, "installed_file", lambda: tmp_path / "none.safetensors")
    assert why_not_run() == "weights are not installed"


def test_that_the_weights_are_small_and_come_with_a_card() -> None:
    assert installed_file().stat().st_size < LARGEST_BYTES
    assert installed_file().with_suffix(".md").is_file()
