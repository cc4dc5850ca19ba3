from __future__ import annotations

import numpy as np

from atomsegnet.analysis.plausible import is_plausible
from atomsegnet.core.columns import Columns


def lattice(**changes: object) -> Columns:
    """Return a 6x6 lattice, 10 px apart, with a speck far away as its last column."""
    rows, cols = np.mgrid[:6, :6] * 10.0 + 20
    positions = np.vstack([np.stack([rows.ravel(), cols.ravel()], axis=1), [[150.0, 150.0]]])
    count = len(positions)
    fields = {
        "positions": positions,
        "sigmas": np.full((count, 2), 0.05),
        "amplitude": np.full(count, 100.0),
        "width": np.full(count, 5.0),
        "background": np.zeros(count),
        "integrated_intensity": np.full(count, 100.0),
        "confidence": np.full(count, 0.95),
        "is_edge": np.zeros(count, dtype=bool),
        "method": "gaussian-2d",
    }
    return Columns(**(fields | changes))  # type: ignore[arg-type]


def with_value(name: str, index: int, value: float) -> dict[str, np.ndarray]:
    values = getattr(lattice(), name).copy()
    values[index] = value
    return {name: values}


def test_that_strong_columns_are_kept_wherever_they_stand() -> None:
    assert is_plausible(lattice()).all()


def test_that_a_faint_speck_far_from_the_crystal_is_left_out() -> None:
    kept = is_plausible(lattice(**with_value("amplitude", -1, 20.0)))
    assert not kept[-1]
    assert kept[:-1].all()


def test_that_a_faint_column_in_the_crystal_is_kept() -> None:
    assert is_plausible(lattice(**with_value("amplitude", 14, 20.0))).all()


def test_that_a_column_without_fit_needs_a_sure_network() -> None:
    unfitted = with_value("sigmas", 7, np.nan)
    assert is_plausible(lattice(**unfitted)).all()
    doubtful = unfitted | with_value("confidence", 7, 0.6)
    assert np.flatnonzero(~is_plausible(lattice(**doubtful))).tolist() == [7]
    cut = doubtful | {"is_edge": np.arange(37) == 7}
    assert is_plausible(lattice(**cut)).all()
    assert is_plausible(lattice(**doubtful, method="weighted-centroid")).all()


def test_that_a_handful_of_columns_is_left_alone() -> None:
    few = lattice(**with_value("amplitude", -1, 20.0)).select(np.array([0, 1, 2, 36]))
    assert is_plausible(few).all()
    assert is_plausible(few.select(np.zeros(4, dtype=bool))).shape == (0,)


def test_that_a_column_by_itself_needs_a_sure_network() -> None:
    doubtful = with_value("confidence", -1, 0.8)
    assert np.flatnonzero(~is_plausible(lattice(**doubtful))).tolist() == [36]


def test_that_a_crystal_in_noise_is_kept_though_the_network_is_sure_of_little() -> None:
    unsure = {"confidence": np.full(37, 0.8)}
    few_are_sure = unsure | {"confidence": np.where(np.arange(37) % 9, 0.8, 0.96)}
    assert np.flatnonzero(~is_plausible(lattice(**few_are_sure))).tolist() == []
    # Of none, and no more columns than a film makes.
    assert not is_plausible(lattice(**unsure)).any()


def test_that_a_dense_crystal_needs_no_sure_column() -> None:
    rows, cols = np.mgrid[:8, :8] * 10.0 + 20
    count = rows.size
    dense = lattice(
        positions=np.stack([rows.ravel(), cols.ravel()], axis=1),
        sigmas=np.full((count, 2), 0.05),
        amplitude=np.full(count, 100.0),
        width=np.full(count, 5.0),
        background=np.zeros(count),
        integrated_intensity=np.full(count, 100.0),
        confidence=np.full(count, 0.7),
        is_edge=np.zeros(count, dtype=bool),
    )
    assert is_plausible(dense).all()


def test_that_a_film_shows_no_columns_however_large_it_is() -> None:
    rng = np.random.default_rng(2)
    count = 300
    speckle = lattice(
        positions=rng.uniform(0, 1024, (count, 2)),
        sigmas=np.full((count, 2), 0.5),
        amplitude=np.full(count, 100.0),
        width=np.full(count, 6.0),
        background=np.zeros(count),
        integrated_intensity=np.full(count, 100.0),
        confidence=rng.uniform(0.6, 0.92, count),
        is_edge=np.zeros(count, dtype=bool),
    )
    assert not is_plausible(speckle).any()
