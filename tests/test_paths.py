"""Weights and resources are found in a checkout, in an installed wheel and in a frozen bundle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from atomsegnet import paths

REPORT = """
import json
from atomsegnet import paths

def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))

print(json.dumps({
    "weights": [str(paths.weights_folder()), names(paths.weights_folder())],
    "resources": [str(paths.resources_folder()), names(paths.resources_folder())],
}))
"""

# What paths.py does not need and what takes PyInstaller long to look through.
NOT_FROZEN = [
    "numpy", "scipy", "torch", "PySide6", "matplotlib", "PIL", "h5py", "pydantic",
    "atomsegnet.io", "atomsegnet.tasks", "atomsegnet.cli", "atomsegnet.gui",
]  # fmt: skip


def run(*command: str | Path, cwd: Path) -> str:
    # Nothing of the checkout may help: neither the folder of the run nor PYTHONPATH.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    result = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def names_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))


def assert_all_is_there(output: str, root: Path, repository: Path) -> None:
    """Check that a run found copies of the repository's files below ``root``, and all of them."""
    found = json.loads(output)
    for key, folder in (("weights", "models_weights"), ("resources", "resources")):
        place, names = found[key]
        assert Path(place).is_relative_to(root.resolve())
        assert names == names_in(repository / folder)


@pytest.fixture(scope="module")
def installed(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, install it in an environment without the checkout; return its programs."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=repository)
    (wheel,) = folder.glob("*.whl")
    home = folder / "environment"
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    options = ["--no-deps", "--no-index", "--disable-pip-version-check", "--quiet"]
    pip = [sys.executable, "-m", "pip", "--python", programs / "python"]
    run(*pip, "install", *options, wheel, cwd=folder)
    # The libraries of this environment, without its link to the checkout: a .pth file that is
    # found by way of another one is not read.
    libraries = sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)})
    Path(libraries, "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return programs


def test_that_a_checkout_finds_its_own_folders(repository: Path) -> None:
    assert paths.weights_folder() == repository / "models_weights"
    assert paths.resources_folder() == repository / "resources"


@pytest.mark.slow
def test_that_an_installed_wheel_finds_what_it_brought(
    installed: Path, repository: Path, tmp_path: Path
) -> None:
    output = run(installed / "python", "-c", REPORT, cwd=tmp_path)
    assert_all_is_there(output, installed.parent, repository)


@pytest.mark.slow
def test_that_an_installed_wheel_locates_the_columns_of_its_sample(
    installed: Path, tmp_path: Path
) -> None:
    output = run(installed / "atomsegnet", "--headless", "--sample", cwd=tmp_path)
    assert " columns -> " in output
    assert sorted(path.suffix for path in (tmp_path / "output").iterdir()) == [".csv", ".png"]


@pytest.mark.slow
def test_that_a_frozen_bundle_finds_what_it_brought(repository: Path, tmp_path: Path) -> None:
    script = tmp_path / "report.py"
    script.write_text(REPORT, encoding="utf-8")
    build = tmp_path / "build"
    options = [f"--{name}={build / name}" for name in ("distpath", "workpath", "specpath")]
    options += [f"--exclude-module={name}" for name in NOT_FROZEN]
    options += [
        f"--add-data={repository / name}{os.pathsep}{name}"
        for name in ("models_weights", "resources")
    ]
    freeze = [sys.executable, "-m", "PyInstaller", "--onedir", "--noconfirm", "--log-level=WARN"]
    run(*freeze, f"--paths={repository / 'app'}", *options, script, cwd=tmp_path)
    output = run(build / "distpath" / "report" / "report", cwd=tmp_path)
    assert_all_is_there(output, build / "distpath", repository)


def test_that_the_folders_of_the_user_are_those_of_the_system(user_home: Path) -> None:
    folders = [
        paths.user_data_folder(),
        paths.user_models_folder(),
        paths.user_settings_folder(),
        paths.user_log_folder(),
    ]
    assert len(set(folders)) == len(folders)
    assert all(paths.APP_NAME in folder.parts for folder in folders)
    if sys.platform == "linux":
        assert all(folder.is_relative_to(user_home) for folder in folders)
        assert not any(folder.exists() for folder in folders)


def test_that_the_program_starts_itself_anew_from_a_folder_of_misleading_names(
    tmp_path: Path,
) -> None:
    (tmp_path / "random.py").write_text("raise RuntimeError('not this one')", encoding="utf-8")
    result = subprocess.run(
        [*paths.program_command(), "--version"], cwd=tmp_path, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("AtomSegNet ")


def test_that_a_frozen_program_is_its_program_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert paths.program_command() == [sys.executable]
