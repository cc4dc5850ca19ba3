"""The README's examples are what the program does."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from cli_inputs import Cli


def examples(readme: str) -> list[tuple[str, str]]:
    """Return each command of the console blocks with the output that is shown below it."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", readme, flags=re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def without_counts(text: str) -> str:
    # Processors that compute in other precision may find a column more or less.
    return re.sub(r"\d+ columns", "N columns", text)


def test_that_the_examples_of_the_readme_print_what_they_show(
    cli: Cli, workplace: Path, repository: Path
) -> None:
    found = examples((repository / "README.md").read_text(encoding="utf-8"))
    assert len(found) >= 3
    shutil.copytree(repository / "resources" / "samples", workplace / "resources" / "samples")
    for command, output in found:
        program, *arguments = shlex.split(command)
        assert program == "atomsegnet"
        outcome = cli(*arguments)
        assert outcome.code == 0, outcome.err
        assert without_counts(outcome.out) == without_counts(output)


@pytest.mark.parametrize("name", ["bootstrap.sh", "bootstrap.ps1"])
def test_that_the_start_scripts_of_the_readme_are_there(repository: Path, name: str) -> None:
    readme = (repository / "README.md").read_text(encoding="utf-8")
    assert f"{name} run" in readme
    assert f"{name} test" in readme
    assert (repository / "build_scripts" / name).is_file()
