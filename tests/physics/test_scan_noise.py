from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

from atomsegnet.physics.scan_noise import Detector, Jitter, count_electrons, detect, line_jitter


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(4)


@pytest.mark.parametrize("mean", [0.02, 0.7, 3.3, 9.99, 13.6, 97.0, 2400.0])
def test_that_counts_have_the_probabilities_of_poisson(mean: float) -> None:
    counts = count_electrons(torch.full((250, 400), mean), generator()).numpy().ravel()
    law = stats.poisson(mean)
    lowest, highest = law.ppf([50 / counts.size, 1 - 50 / counts.size])
    step = max(1, round(math.sqrt(mean) / 8))
    edges = np.concatenate([[-1.0], np.arange(lowest, highest + 1, step), [math.inf]])
    expected = np.diff(law.cdf(edges)) * counts.size
    found = np.histogram(counts, np.append(edges[:-1] + 0.5, 1e9))[0]
    assert found.sum() == counts.size
    kept = expected > 5
    expected = expected[kept] * found[kept].sum() / expected[kept].sum()
    assert stats.chisquare(found[kept], expected).pvalue > 1e-4


def test_that_jitter_is_modulated_by_the_line_frequency() -> None:
    shift_y, shift_x = line_jitter(Jitter(1.0, 0.01, math.pi / 2), 50_000, generator())
    time = torch.arange(50_000)
    # The local variance follows sin^2 in x and cos^2 in y: their difference oscillates at twice
    # the frequency with the mean square as its amplitude.
    carrier = torch.cos(2 * math.pi * 0.02 * time)
    assert float((shift_x**2 * carrier).mean()) == pytest.approx(-0.5, abs=0.05)
    assert float((shift_y**2 * carrier).mean()) == pytest.approx(0.5, abs=0.05)
    assert float((shift_x**2).mean()) == pytest.approx(1.0, rel=0.05)


def test_that_jitter_of_different_lines_is_independent() -> None:
    _, shift = line_jitter(Jitter(1.0, 0.003, 0.0), 20_000, generator())
    assert float((shift[1:] * shift[:-1]).mean()) == pytest.approx(0, abs=0.03)


def test_that_afterglow_lags_along_the_line_and_keeps_the_signal() -> None:
    counts = torch.zeros(5, 64)
    counts[2, 20] = 100.0
    seen = detect(counts, Detector(afterglow=0.4), generator())
    assert float(seen.sum()) == pytest.approx(100.0, rel=2e-3)
    assert float(seen[2, 20]) == pytest.approx(60.0, rel=1e-3)
    assert float(seen[2, 21]) == pytest.approx(24.0, rel=1e-3)
    assert float(seen[2, :20].abs().sum() + seen[1].abs().sum()) == 0


def test_that_a_detector_applies_gain_offset_levels_and_saturation() -> None:
    counts = torch.arange(100.0).reshape(10, 10)
    assert torch.equal(detect(counts, Detector(gain=2, offset=5), generator()), counts * 2 + 5)
    assert len(detect(counts, Detector(levels=8), generator()).unique()) == 8
    assert float(detect(counts, Detector(saturation=0.1), generator()).max()) == 89.0


def test_that_flicker_changes_whole_lines() -> None:
    seen = detect(torch.full((2000, 4), 10.0), Detector(flicker=0.02), generator())
    assert float(seen.std(dim=1).max()) == 0
    assert float(seen[:, 0].std()) == pytest.approx(0.2, rel=0.05)


def test_that_blurring_correlates_the_noise_and_keeps_the_sum() -> None:
    counts = torch.zeros(32, 32)
    counts[16, 16] = 50.0
    seen = detect(counts, Detector(blur_px=0.8), generator())
    assert float(seen.sum()) == pytest.approx(50.0, rel=1e-4)
    assert float(seen[16, 17] / seen[16, 16]) == pytest.approx(0.4578, abs=1e-3)  # exp(-1/1.28)


def test_that_readout_noise_has_its_width() -> None:
    seen = detect(torch.zeros(300, 300), Detector(readout=2.5), generator())
    assert float(seen.std()) == pytest.approx(2.5, rel=0.02)
