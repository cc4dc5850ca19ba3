"""The house style, as far as tools can check it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LONGEST_FILE = 300
CHECKED = ["app", "tests", "build_scripts"]
COMMANDS = {
    "ruff-check": ["ruff", "check", *CHECKED],
    "ruff-format": ["ruff", "format", "--check", *CHECKED],
    "mypy": ["mypy"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_that_the_tools_find_nothing(command: list[str], repository: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", *command], cwd=repository, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_that_no_file_grows_beyond_one_concept(repository: Path) -> None:
    lengths = {
        str(path.relative_to(repository)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (repository / "app").rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}
