"""What a start of the program sets right before anything else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from atomsegnet import paths
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


def test_that_matplotlib_writes_where_the_program_is_removed_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    code = (
        "from atomsegnet.__main__ import _keep_caches_together; _keep_caches_together(); "
        "import matplotlib; print(matplotlib.get_cachedir())"
    )
    environment = {name: value for name, value in os.environ.items() if name != "MPLCONFIGDIR"}
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert Path(told.stdout.strip()).is_relative_to(paths.user_cache_folder()), told.stderr
