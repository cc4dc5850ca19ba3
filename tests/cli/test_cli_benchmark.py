from __future__ import annotations

from pathlib import Path

import pytest
from cli_inputs import Cli

from atomsegnet.nn.faster_rcnn import why_not_run
from atomsegnet.tasks import benchmark
from atomsegnet.tasks.benchmark_images import Case
from atomsegnet.tasks.benchmark_methods import is_atomap_there


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the benchmark have one small image and time nothing."""
    case = Case("Fe [111]", 25.0, 6.0, 96, 3)
    monkeypatch.setattr(benchmark, "benchmark_cases", lambda quick: [case])
    monkeypatch.setattr(benchmark, "jitter_cases", lambda quick: [])
    monkeypatch.setattr(benchmark, "measure_speed", lambda side: [])


@pytest.mark.usefixtures("_short")
def test_that_the_page_is_printed_and_written(cli: Cli, workplace: Path) -> None:
    outcome = cli("benchmark", "--quick")
    assert outcome.code == 0, outcome.err
    folder = workplace / "benchmark"
    assert sorted(path.name for path in folder.iterdir()) == [
        "benchmark.csv", "benchmark.md", "benchmark.png",
    ]  # fmt: skip
    assert (folder / "benchmark.md").read_text(encoding="utf-8") in outcome.out
    assert "| poisson-ml |" in outcome.out
    assert ("Faster R-CNN: not run" in outcome.err) == bool(why_not_run())
    assert ("atomap: not run" in outcome.err) != is_atomap_there()


def test_that_an_older_result_is_kept(cli: Cli, workplace: Path) -> None:
    (workplace / "benchmark").mkdir()
    page = workplace / "benchmark" / "benchmark.md"
    page.write_text("mine", encoding="utf-8")
    outcome = cli("benchmark", "--quick")
    assert outcome.code == 1
    assert "exists already" in outcome.err
    assert page.read_text(encoding="utf-8") == "mine"
