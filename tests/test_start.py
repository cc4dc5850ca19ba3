"""What a start of the program sets right before anything else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from atomsegnet.__main__ import _keep_libraries_to_itself


@pytest.mark.skipif(sys.platform != "linux", reason="only there a frozen program sets the path")
@pytest.mark.parametrize("original", [None, "/home/of/others"])
def test_that_programs_of_the_system_do_not_load_the_bundled_libraries(
    monkeypatch: pytest.MonkeyPatch, original: str | None
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("PYINSTALLER_RESET_ENVIRONMENT", "")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle/_internal")
    if original is not None:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", original)
    _keep_libraries_to_itself()
    told = subprocess.run(
        ["sh", "-c", 'echo "${LD_LIBRARY_PATH-none} $PYINSTALLER_RESET_ENVIRONMENT"'],
        capture_output=True,
        text=True,
    )
    assert told.stdout.split() == [original or "none", "1"]
