"""A small Faster R-CNN that boxes columns: a baseline of the benchmark, no model of the program.

Ren et al., Faster R-CNN, arXiv:1506.01497, as torchvision has it, on a backbone of our own that
starts from random weights. It sees images at the scale and in the normalization of the networks.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from atomsegnet import paths
from atomsegnet.core.errors import ModelError
from atomsegnet.core.micrograph import FloatImage
from atomsegnet.nn.normalization import local_scale_of
from atomsegnet.nn.tiling import Span, Tiling
from atomsegnet.nn.weights import read_tensors

FloatArray = npt.NDArray[np.float64]

NAME = "faster_rcnn"
# Channels of the backbone, and pixels of the image for each of its answer.
CHANNELS, STRIDE = 96, 4
# Sides of the boxes that are tried around each point [px]; columns are about 6 px wide.
ANCHORS_PX = (4, 6, 8, 12)
# Anchors that lie at most 3 px off do not overlap with a box of 6 px by more than this.
_PROPOSED_OVERLAP = 0.5
# Boxes of columns 0.6 widths apart, nearer than which nobody sees two, overlap by 0.25.
_SAME_COLUMN_OVERLAP = 0.3
_MOST_COLUMNS = 2000
# Tiles hold fewer columns than that, 7.2 px apart; what is found so near to a border between tiles
# is left to the neighbor [px].
TILE_PX, OVERLAP_PX, _LEFT_TO_NEIGHBOR_PX = 320, 64, 16


class _Block(nn.Module):
    """Two convolutions beside which the input goes on."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.first = _convolution(channels, channels, dilation=dilation)
        self.second = _convolution(channels, channels)

    def forward(self, features: Tensor) -> Tensor:
        """Return features of the same shape."""
        added: Tensor = features + self.second(self.first(features))
        return added


class _Backbone(nn.Sequential):
    """(B, 1, H, W) -> (B, `CHANNELS`, H / `STRIDE`, W / `STRIDE`)."""

    out_channels = CHANNELS

    def __init__(self) -> None:
        super().__init__(
            _convolution(1, 32),
            _convolution(32, 64, stride=2),
            _convolution(64, 64),
            _convolution(64, CHANNELS, stride=2),
            *(_Block(CHANNELS, dilation) for dilation in (1, 2, 4)),
        )


def _convolution(inputs: int, outputs: int, *, stride: int = 1, dilation: int = 1) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, dilation, dilation, bias=False),
        nn.GroupNorm(8, outputs),
        nn.ReLU(inplace=True),
    )


def build_detector() -> nn.Module:
    """Return a detector of one kind of object with random weights; needs torchvision.

    As all detectors of torchvision it takes a list of images, (1, H, W) each and normalized; in
    training also their boxes, and returns its losses.
    """
    from torchvision.models.detection import FasterRCNN
    from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
    from torchvision.models.detection.rpn import AnchorGenerator
    from torchvision.ops import MultiScaleRoIAlign

    detector: nn.Module = FasterRCNN(
        _Backbone(),
        rpn_anchor_generator=AnchorGenerator((ANCHORS_PX,), ((1.0,),)),
        rpn_fg_iou_thresh=_PROPOSED_OVERLAP,
        rpn_nms_thresh=_PROPOSED_OVERLAP,
        rpn_batch_size_per_image=512,
        rpn_pre_nms_top_n_test=3 * _MOST_COLUMNS,
        rpn_post_nms_top_n_train=_MOST_COLUMNS // 2,
        rpn_post_nms_top_n_test=_MOST_COLUMNS,
        box_roi_pool=MultiScaleRoIAlign(["0"], output_size=5, sampling_ratio=2),
        box_head=TwoMLPHead(CHANNELS * 5**2, 256),
        box_predictor=FastRCNNPredictor(256, 2),
        box_score_thresh=0.5,
        box_nms_thresh=_SAME_COLUMN_OVERLAP,
        box_detections_per_img=_MOST_COLUMNS,
        box_batch_size_per_image=256,
        box_positive_fraction=0.5,
        image_mean=[0.0],
        image_std=[1.0],
        size_divisible=STRIDE,
    )
    return detector


def keep_size(detector: nn.Module, shape: tuple[int, int]) -> None:
    """Let a detector take images of this shape [px] as they are; torchvision's enlarges them."""
    transform: Any = detector.transform
    transform.min_size, transform.max_size = (min(shape),), max(shape)


