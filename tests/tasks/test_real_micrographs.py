"""Real micrographs, where they are at hand; docs/results.md has the whole table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from atomsegnet.io.read import read
from atomsegnet.tasks.locate import locate

MICROGRAPHS = Path(__file__).parents[3] / "shared" / "data" / "micrographs"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MICROGRAPHS.is_dir(), reason="the micrographs are not at hand"),
]


# Counted by eye beside the micrographs: columns at least 5 px from the border.
@pytest.mark.parametrize(
    ("name", "inner", "tolerance"),
    [
        ("Si110_5nmX25us_03_none_none.png", 392, 0.03),
        ("03_afterimage_8nm_crp.png", 950, 0.03),
        ("10_dso_8nm_none_none.png", 823, 0.03),
        ("Grain_boundry_gold_512px.png", 698, 0.03),
        ("16_STOimage_1.ser", 1255, 0.03),
        ("HAADF26.dm3", 1446, 0.06),
        ("052227.010101-stem00-clean.png", 105, 0.0),
    ],
)
def test_that_as_many_columns_are_found_as_people_count(
    name: str, inner: int, tolerance: float
) -> None:
    micrograph = read(MICROGRAPHS / name)
    positions = locate(micrograph).columns.positions
    last = np.array(micrograph.shape) - 6
    count = np.all((positions >= 5) & (positions <= last), axis=1).sum()
    assert count == pytest.approx(inner, rel=tolerance)
