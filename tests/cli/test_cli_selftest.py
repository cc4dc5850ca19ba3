"""The self-test: what it says of a sound installation and of a broken one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_inputs import Cli

from atomsegnet import paths
from atomsegnet.tasks import selftest
from atomsegnet.tasks.own_process import SelfTestError
from atomsegnet.tasks.selftest import Step, run_selftest, steps


def failing() -> str:
    raise ValueError("two\nlines")


def test_that_a_failing_step_is_named_and_the_others_are_still_tried(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = [Step("first", failing), Step("second", lambda: "fine")]
    monkeypatch.setattr(selftest, "steps", lambda folder: tried)
    outcome = cli("--selftest")
    assert outcome.code == 1
    *_, first, second, last = outcome.out.splitlines()
    assert first.startswith("FAIL ")
    assert first.endswith(" s  first: ValueError: two lines")
    assert second.startswith("ok ")
    assert second.endswith(" s  second: fine")
    assert last.startswith("1 of 2 steps failed")


def test_that_it_ends_with_code_0_when_all_is_well(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selftest, "steps", lambda folder: [Step("only", lambda: "fine")])
    outcome = cli("selftest")
    assert outcome.code == 0
    assert outcome.out.splitlines()[0].startswith("AtomSegNet ")
    assert outcome.out.splitlines()[-1].startswith("All 1 steps passed")


def reading_steps(folder: Path) -> dict[str, Step]:
    return {step.title.split()[1]: step for step in steps(folder) if step.title.startswith("read ")}


def test_that_a_file_of_every_kind_is_read_and_compared(tmp_path: Path) -> None:
    found = {step.run() for step in reading_steps(tmp_path).values()}
    assert found >= {
        "DigitalMicrograph 3", "DigitalMicrograph 4", "TIA", "TIA series", "Velox EMD", "EMD",
        "MRC", "TIFF", "HyperSpy", "PNG", "JPEG", "BMP", "GIF",
    }  # fmt: skip


def test_that_a_reader_which_gives_other_values_or_none_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "files"
    shutil.copytree(paths.selftest_folder(), folder)
    content = bytearray((folder / "sample.mrc").read_bytes())
    content[1024:4096] = bytes(3072)
    (folder / "sample.mrc").write_bytes(content)
    (folder / "sample.dm4").write_bytes(b"")
    monkeypatch.setattr(paths, "selftest_folder", lambda: folder)
    monkeypatch.setattr(selftest, "steps", lambda _: list(reading_steps(tmp_path).values()))
    failed = {outcome.title: outcome.finding for outcome in run_selftest() if not outcome.passed}
    assert set(failed) == {"read sample.mrc", "read sample.dm4"}
    assert "other values" in failed["read sample.mrc"]
    assert "is empty" in failed["read sample.dm4"]


def test_that_a_sample_in_which_nothing_is_found_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    located = selftest._locate_sample()
    assert "columns" in selftest._compare_with_truth(located)
    monkeypatch.setattr(selftest, "_LARGEST_RMS_PX", 0.01)
    with pytest.raises(SelfTestError, match="from the truth"):
        selftest._compare_with_truth(located)


def test_that_no_picture_is_taken_where_nothing_was_opened(tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    command = [sys.executable, "-m", "atomsegnet", "window", "--fresh", "--grab", picture]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 1
    assert "no image was opened" in result.stderr
    assert not picture.exists()
