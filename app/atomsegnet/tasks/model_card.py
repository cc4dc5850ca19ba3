"""The readable card of a model that a user trained."""

from __future__ import annotations

import json
from pathlib import Path

from atomsegnet.core.comparison import Comparison


def write_card(weights: Path, comparison: Comparison | None) -> Path:
    """Write the card of a weights file beside it; one that is there is replaced.

    Raises
    ------
    ModelError
        The weights file is damaged.
    WriteError
        The card cannot be written.
    """
    from atomsegnet.io.safe_write import safely_written

    path = weights.with_suffix(".md")
    with safely_written(path, overwrite=True) as temporary:
        temporary.write_text(card_text(weights, comparison), encoding="utf-8")
    return path


def card_text(weights: Path, comparison: Comparison | None) -> str:
    """Return the card of a weights file in Markdown.

    Raises
    ------
    ModelError
        The weights file is damaged.
    """
    from atomsegnet.core.provenance import sha256_of
    from atomsegnet.nn.registry import task_named
    from atomsegnet.nn.weights import LICENSE, read_card

    card = read_card(weights)
    task = task_named(card.task)
    lines = [
        f"# {card.name}",
        "",
        f"{task.title}: {task.explanation}",
        "",
        f"- Network: U-Net, widths {', '.join(map(str, card.architecture.widths))}, "
        f"SHA-256 `{sha256_of(weights)[:16]}...`",
        f"- Sees columns of {card.width_px:g} px full width at half maximum, spread "
        f"{card.width_spread_octaves:g} octaves.",
        f"- Trained for {card.steps} steps with the settings below.",
        *(f"- {name.replace('_', ' ')}: {value:.4g}" for name, value in card.metrics.items()),
        f"- License: {LICENSE}",
        "",
        "```json",
        json.dumps(dict(card.training), indent=2),
        "```",
        "",
    ]
    if comparison is not None:
        lines += [
            f"## Before and after, on {comparison.subject}",
            "",
            comparison.sentence(),
            "",
            *comparison.lines(),
            "",
            'Means over simulated images with seeds that no training used; "unchanged" is a',
            "difference that chance may bring, or one of less than 1 %.",
            "",
        ]
    return "\n".join(lines)