def boxes_around(positions: Tensor, width_px: float) -> Tensor:
    """Return the squares of a width around positions.

    Parameters
    ----------
    positions : Tensor, shape (N, 2)
        (row, column) [px], the center of the first pixel at (0, 0).
    width_px : float
        Side [px].

    Returns
    -------
    Tensor, shape (N, 4)
        Left, top, right, bottom [px], the corner of the first pixel at (0, 0).
    """
    corner = positions.flip(1) + 0.5
    return torch.cat([corner - width_px / 2, corner + width_px / 2], dim=1)


def centers_of(boxes: Tensor) -> Tensor:
    """Return the (row, column) of the centers of boxes, shape (N, 2), as `boxes_around` has it."""
    return ((boxes[:, :2] + boxes[:, 2:]) / 2 - 0.5).flip(1)


@torch.inference_mode()
def detected_centers(detector: nn.Module, image: FloatImage) -> FloatArray:
    """Return the centers of the boxes that a detector finds.

    Parameters
    ----------
    detector : Module
        A detector that does not train.
    image : ndarray of float32, shape (H, W)
        An image with some contrast at the scale of the networks.

    Returns
    -------
    ndarray of float64, shape (N, 2)
        (row, column) [px of this image].
    """
    from torchvision.ops import nms

    whole = torch.from_numpy(np.array(image))[None, None]
    whole = local_scale_of(whole).normalized(whole)[0]
    boxes, scores = [], []
    tiling = Tiling((whole.shape[1], whole.shape[2]), TILE_PX, OVERLAP_PX, 1)
    for rows, columns in tiling.tiles():
        part = whole[:, rows.start : rows.stop, columns.start : columns.stop]
        keep_size(detector, (part.shape[1], part.shape[2]))
        (found,) = detector([part])
        offset = torch.tensor([columns.start, rows.start] * 2)
        placed = found["boxes"] + offset
        row, column = centers_of(placed).unbind(1)
        own = _is_inside(row, rows, tiling.shape[0]) & _is_inside(column, columns, tiling.shape[1])
        boxes.append(placed[own])
        scores.append(found["scores"][own])
    every = torch.cat(boxes)
    kept = nms(every, torch.cat(scores), _SAME_COLUMN_OVERLAP)
    return np.asarray(centers_of(every[kept]).numpy(), dtype=np.float64)


def _is_inside(position: Tensor, span: Span, length: int) -> Tensor:
    """Return which positions along an axis are not near to an end of a tile within the image."""
    first = span.start + _LEFT_TO_NEIGHBOR_PX if span.start else -1
    last = span.stop - _LEFT_TO_NEIGHBOR_PX if span.stop < length else length
    return (position >= first) & (position <= last)


def save_detector(path: Path, detector: nn.Module, words: Mapping[str, str]) -> None:
    """Write weights in half precision and words about them to a file, whole or not at all."""
    from safetensors.torch import save_file

    tensors = {name: value.half().contiguous() for name, value in detector.state_dict().items()}
    partial = path.with_suffix(".partial")
    save_file(tensors, partial, metadata=dict(words))
    partial.replace(path)


def load_detector(path: Path) -> nn.Module:
    """Load a detector for use; needs torchvision.

    Raises
    ------
    ModelError
        The file is missing, damaged or of another network.
    """
    detector = build_detector()
    try:
        detector.load_state_dict(read_tensors(path))
    except RuntimeError as error:
        raise ModelError(f"{path.name} holds tensors that do not fit the detector.") from error
    return detector.eval()


def installed_file() -> Path:
    """Return the weights file that comes with the program; installers leave it out."""
    return paths.benchmark_folder() / f"{NAME}.safetensors"


@lru_cache(maxsize=1)
def installed_detector() -> nn.Module:
    """Load the detector that comes with the program once; raises as `load_detector`."""
    return load_detector(installed_file())


@cache
def why_not_run() -> str:
    """Return why the detector cannot run here; empty where it can."""
    from importlib.util import find_spec

    if find_spec("torchvision") is None:
        return "torchvision is not installed"
    try:
        import torchvision.ops  # noqa: F401 - one made for another torch fails here
    except (ImportError, OSError, RuntimeError):
        return "torchvision does not fit the installed torch"
    return "" if installed_file().is_file() else "weights are not installed"
