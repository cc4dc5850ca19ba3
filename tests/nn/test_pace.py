from __future__ import annotations

import time

import pytest

from atomsegnet.nn.pace import Pace


def test_that_steps_are_measured_apart_from_waiting() -> None:
    pace = Pace(images=8)
    assert pace.figures() == {}

    def slow_batches():
        for number in range(3):
            time.sleep(0.03)
            yield number

    seen = []
    for batch in pace.watched(slow_batches()):
        with pace.step():
            time.sleep(0.01)
        seen.append(batch)
    figures = pace.figures()
    assert seen == [0, 1, 2]
    assert 80 < figures["images_per_second"] <= 800
    assert figures["waiting_share"] == pytest.approx(0.75, abs=0.2)
    assert pace.figures() == {}
