"""How a model does after a training, beside how it did before, on the same images."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

COMPARISON_NAME = "comparison.json"
# Where chance alone would bring as much with this probability or more, nothing is claimed.
_CREDIBLE = 0.025
# A difference below this part of the value before is of no use to anyone.
_WORTHWHILE = 0.01


class Verdict(StrEnum):
    """What a training brought."""

    BETTER = "better"
    UNCHANGED = "unchanged"
    WORSE = "worse"


@dataclass(frozen=True)
class Measure:
    """One figure of both models, image by image.

    Attributes
    ----------
    name : str
        What it is, with its unit, for the user.
    before, after : tuple of float
        Values of each image; NaN where an image has none.
    is_more_better : bool
        Whether a larger value is a better one.
    """

    name: str
    before: tuple[float, ...]
    after: tuple[float, ...]
    is_more_better: bool

    @property
    def pairs(self) -> list[tuple[float, float]]:
        """Values of the images that have both."""
        both = zip(self.before, self.after, strict=True)
        return [pair for pair in both if not any(map(math.isnan, pair))]

    @property
    def means(self) -> tuple[float, float]:
        """Mean before and after, over the images that have both; NaN without any."""
        pairs = self.pairs
        if not pairs:
            return math.nan, math.nan
        return sum(b for b, _ in pairs) / len(pairs), sum(a for _, a in pairs) / len(pairs)

    @property
    def verdict(self) -> Verdict:
        """Whether the images agree on a gain or a loss that is worth while in the mean.

        By the signed ranks of the differences (F. Wilcoxon, Biometrics Bull. 1, 80 (1945), doi
        10.2307/3001968): one image that is lost or won altogether does not outweigh all others.
        """
        from scipy.stats import wilcoxon

        gains = [(a - b) * (1 if self.is_more_better else -1) for b, a in self.pairs]
        before = self.means[0]
        if not any(gains):
            return Verdict.UNCHANGED
        mean = sum(gains) / len(gains)
        towards = "greater" if mean > 0 else "less"
        chance = float(wilcoxon(gains, alternative=towards).pvalue)
        if chance > _CREDIBLE or abs(mean) <= _WORTHWHILE * abs(before):
            return Verdict.UNCHANGED
        return Verdict.BETTER if mean > 0 else Verdict.WORSE


@dataclass(frozen=True)
class Comparison:
    """Two models on held-out images.

    Attributes
    ----------
    base, model : str
        The model before and the one after.
    subject : str
        What the images show.
    measures : tuple of Measure
        The figures, the one that counts most first.
    pictures : tuple of str
        Files beside the comparison: image, truth, before, after side by side.
    """

    base: str
    model: str
    subject: str
    measures: tuple[Measure, ...]
    pictures: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Better if one figure is better and none is worse."""
        verdicts = [measure.verdict for measure in self.measures]
        if Verdict.WORSE in verdicts:
            return Verdict.WORSE
        return Verdict.BETTER if Verdict.BETTER in verdicts else Verdict.UNCHANGED

    def sentence(self) -> str:
        """Say honestly what the training brought."""
        count = len(self.measures[0].before)
        if self.verdict is Verdict.BETTER:
            return f"{self.model} is better than {self.base} on {count} held-out images."
        if self.verdict is Verdict.WORSE:
            return (
                f"{self.model} is worse than {self.base} on {count} held-out images; "
                f"better keep {self.base}."
            )
        return (
            f"{self.model} is no better than {self.base}: on {count} held-out images the "
            "difference is within chance."
        )

    def lines(self) -> list[str]:
        """Return a table in Markdown: one line for each figure."""
        table = ["| | before | after | |", "|---|---|---|---|"]
        for measure in self.measures:
            before, after = measure.means
            table.append(f"| {measure.name} | {before:.4g} | {after:.4g} | {measure.verdict} |")
        return table


def write_comparison(comparison: Comparison, folder: Path) -> None:
    """Write a comparison into a folder, whole or not at all."""
    partial = folder / f"{COMPARISON_NAME}.partial"
    partial.write_text(json.dumps(asdict(comparison), indent=2), encoding="utf-8")
    partial.replace(folder / COMPARISON_NAME)


def read_comparison(folder: Path) -> Comparison | None:
    """Read the comparison in a folder; None where there is none that can be read."""
    try:
        values = json.loads((folder / COMPARISON_NAME).read_text(encoding="utf-8"))
        measures = tuple(_measure(item) for item in values.pop("measures"))
        pictures = tuple(str(name) for name in values.pop("pictures"))
        return Comparison(**values, measures=measures, pictures=pictures)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _measure(values: Mapping[str, Any]) -> Measure:
    return Measure(
        str(values["name"]),
        tuple(map(float, values["before"])),
        tuple(map(float, values["after"])),
        is_more_better=bool(values["is_more_better"]),
    )
