"""Words of the command line: help, wrong usage, exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli_inputs import Cli

from atomsegnet import __version__
from atomsegnet.cli import main as command_line

VERBS = ["info", "process", "locate", "simulate", "gallery", "train", "models", "window"]

WRONG = [
    ["info"],
    ["locate"],
    ["locate", "a.tif", "--threshold", "2"],
    ["locate", "a.tif", "--pixel-size", "0"],
    ["locate", "a.tif", "--pixel-size", "nan"],
    ["locate", "a.tif", "--method", "guess"],
    ["locate", "a.tif", "b.tif", "--output", "one.csv"],
    ["locate", "one/a.tif", "two/a.tif"],
    ["process", "a.tif"],
    ["process", "a.tif", "--model", "denoise", "--rescale", "-1"],
    ["process", "a.tif", "--model", "denoise", "--device", "quantum"],
    ["process", "a.tif", "--model", "denoise", "--frame", "-1"],
    ["simulate", "--count", "3"],
    ["simulate", "--output", "s", "--count", "0"],
    ["simulate", "--output", "s", "--count", "1", "--zone", "0,0,1"],
    ["simulate", "--output", "s", "--count", "1", "--material", "Si", "--zone", "0,0"],
    ["simulate", "--output", "s", "--count", "1", "--format", "gif"],
    ["gallery"],
    ["train"],
    ["train", "--model", "denoise"],
    ["train", "--output", "run"],
    ["train", "--resume", "run", "--steps", "3"],
    ["train", "--model", "denoise", "--output", "run", "--steps", "3", "--minutes", "2"],
    ["models", "frobnicate"],
    ["frobnicate"],
    ["--frobnicate"],
    ["--headless"],
    ["--output", "somewhere"],
]


@pytest.mark.parametrize("verb", VERBS)
def test_that_the_help_of_every_verb_has_an_example(cli: Cli, verb: str) -> None:
    outcome = cli(verb, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert "example:\n  atomsegnet" in outcome.out


@pytest.mark.parametrize("action", ["list", "show"])
def test_that_the_help_of_every_action_on_models_has_an_example(cli: Cli, action: str) -> None:
    assert f"example:\n  atomsegnet models {action}" in cli("models", action, "--help").out


def test_that_the_help_names_every_verb_and_the_exit_codes(cli: Cli) -> None:
    outcome = cli("--help")
    assert outcome.code == 0
    assert all(f"\n    {verb} " in outcome.out for verb in VERBS)
    assert "exit codes: 0 done" in outcome.out


def test_that_the_version_is_told(cli: Cli) -> None:
    assert cli("--version").out == f"AtomSegNet {__version__}\n"


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_that_wrong_usage_is_told_and_leaves_nothing(
    cli: Cli, workplace: Path, arguments: list[str]
) -> None:
    outcome = cli(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.strip()
    assert "Traceback" not in outcome.err
    assert list(workplace.iterdir()) == []


def test_that_a_defect_is_one_sentence_and_its_details_are_kept(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, user_home: Path
) -> None:
    def stumble(arguments: object) -> int:
        raise ZeroDivisionError("stumbled over\nitself")

    monkeypatch.setattr("atomsegnet.cli.models.run_list", stumble)
    outcome = cli("models")
    assert outcome.code == 1
    assert outcome.err.count("\n") == 1
    assert "stumbled over itself" in outcome.err
    (log,) = user_home.rglob("defects.log")
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")


def test_that_an_interruption_ends_cleanly(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("atomsegnet.cli.models.run_list", interrupt)
    outcome = cli("models")
    assert (outcome.code, outcome.err) == (command_line.INTERRUPTED, "Interrupted.\n")


def test_that_the_command_line_needs_neither_torch_nor_qt_to_answer() -> None:
    code = (
        "import sys; from atomsegnet.cli.main import main; main(['--help'], print);"
        "assert not {'torch', 'PySide6', 'scipy'} & set(sys.modules), sorted(sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_that_a_reader_who_leaves_early_is_no_error(tmp_path: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "atomsegnet", "info", *[str(tmp_path / "none")] * 50],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    program.stdout.close()
    _, err = program.communicate()
    assert "Traceback" not in err
