"""From the measures of single images to the lines of the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from cases import Result
from detection import FACTORS
from honesty import EMPTY
from restoration import PSNR_DB

Results = list[Result]


@dataclass(frozen=True)
class Row:
    """One line: subject, bar, what was measured, and whether it holds (None: only reported)."""

    subject: str
    bar: str
    measured: str
    holds: bool | None

    def markdown(self) -> str:
        """Return the line."""
        answer = {True: "yes", False: "**no**", None: "-"}[self.holds]
        return f"| {self.subject} | {self.bar} | {self.measured} | {answer} |"


Summary = Callable[[Results], list[Row]]


def _values(results: Results, name: str) -> np.ndarray:
    return np.array([result[name] for result in results])


def held_out(results: Results) -> list[Row]:
    """F1 on held-out crystals."""
    f1 = _values(results, "f1")
    return [
        Row(
            "F1, held-out crystals, 15 to 30 dB, pixel size not given",
            "mean 0.998, worst 0.98",
            f"mean {f1.mean():.3f}, median {np.median(f1):.3f}, worst {f1.min():.3f}",
            bool(f1.mean() >= 0.998 and f1.min() >= 0.98),
        )
    ]


def mask(results: Results) -> list[Row]:
    """F1 on held-out crystals with the other map."""
    f1 = _values(results, "f1")
    measured = f"mean {f1.mean():.3f}, median {np.median(f1):.3f}, worst {f1.min():.3f}"
    return [Row("The same on the map of `circular_mask`", "reported", measured, None)]


def particles(results: Results) -> list[Row]:
    """Rims of particles and the vacuum beside them."""
    recall = _values(results, "rim_found").sum() / _values(results, "rim").sum()
    rate = 1e6 * _values(results, "false").sum() / _values(results, "vacuum_px").sum()
    count = int(_values(results, "rim").sum())
    return [
        Row("Rim of nanoparticles, recall", "0.99", f"{recall:.3f} of {count}", recall >= 0.99),
        Row("False columns in the vacuum, in 10^6 px", "1", f"{rate:.2f}", bool(rate < 1)),
    ]


def weak(results: Results) -> list[Row]:
    """Weak columns beside strong ones."""
    recall = _values(results, "found").sum() / _values(results, "weak").sum()
    count = int(_values(results, "weak").sum())
    subject = "Weak columns (3 to 30 % of a neighbor, above 7 sigma; SrTiO3 [110], TiO2 [001])"
    return [Row(subject, "recall 0.99", f"{recall:.3f} of {count}", bool(recall >= 0.99))]


def dumbbells(results: Results) -> list[Row]:
    """Overlapping dumbbells."""
    share = _values(results, "both").sum() / _values(results, "pairs").sum()
    count = int(_values(results, "pairs").sum())
    subject = "Dumbbells of Si and CdTe [110] at 0.8 column widths, both found"
    return [Row(subject, "0.98", f"{share:.3f} of {count}", bool(share >= 0.98))]


def rescaled(results: Results) -> list[Row]:
    """One image at several samplings."""
    factor, f1 = _values(results, "factor"), _values(results, "f1")
    means = [float(f1[factor == f].mean()) for f in FACTORS]
    spread = max(means) - min(means)
    each = ", ".join(f"{f:g}x {mean:.3f}" for f, mean in zip(FACTORS, means, strict=True))
    subject = "Mean F1 of the same images resampled"
    return [Row(subject, "differs by 0.01", f"{spread:.3f} ({each})", spread <= 0.01)]


def interfaces(results: Results) -> list[Row]:
    """Interfaces with a step in the background."""
    mean = float(_values(results, "f1").mean())
    return [Row("F1 at interfaces, background 3:1", "0.99", f"{mean:.3f}", mean >= 0.99)]


def denoised(results: Results) -> list[Row]:
    """Denoising against the better of two filters."""
    return _denoised("`denoise` over the better of Gaussian filter and non-local means", results)


def denoised_counts(results: Results) -> list[Row]:
    """Denoising where nothing but counting noise has to be removed."""
    return _denoised("The same with counting noise alone", results)


def _denoised(subject: str, results: Results) -> list[Row]:
    gain, psnr = _values(results, "gain"), _values(results, "psnr_db")
    means = [float(gain[psnr == p].mean()) for p in PSNR_DB]
    each = ", ".join(f"{p:.0f} dB {m:+.1f}" for p, m in zip(PSNR_DB, means, strict=True))
    similarity = float(_values(results, "similarity").mean())
    mean = float(np.mean(means))
    return [
        Row(subject, "+6 dB", f"{mean:+.1f} dB ({each})", mean >= 6),
        Row("Structural similarity of these", "0.985", f"{similarity:.3f}", similarity >= 0.985),
    ]


def without_background(results: Results) -> list[Row]:
    """Background removed, against flattening and deconvolution."""
    return _signal("`denoise_background`", results)


def sharpened(results: Results) -> list[Row]:
    """Sharpened, against flattening and deconvolution."""
    return _signal("`super_resolution`", results)


def _signal(name: str, results: Results) -> list[Row]:
    psnr = _values(results, "psnr_db")
    gain = _values(results, "gain")
    means = [float(gain[psnr == p].mean()) for p in PSNR_DB]
    each = ", ".join(f"{p:.0f} dB {m:+.1f}" for p, m in zip(PSNR_DB, means, strict=True))
    ratio = float(np.median(_values(results, "intensity")))
    return [
        Row(f"{name} over flattening and Richardson-Lucy", "> 0", f"{each} dB", min(means) > 0),
        Row(
            f"{name}, integrated intensity of a column",
            "within 3 %",
            f"{100 * (ratio - 1):+.1f} %",
            abs(ratio - 1) <= 0.03,
        ),
    ]


def empty(results: Results) -> list[Row]:
    """Frames without columns."""
    kinds, columns = _values(results, "kind"), _values(results, "columns")
    rates = [1e6 * float(columns[kinds == kind].mean()) / 256**2 for kind in EMPTY]
    each = ", ".join(f"{name} {rate:.1f}" for name, rate in zip(EMPTY, rates, strict=True))
    subject = "Columns found where there are none, in 10^6 px"
    return [Row(subject, "1 in each class", each, max(rates) < 1)]


def fringes(results: Results) -> list[Row]:
    """Restored noise."""
    value = _values(results, "peak_to_peak")
    subject = "Restored pure noise, peak to peak over the noise's standard deviation"
    measured = f"median {np.median(value):.2f}, worst {value.max():.2f}"
    return [Row(subject, "0.1", measured, bool(value.max() < 0.1))]


def displaced(results: Results) -> list[Row]:
    """Slope of found against true displacement."""
    slopes = {
        name: float(
            _values(results, f"{name} product").sum() / _values(results, f"{name} square").sum()
        )
        for name in ("raw", "map", "denoise", "denoise_background", "super_resolution")
    }
    own = ", ".join(f"`{n}` {s:.2f}" for n, s in slopes.items() if n != "raw")
    subject = "Columns displaced by 10 pm: slope of found against true,"
    return [
        Row(f"{subject} on the raw image", "0.9", f"{slopes['raw']:.2f}", slopes["raw"] >= 0.9),
        Row(f"{subject} on a network's own output", "reported", own, None),
    ]
