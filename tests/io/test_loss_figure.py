from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from atomsegnet.io.loss_figure import write_loss_figure

BLUE, ORANGE = (0, 114, 178), (213, 94, 0)


def places_of(path: Path, color: tuple[int, int, int]) -> np.ndarray:
    picture = np.asarray(Image.open(path).convert("RGB")).astype(int)
    rows, columns = np.nonzero(np.abs(picture - color).max(axis=2) < 12)
    below_legend = rows > 60
    return np.stack([rows[below_legend], columns[below_legend]], axis=1)


def test_that_both_losses_are_drawn_and_fall_to_the_right(tmp_path: Path) -> None:
    path = tmp_path / "loss.png"
    log = [{"step": 100.0 * n, "loss": 2.0**-n, "validation_loss": 3.0**-n} for n in range(1, 6)]
    write_loss_figure(path, log)
    for color in (BLUE, ORANGE):
        places = places_of(path, color)
        assert np.corrcoef(places.T)[0, 1] > 0.95  # rows count downwards
    assert places_of(path, BLUE)[:, 0].max() > places_of(path, ORANGE)[:, 0].max()
    write_loss_figure(path, [*log, {"step": 600.0, "loss": 1.0}])
    assert np.corrcoef(places_of(path, ORANGE).T)[0, 1] < 0.9


def test_that_losses_below_nothing_are_drawn(tmp_path: Path) -> None:
    log = [{"step": float(n), "validation_loss": -1.0 - n} for n in range(4)]
    write_loss_figure(tmp_path / "loss.png", log)
    assert len(places_of(tmp_path / "loss.png", BLUE)) > 100


def test_that_a_run_of_one_line_has_no_curve(tmp_path: Path) -> None:
    write_loss_figure(tmp_path / "loss.png", [{"step": 0.0, "validation_loss": 1.0}])
    assert not list(tmp_path.iterdir())
