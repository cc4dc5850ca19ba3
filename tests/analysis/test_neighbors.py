from __future__ import annotations

import numpy as np

from atomsegnet.analysis.neighbors import median_spacing, nearest_neighbor_distances


def test_that_each_column_knows_its_nearest_neighbor() -> None:
    positions = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 5.0], [13.0, 5.0]])
    np.testing.assert_allclose(nearest_neighbor_distances(positions), [5, 1, 1, 10])
    assert median_spacing(positions) == 3


def test_that_a_column_that_is_alone_has_no_neighbor() -> None:
    assert np.isnan(nearest_neighbor_distances(np.zeros((1, 2)))).all()
    assert nearest_neighbor_distances(np.zeros((0, 2))).shape == (0,)
    assert median_spacing(np.zeros((1, 2))) is None
