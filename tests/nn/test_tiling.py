from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomsegnet.nn.tiling import Tiling, pad_to_alignment


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from([64, 96, 128]))
def test_that_the_weights_of_all_tiles_add_up_to_one(rows: int, columns: int, tile: int) -> None:
    tiling = Tiling((16 * rows, 16 * columns), tile, 32, 16)
    total = np.zeros(tiling.shape)
    for part in tiling.tiles():
        total[part[0].start : part[0].stop, part[1].start : part[1].stop] += tiling.weight(*part)
    np.testing.assert_allclose(total, 1, atol=1e-6)


def test_that_tiles_start_at_multiples_of_the_alignment_and_stay_inside() -> None:
    tiling = Tiling((400, 1024), 256, 64, 16)
    for axis, length in ((0, 400), (1, 1024)):
        spans = tiling.spans(axis)
        assert spans[0].start == 0
        assert spans[-1].stop == length
        assert all(span.start % 16 == 0 and span.stop - span.start == 256 for span in spans)
        overlaps = [a.stop - b.start for a, b in pairwise(spans)]
        assert min(overlaps) >= 64 - 16


def test_that_the_outer_part_of_an_inner_tile_does_not_count() -> None:
    tiling = Tiling((64, 512), 128, 64, 16)
    second = list(tiling.tiles())[1]
    weight = tiling.weight(*second)
    assert weight[:, :20].max() == 0
    assert weight[:, -20:].max() == 0


def test_that_a_hand_made_picture_is_put_together_again() -> None:
    image = np.arange(64 * 96, dtype=np.float32).reshape(64, 96)
    tiling = Tiling(image.shape, 48, 32, 16)
    total = np.zeros_like(image)
    for rows, columns in tiling.tiles():
        part = image[rows.start : rows.stop, columns.start : columns.stop]
        total[rows.start : rows.stop, columns.start : columns.stop] += part * tiling.weight(
            rows, columns
        )
    assert total == pytest.approx(image, rel=1e-5)


def test_that_padding_reflects_and_tells_where_the_image_is() -> None:
    image = np.arange(20 * 37, dtype=np.float32).reshape(20, 37)
    padded, top, left = pad_to_alignment(image, 16, 8)
    assert padded.shape == (48, 64)
    assert np.array_equal(padded[top : top + 20, left : left + 37], image)
    assert padded[top - 1, left] == image[1, 0]
    assert padded[top, left + 37] == image[0, 35]


def test_that_a_tiling_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="aligned"):
        Tiling((100, 64), 64, 32, 16)
    with pytest.raises(ValueError, match="overlap"):
        Tiling((96, 96), 32, 32, 16)
