"""The layers of the package, and what may be loaded where."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import atomsegnet

WITHOUT_QT = """
import importlib, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "pyqtgraph", "shiboken6"):
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""

HEAVY = ("torch", "PySide6", "ncempy", "skimage", "ase", "matplotlib", "scipy")


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=120
    )


def modules_but_gui() -> list[str]:
    found = pkgutil.walk_packages(atomsegnet.__path__, "atomsegnet.")
    return [item.name for item in found if not item.name.startswith("atomsegnet.gui")]


def test_that_no_import_crosses_the_layers(repository: Path) -> None:
    # import-linter has no module to run by -m; its program lies beside the interpreter.
    program = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [program, "--no-cache"], cwd=repository, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_that_everything_but_the_window_imports_without_qt() -> None:
    result = run_python(WITHOUT_QT, *modules_but_gui())
    assert result.returncode == 0, result.stderr


def test_that_importing_the_package_loads_nothing_heavy() -> None:
    result = run_python("import atomsegnet, sys; print(*sys.modules)")
    assert result.returncode == 0, result.stderr
    loaded = result.stdout.split()
    assert [name for name in HEAVY if name in loaded] == []


def test_that_the_window_is_there_before_torch() -> None:
    if not list(Path(atomsegnet.__path__[0], "gui").glob("main_window.py")):
        pytest.skip("there is no window yet")
    result = run_python("import atomsegnet.gui.main_window, sys; print(*sys.modules)")
    assert result.returncode == 0, result.stderr
    loaded = result.stdout.split()
    slow = [name for name in HEAVY if name not in ("PySide6", "scipy")]
    assert [name for name in slow if name in loaded] == []


@pytest.mark.parametrize("name", ["read", "process", "locate", "lattice", "simulate", "train"])
def test_that_each_verb_is_a_function_of_the_package(name: str) -> None:
    assert callable(getattr(atomsegnet, name))
    assert name in dir(atomsegnet)


def test_that_an_unknown_name_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError, match="no attribute 'frobnicate'"):
        _ = atomsegnet.frobnicate
