from __future__ import annotations

import numpy as np
import numpy.typing as npt

from atomsegnet.analysis.basins import find_basins


def label_image(rows: list[str], **options: float) -> npt.NDArray[np.int64]:
    """Return the basins, from 1, of a map whose digits are tenths."""
    values = np.array([[int(digit) for digit in row] for row in rows], dtype=np.float32) / 10
    basins = find_basins(values, **({"level": 0.05, "smallest_dip": 0.1} | options))
    labels = np.zeros(values.size, dtype=np.int64)
    labels[basins.pixels] = basins.labels + 1
    return labels.reshape(values.shape)


def test_that_two_peaks_are_parted_at_the_valley() -> None:
    labels = label_image(
        [
            "0000000",
            "0291380",
            "0000000",
        ]
    )
    np.testing.assert_array_equal(labels[1], [0, 1, 1, 1, 2, 2, 0])


def test_that_a_plateau_is_one_basin() -> None:
    labels = label_image(
        [
            "000000",
            "055550",
            "050050",
            "055550",
            "000000",
        ]
    )
    assert labels.max() == 1
    assert np.count_nonzero(labels) == 10


def test_that_equal_neighbors_are_one_maximum() -> None:
    assert label_image(["0000", "0880", "0000"]).max() == 1


def test_that_a_shallow_dip_parts_nothing() -> None:
    # The dip is 1 of 9, and 1 of 8 for the lower one of the second pair.
    assert label_image(["00000", "09890", "00000"], smallest_dip=0.2).max() == 1
    assert label_image(["00000", "09890", "00000"], smallest_dip=0.1).max() == 2
    assert label_image(["00000", "09780", "00000"], smallest_dip=0.15).max() == 1


def test_that_the_dip_is_relative_to_the_lower_peak() -> None:
    assert label_image(["000000", "098120", "000000"], smallest_dip=0.4).max() == 2


def test_that_a_peak_merged_with_a_higher_one_carries_its_own_valleys_along() -> None:
    labels = label_image(["000000000", "098908080", "000000000"], smallest_dip=0.2)
    np.testing.assert_array_equal(labels[1], [0, 1, 1, 1, 0, 2, 0, 3, 0])


def test_that_peaks_at_the_border_count() -> None:
    labels = label_image(["900009", "100001", "000000", "900009"])
    assert labels.max() == 4


def test_that_basins_are_numbered_by_row() -> None:
    labels = label_image(["000000", "000090", "000000", "090000", "000000"])
    assert labels[1, 4] == 1
    assert labels[3, 1] == 2


def test_that_a_map_below_the_level_has_no_basins() -> None:
    basins = find_basins(np.zeros((5, 5), np.float32), level=0.1, smallest_dip=0.1)
    assert len(basins.pixels) == len(basins.labels) == len(basins.peaks) == 0
