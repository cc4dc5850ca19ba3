"""Colors, quantities, filters, loops and the ruler."""

from __future__ import annotations

import numpy as np
import pytest

from atomsegnet.core.color_maps import COLOR_MAPS, color_table, value_levels
from atomsegnet.core.column_filter import filter_columns
from atomsegnet.core.column_quantities import Quantity, color_range
from atomsegnet.core.errors import SettingError
from atomsegnet.core.lasso import box_corners, inside_loop
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.core.ruler import line_profile, read_ruler, snapped


@pytest.mark.parametrize("name", ["viridis", "cividis", "magma"])
def test_that_color_maps_are_those_that_were_published_and_rise_evenly(name: str) -> None:
    pyqtgraph = pytest.importorskip("pyqtgraph")
    published = np.asarray(pyqtgraph.colormap.get(name).getLookupTable(nPts=256))[:, :3]
    table = color_table(name)
    assert np.abs(table.astype(int) - published).max() <= 7
    brightness = table @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(brightness[::8]) > 0).all()


def test_that_gray_is_gray_and_inverted_its_reverse() -> None:
    assert np.array_equal(color_table("gray"), np.repeat(np.arange(256), 3).reshape(256, 3))
    assert np.array_equal(color_table("inverted"), color_table("gray")[::-1])
    assert all(color_table(name).shape == (256, 3) for name in COLOR_MAPS)


def test_that_values_beyond_the_ends_and_unknown_ones_have_a_level() -> None:
    values = np.array([-5.0, 0.0, 1.0, 2.0, 9.0, np.nan])
    assert value_levels(values, 0, 2).tolist() == [0, 0, 128, 255, 255, 0]


def test_that_a_few_odd_values_do_not_take_the_colors_of_all_others() -> None:
    values = np.append(np.linspace(10, 20, 500), [1e6, np.nan])
    low, high = color_range(values)
    assert 10 <= low < 10.2
    assert 19.8 < high <= 20.1
    assert color_range(np.array([-1.0, 4.0] * 50), is_two_sided=True) == (-4.0, 4.0)
    assert color_range(np.array([np.nan])) == (0.0, 1.0)


def quantities() -> list[Quantity]:
    width = Quantity("width", "Width", "", np.array([4.0, 6.0, 8.0, np.nan]))
    return [width, Quantity("confidence", "C", "", np.array([0.9, 0.5, 0.7, 0.8]))]


@pytest.mark.parametrize(
    ("condition", "chosen"),
    [
        ("width > 5", [1, 2]),
        ("width>=6,confidence < 0.6", [1]),
        ("edge", [0, 3]),
        ("not edge and width <= 8", [1, 2]),
        ("confidence = 9e-1", [0]),
    ],
)
def test_that_a_condition_chooses_columns(condition: str, chosen: list[int]) -> None:
    is_edge = np.array([True, False, False, True])
    mask = filter_columns(condition, quantities(), {"edge": is_edge})
    assert np.flatnonzero(mask).tolist() == chosen


@pytest.mark.parametrize("condition", ["height > 5", "width >", "width ~ 3", "width > 1e", "wide"])
def test_that_a_condition_that_is_none_is_refused(condition: str) -> None:
    with pytest.raises(SettingError):
        filter_columns(condition, quantities(), {"edge": np.zeros(4, dtype=bool)})


def test_that_a_loop_holds_what_it_surrounds_by_the_even_odd_rule() -> None:
    places = np.array([[1.0, 3.0], [5.0, 5.0], [9.0, 1.0], [5.0, 9.5]])
    arrow = np.array([[0.0, 0.0], [0.0, 10.0], [10.0, 10.0], [10.0, 0.0], [5.0, 8.0]])
    assert inside_loop(places, arrow).tolist() == [True, False, False, True]
    assert inside_loop(places, box_corners((0, 0), (6, 6))).tolist() == [True, True, False, False]
    assert not inside_loop(places, arrow[:2]).any()


def test_that_the_ruler_measures_in_nm_where_pixels_are_not_square() -> None:
    reading = read_ruler((10, 0), (0, 10), PixelSize(y=0.3, x=0.4))
    assert reading.length_px == pytest.approx(np.sqrt(200))
    assert reading.length_nm == pytest.approx(5.0)
    assert reading.angle_deg == pytest.approx(np.degrees(np.arctan2(3, 4)))
    assert read_ruler((10, 0), (0, 10), None).angle_deg == pytest.approx(45)


def test_that_a_snapped_ruler_keeps_its_length() -> None:
    end = snapped((0.0, 0.0), (3.0, 10.0))
    assert end == pytest.approx((0.0, np.hypot(3, 10)))
    assert snapped((1.0, 1.0), (10.0, 9.0))[0] == pytest.approx(1 + np.hypot(9, 8) / np.sqrt(2))


def test_that_a_profile_averages_across_its_width_and_leaves_out_what_lies_outside() -> None:
    image = np.tile(np.arange(9, dtype=np.float32)[:, None] ** 2, (1, 12))
    thin = line_profile(image, (3, 0), (3, 11), 1)
    assert thin.distance_px.tolist() == list(range(12))
    assert thin.intensity == pytest.approx(np.full(12, 9.0))
    assert line_profile(image, (3, 0), (3, 11), 3).intensity == pytest.approx((4 + 9 + 16) / 3)
    assert line_profile(image, (0, 0), (0, 11), 3).intensity == pytest.approx(0.5)
    down = line_profile(image, (2, 5), (4, 5), 1)
    assert down.intensity == pytest.approx([4, 9, 16])
