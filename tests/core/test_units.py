from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.units import (
    bar_length,
    format_length,
    format_pixel_length,
    length_in_nm,
    pixel_size_from_nm,
    positions_in_nm,
    positions_in_px,
)


@pytest.mark.parametrize(
    ("unit", "nm"),
    [
        ("nm", 1), ("[n_m]", 1), (" nm ", 1), ("nanometers", 1), ("pm", 1e-3), ("A", 0.1),
        ("Å", 0.1), ("\N{ANGSTROM SIGN}", 0.1), ("Angstroms", 0.1), ("Ångström", 0.1),
        ("µm", 1e3), ("\N{GREEK SMALL LETTER MU}m", 1e3), ("[u_m]", 1e3), ("micron", 1e3),
        ("mm", 1e6), ("cm", 1e7), ("m", 1e9), ("metres", 1e9),
    ],
)  # fmt: skip
def test_that_a_unit_of_length_becomes_nanometers(unit: str, nm: float) -> None:
    assert length_in_nm(2.0, unit) == pytest.approx(2 * nm)


@pytest.mark.parametrize(
    "unit", ["", "[]", "µ", "µn", "s", "eV", "1/nm", "nm^-1", "mrad", "Mm", "Pm", "pixel", "px"]
)
def test_that_anything_else_is_no_unit_of_length(unit: str) -> None:
    assert length_in_nm(2.0, unit) is None


def test_that_a_pixel_size_is_positive_and_plausible() -> None:
    assert pixel_size_from_nm(0.02, -0.01) == PixelSize(0.02, 0.01)
    for unusable in (None, 0.0, float("nan"), float("inf"), 1e-9, 1e9):
        assert pixel_size_from_nm(unusable, 0.01) is None
        assert pixel_size_from_nm(0.01, unusable) is None


def test_that_rows_go_with_the_height_and_columns_with_the_width() -> None:
    positions = np.array([[10.0, 20.0]])
    assert positions_in_nm(positions, PixelSize(0.1, 0.2)).tolist() == [[1.0, 4.0]]
    back = positions_in_px(positions_in_nm(positions, PixelSize(0.1, 0.2)), PixelSize(0.1, 0.2))
    np.testing.assert_allclose(back, positions)


@pytest.mark.parametrize(
    ("width", "length"), [(4, 1), (3.9, 0.5), (8, 2), (20, 5), (19.9, 2), (40, 10), (0.4, 0.1)]
)
def test_that_a_scale_bar_is_the_longest_of_1_2_5_within_a_quarter(
    width: float, length: float
) -> None:
    assert bar_length(width) == pytest.approx(length)


@given(st.floats(1e-6, 1e9))
def test_that_a_scale_bar_fills_between_a_tenth_and_a_quarter(width: float) -> None:
    assert 0.0999 * width <= bar_length(width) <= 0.2501 * width


@pytest.mark.parametrize("width", [0, -1, float("nan"), float("inf")])
def test_that_a_view_without_a_width_has_no_scale_bar(width: float) -> None:
    with pytest.raises(ValueError, match="width above 0"):
        bar_length(width)


@pytest.mark.parametrize(
    ("nm", "text"),
    [
        (2, "2 nm"), (0.05, "50 pm"), (0.5, "500 pm"), (1.5, "1.5 nm"), (1234, "1.23 µm"),
        (0.9999, "1 nm"), (999.9, "1 µm"), (2e6, "2 mm"), (-2, "-2 nm"), (0, "0 nm"),
        (100, "100 nm"), (0.01234, "12.3 pm"),
    ],
)  # fmt: skip
def test_that_a_length_is_printed_in_its_handiest_unit(nm: float, text: str) -> None:
    assert format_length(nm) == text


def test_that_a_length_without_a_pixel_size_is_printed_in_px() -> None:
    assert format_pixel_length(100) == "100 px"
