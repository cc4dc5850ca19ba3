"""The benchmark: its images, its bound, its scores and what it writes."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from atomsegnet.core.errors import WriteError
from atomsegnet.core.micrograph import Micrograph
from atomsegnet.tasks.benchmark import Benchmark, Score, scored
from atomsegnet.tasks.benchmark_bound import peak_profile
from atomsegnet.tasks.benchmark_images import (
    DISPLACEMENT_NM,
    BenchmarkImage,
    Case,
    benchmark_cases,
    images_of,
    jitter_cases,
    simulate_case,
)
from atomsegnet.tasks.benchmark_methods import (
    FASTER_RCNN,
    Found,
    is_atomap_there,
    measured_by_all,
    not_run,
)
from atomsegnet.tasks.benchmark_report import write_benchmark
from atomsegnet.tasks.benchmark_restore import Restoration, decibels
from atomsegnet.tasks.benchmark_speed import Timing

CASE = Case("Fe [111]", 25.0, 6.0, 96, 3)


@pytest.fixture(scope="module")
def made() -> BenchmarkImage:
    """Return one small image of the benchmark."""
    return simulate_case(CASE)


def test_that_there_are_twenty_cases_of_unseen_crystals_and_silicon() -> None:
    cases = benchmark_cases()
    assert len(cases) >= 20
    assert {case.psnr_db for case in cases} == {15, 20, 25, 30}
    silicon = next(case for case in cases if case.name == "Si [110]" and case.psnr_db == 20)
    assert simulate_case(replace(silicon, size=64)).scene.pixel_size_nm == pytest.approx(0.0094)
    assert len({case.seed for case in [*cases, *jitter_cases()]}) == len(cases) + 5


def test_that_a_case_gives_the_same_image_again(made: BenchmarkImage) -> None:
    again = simulate_case(CASE)
    np.testing.assert_array_equal(again.image, made.image)
    np.testing.assert_array_equal(again.positions, made.positions)


def test_that_columns_are_displaced_as_said(made: BenchmarkImage) -> None:
    moved = (made.positions - made.undisplaced) * made.scene.pixel_size_nm
    assert moved.std() == pytest.approx(DISPLACEMENT_NM, rel=0.2)


def test_that_the_bound_describes_the_image_that_was_rendered(made: BenchmarkImage) -> None:
    scene = made.scene
    profile = peak_profile(scene)
    rows, columns = np.indices(made.image.shape, dtype=np.float64)
    total = scene.background.sample(scene.size).numpy().astype(np.float64)
    positions = scene.positions_px.numpy()
    for (y, x), intensity in zip(positions, scene.specimen.intensity, strict=True):
        away = np.maximum(abs(rows - y), abs(columns - x)) / scene.width_px
        peak = profile((rows - y) / scene.width_px, (columns - x) / scene.width_px)
        total += intensity * np.where(away < 5.5, peak, 0)
    # The far tails, which are left out here, are as good as a background.
    difference = total * scene.counts - made.expected
    assert np.abs(difference - difference.mean()).max() < 0.004 * scene.counts
    assert np.abs(difference).max() < 0.01 * scene.counts


def test_that_a_brighter_image_has_a_lower_bound(made: BenchmarkImage) -> None:
    brighter = simulate_case(replace(CASE, psnr_db=35.0))
    ratio = np.nanmedian(made.bounds) / np.nanmedian(brighter.bounds)
    # Ten times the counts for each 10 dB.
    assert ratio == pytest.approx(np.sqrt(10), rel=0.05)


def _score_of(made: BenchmarkImage, found: dict[str, np.ndarray]) -> dict[str, Score]:
    scores = scored(made, [{name: Found(positions, 0.1) for name, positions in found.items()}])
    return {score.method: score for score in scores}


def test_that_errors_are_compared_on_the_columns_that_all_found(made: BenchmarkImage) -> None:
    rng = np.random.default_rng(0)
    noisy = made.positions + rng.normal(0, 0.1, made.positions.shape)
    lost = np.flatnonzero(made.is_scored)[0]
    scores = _score_of(
        made,
        {
            "shifted": made.positions + np.array([0.0, 0.2]),
            "noisy": noisy,
            "one lost": np.delete(made.positions, lost, axis=0),
        },
    )
    count = int(made.is_scored.sum())
    assert {score.compared for score in scores.values()} == {count - 1}
    assert scores["shifted"].bias_px == pytest.approx(0.2)
    assert scores["shifted"].sigma_px == pytest.approx(0.2 / np.sqrt(2))
    assert scores["shifted"].f1 == 1
    assert scores["one lost"].f1 == pytest.approx(2 * (count - 1) / (2 * count - 1))
    assert scores["one lost"].sigma_px == 0
    assert scores["noisy"].ratio == pytest.approx(0.1 / scores["noisy"].bound_px, rel=0.2)


def test_that_faster_rcnn_takes_no_column_from_the_comparison_of_the_others(
    made: BenchmarkImage,
) -> None:
    half = np.flatnonzero(made.is_scored)[::2]
    found = {"whole": made.positions, FASTER_RCNN: made.positions[half] + 0.1}
    scores = _score_of(made, found)
    assert scores["whole"].compared == made.is_scored.sum()
    assert scores[FASTER_RCNN].compared == len(half)
    assert scores[FASTER_RCNN].sigma_px == pytest.approx(0.1)


def test_that_the_slope_tells_of_columns_pulled_onto_the_lattice(made: BenchmarkImage) -> None:
    moved = made.positions - made.undisplaced
    scores = _score_of(
        made, {"half": made.undisplaced + 0.5 * moved + 0.1, "whole": made.positions}
    )
    assert scores["half"].slope == pytest.approx(0.5)
    assert scores["whole"].slope == pytest.approx(1.0)


def test_that_all_methods_measure_the_same_image(made: BenchmarkImage) -> None:
    found, seconds = measured_by_all(Micrograph(made.image))
    assert seconds > 0
    assert {"otsu-centroid", "weighted-centroid", "gaussian-2d", "poisson-ml"} <= set(found)
    assert ("atomap" in found) == is_atomap_there()
    assert (FASTER_RCNN in found) != (FASTER_RCNN in not_run())
    scores = {score.method: score for score in scored(made, [found])}
    assert scores["poisson-ml"].compared > 20
    # No fit beats the bound by more than chance; the best one is near to it.
    assert 0.8 < scores["poisson-ml"].ratio < 1.4
    assert scores["gaussian-2d"].ratio < scores["otsu-centroid"].ratio


def test_that_gain_and_offset_do_not_count_as_errors_of_an_image() -> None:
    rng = np.random.default_rng(1)
    truth = rng.uniform(0, 1, (200, 200)).astype(np.float32)
    noisy = truth + rng.normal(0, 0.01, truth.shape).astype(np.float32)
    assert decibels(3 * truth - 7, truth) > 90
    # 20 log10 of the range, 1, over the noise, 0.01.
    assert decibels(5 * noisy + 2, truth) == pytest.approx(40, abs=0.3)


def test_that_images_of_a_case_differ_by_their_noise_and_are_scored_together(
    made: BenchmarkImage,
) -> None:
    images = list(images_of(replace(made, case=replace(CASE, images=3))))
    assert len(images) == 3
    np.testing.assert_array_equal(images[0], made.image)
    for one in images:
        noise = (one - made.expected) / np.sqrt(made.expected)
        assert noise.std() == pytest.approx(1, abs=0.05)
    assert np.corrcoef((images[1] - made.expected).ravel(), (images[2] - made.expected).ravel())[
        0, 1
    ] == pytest.approx(0, abs=0.05)
    shifted = {"one": Found(made.positions + np.array([0.0, 0.2]), 0.1)}
    back = {"one": Found(made.positions - np.array([0.0, 0.2]), 0.3)}
    (score,) = scored(made, [shifted, back])
    assert score.compared == 2 * made.is_scored.sum()
    assert score.bias_px == pytest.approx(0, abs=1e-9)
    assert score.sigma_px == pytest.approx(0.2 / np.sqrt(2))
    assert score.seconds == pytest.approx(0.2)


def test_that_what_is_found_at_the_very_border_counts_for_nothing(made: BenchmarkImage) -> None:
    at_border = np.array([[0.0, 3.0], [95.0, 60.5]])
    found = np.concatenate([made.positions, at_border])
    assert _score_of(made, {"more": found})["more"].f1 == 1


def _measured() -> Benchmark:
    scores = tuple(
        Score(case, method, 0.98, 50, 0.01, 0.1 * factor, 0.1, 0.99, 0.2)
        for case in (CASE, replace(CASE, psnr_db=15.0))
        for method, factor in (
            ("gaussian-2d", 1.3),
            ("poisson-ml", 1.05),
            ("poisson-ml-lines", 1.04),
        )
    )
    return Benchmark(
        scores=scores,
        jittered=scores[:3],
        restorations=(Restoration(CASE, "denoise", 20.0, 30.0, 27.0, 28.0),),
        timings=(Timing("denoise, 512x512 px", 0.5, 0.9),),
        missing={FASTER_RCNN: "not run: torchvision is not installed"},
        is_quick=True,
    )


def test_that_page_table_and_figure_are_written_and_kept(tmp_path: Path) -> None:
    paths = write_benchmark(tmp_path, _measured(), machine="a machine", command="a command")
    text = paths[0].read_text(encoding="utf-8")
    assert "| poisson-ml | 0.980 / 0.980 | 1.050 / 1.050 |" in text
    assert "| gaussian-2d | 0.980 / 0.980 | 1.300 / 1.300 |" in text
    assert "| Faster R-CNN | not run: torchvision is not installed |" in text
    assert "Nowhere, by the limits" in text
    assert "lower than that of gaussian-2d in 2 of 2 cases, by 19 % in the mean" in text
    assert "fitted, the error of poisson-ml is lower by 1 % in the mean" in text
    assert "| denoise | 20.0 | 30.0 | 27.0 | 28.0 | 1 of 1 |" in text
    with paths[1].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 9
    assert float(rows[0]["ratio"]) == pytest.approx(1.3)
    assert paths[2].read_bytes().startswith(b"\x89PNG")
    with pytest.raises(WriteError, match="exists"):
        write_benchmark(tmp_path, _measured(), machine="", command="")


def test_that_the_page_lists_where_the_joint_fit_or_a_model_falls_short(tmp_path: Path) -> None:
    good = _measured()
    bad = [replace(s, sigma_px=0.14, bias_px=0.05) if s.method == "poisson-ml" else s
           for s in good.scores]  # fmt: skip
    worse = (Restoration(CASE, "denoise", 20.0, 25.0, 27.0, 28.0),)
    measured = replace(good, scores=tuple(bad), restorations=worse)
    text = write_benchmark(tmp_path, measured, machine="", command="")[0].read_text("utf-8")
    assert "- Fe [111], 25 dB, 6.0 px: gaussian-2d is better than poisson-ml." in text
    assert "- Fe [111], 25 dB, 6.0 px: error 1.40 times the bound by poisson-ml." in text
    assert "- Fe [111], 25 dB, 6.0 px: bias 0.050 px by poisson-ml." in text
    assert "- Fe [111], 25 dB, 6.0 px: a filter is better than denoise." in text


def test_that_methods_without_a_common_column_are_told_of(tmp_path: Path) -> None:
    nothing = tuple(
        replace(s, compared=0, sigma_px=np.nan, bound_px=np.nan) for s in _measured().scores
    )
    measured = replace(_measured(), scores=nothing, jittered=())
    text = write_benchmark(tmp_path, measured, machine="", command="")[0].read_text("utf-8")
    assert "| poisson-ml | no column was found by all |" in text
