"""Without a verb: the window, or with --headless its first result without it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from cli_inputs import Cli

from atomsegnet.cli import window as window_verb
from atomsegnet.io.columns_csv import read_columns_csv
from atomsegnet.paths import sample_micrographs


@pytest.mark.parametrize("verb", [[], ["window"]], ids=["no-verb", "window"])
def test_that_without_a_verb_the_window_opens(cli: Cli, window: Any, verb: list[str]) -> None:
    assert cli(*verb).code == 0
    assert window.opened == [([], False, False)]


def test_that_files_open_in_the_window(cli: Cli, window: Any, micrograph_file: Path) -> None:
    cli(micrograph_file, "missing.dm4", "--fresh", "--sample")
    assert window.opened == [([micrograph_file, Path("missing.dm4")], True, True)]


@pytest.mark.usefixtures("workplace")
def test_that_a_file_may_have_a_name_without_suffix(cli: Cli, window: Any) -> None:
    Path("scan1").write_bytes(b"")
    assert cli("scan1").code == 0
    assert window.opened == [([Path("scan1")], False, False)]


def test_that_a_missing_qt_is_told_in_one_sentence(
    cli: Cli, window: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> int:
        raise ImportError("libEGL.so.1: cannot open shared object file")

    monkeypatch.setattr(type(window), "__call__", refuse)
    outcome = cli()
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)
    assert "libEGL.so.1" in outcome.err


def test_that_a_bundled_sample_gives_its_columns_without_a_window(
    cli: Cli, window: Any, workplace: Path
) -> None:
    outcome = cli("--headless", "--sample")
    assert outcome.code == 0, outcome.err
    assert window.opened == []
    (sample, *_) = sample_micrographs()
    table = workplace / window_verb.OUTPUT / f"{sample.stem}_columns.csv"
    overlay = table.with_suffix(".png")
    assert f"{table}, {overlay}" in outcome.out
    assert overlay.stat().st_size > 0
    found = read_columns_csv(table)
    assert len(found.columns) > 10
    assert found.provenance.pixel_size_nm is not None


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_that_a_signal_closes_the_window(tmp_path: Path, number: int) -> None:
    # The window says that it is there by the sample it reads, which is opened when it is shown.
    trace = tmp_path / "opened"
    code = (
        "import sys, atomsegnet.io.read as reading; from atomsegnet.__main__ import main;"
        "read = reading.read;"
        f"reading.read = lambda *a: (open({str(trace)!r}, 'w').close(), read(*a))[1];"
        "sys.argv = ['atomsegnet', '--sample', '--fresh']; sys.exit(main())"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not trace.exists() and time.monotonic() < deadline:
            assert child.poll() is None
            time.sleep(0.05)
        child.send_signal(number)
        assert child.wait(timeout=20) == -number
    finally:
        child.kill()
        child.wait()
