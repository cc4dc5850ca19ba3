"""The scripts that make the installers, as far as they can be tried without building one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "build_scripts"


def script(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, cwd=ROOT
    )


def packages(platform: str) -> list[str]:
    result = script(SCRIPTS / "runtime_packages.py", platform)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_that_the_packages_of_each_system_are_named_with_their_versions() -> None:
    pins = (SCRIPTS / "pins.txt").read_text(encoding="utf-8").lower()
    for platform in ("linux", "win32", "darwin"):
        names = [line.partition("==")[0] for line in packages(platform)]
        assert {"torch", "pyside6-essentials", "numpy", "dask", "pydantic-core"} <= set(names)
        # Neither what only tests need nor CUDA, nor what is left out on purpose.
        assert not {"pytest", "ruff", "hdf5plugin"} & set(names)
        assert not [name for name in names if name.startswith("nvidia")]
    assert all(
        re.search(rf"^{re.escape(version)}$", pins.replace("_", "-"), re.MULTILINE)
        for version in packages("win32")
    )


def test_that_colorama_comes_along_for_windows() -> None:
    assert any(line.startswith("colorama==") for line in packages("win32"))


def write_package(folder: Path, name: str, metadata: str, licence: str = "") -> None:
    information = folder / f"{name}-1.0.dist-info"
    information.mkdir(parents=True)
    text = f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n{metadata}\n"
    (information / "METADATA").write_text(text, encoding="utf-8")
    files = [f"{information.name}/METADATA,,"]
    if licence:
        (information / "licenses").mkdir()
        (information / "licenses" / "LICENSE").write_text(licence, encoding="utf-8")
        files.append(f"{information.name}/licenses/LICENSE,,")
    (information / "RECORD").write_text("\n".join(files), encoding="utf-8")


def test_that_the_licences_of_all_packages_come_in_one_file_and_a_silent_one_is_named(
    tmp_path: Path,
) -> None:
    for line in packages("linux"):
        name = line.partition("==")[0]
        if name == "tqdm":
            write_package(tmp_path / "site", name, "")
        else:
            write_package(tmp_path / "site", name, "License-Expression: MIT", f"by {name}'s own")
    output = tmp_path / "THIRD_PARTY.txt"
    result = script(SCRIPTS / "third_party.py", "linux", tmp_path / "site", output)
    assert result.returncode == 1
    assert "tqdm says nothing of its licence" in result.stderr
    text = output.read_text(encoding="utf-8")
    assert "numpy 1.0\nLicence: MIT" in text
    assert "by torch's own" in text


@pytest.fixture
def windows_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS / "windows"))


@pytest.mark.usefixtures("windows_scripts")
def test_that_pruning_leaves_what_is_imported(tmp_path: Path) -> None:
    from prune import prune

    kept = [
        "torch/testing/_internal/common.py", "torch/lib/torch_cpu.dll", "PySide6/Qt6Widgets.dll",
        "PySide6/plugins/platforms/qwindows.dll", "skimage/io/__init__.pyi", "numpy/testing/x.py",
        "PySide6/msvcp140.dll", "PySide6/Qt6OpenGLWidgets.dll",
        "PySide6/QtOpenGL.pyd", "PySide6/plugins/platforms/qoffscreen.dll",
        "matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf", "skimage/data/__init__.py",
    ]  # fmt: skip
    removed = [
        "torch/include/ATen/a.h", "torch/lib/torch_cpu.lib", "PySide6/Qt6Quick.dll",
        "PySide6/QtNetwork.pyd", "numpy/linalg/tests/test_a.py", "PySide6/qml/a.qml", "bin/f2py",
        "matplotlib/mpl-data/fonts/ttf/STIXGeneral.ttf", "skimage/data/coffee.png",
        "networkx/algorithms/dag.py", "PySide6/plugins/platforms/qdirect2d.dll",
    ]  # fmt: skip
    for name in (*kept, *removed):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    prune(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == set(kept)


@pytest.mark.usefixtures("windows_scripts")
def test_that_a_launcher_names_its_python_relative_to_itself_and_runs_the_program(
    tmp_path: Path,
) -> None:
    from launchers import write_launchers

    distlib = tmp_path / "runtime" / "Lib" / "site-packages" / "pip" / "_vendor" / "distlib"
    distlib.mkdir(parents=True)
    (distlib / "w64.exe").write_bytes(b"MZ window")
    (distlib / "t64.exe").write_bytes(b"MZ terminal")
    write_launchers(tmp_path)
    window = (tmp_path / "AtomSegNet.exe").read_bytes()
    assert window.startswith(b'MZ window#!"<launcher_dir>\\runtime\\pythonw.exe"\r\n')
    terminal = tmp_path / "bin" / "atomsegnet.exe"
    assert b'#!"<launcher_dir>\\..\\runtime\\python.exe"\r\n' in terminal.read_bytes()
    with zipfile.ZipFile(terminal) as packed:
        code = packed.read("__main__.py").decode()
    command = [sys.executable, "-c", code, "--version"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.stdout.startswith("AtomSegNet ")


@pytest.mark.skipif(sys.platform != "linux", reason="the script is for Linux")
class TestInstallScript:
    """The script of the archive for other distributions, with a small program in it."""

    @pytest.fixture
    def archive(self, tmp_path: Path) -> Path:
        folder = tmp_path / "unpacked"
        share = folder / "share"
        for name in ("applications", "mime/packages", "icons/hicolor/48x48/apps"):
            (share / name).mkdir(parents=True)
        linux = SCRIPTS / "linux"
        shutil.copy(linux / "atomsegnet.desktop", share / "applications")
        shutil.copy(linux / "atomsegnet-mime.xml", share / "mime/packages/atomsegnet.xml")
        (share / "icons/hicolor/48x48/apps/atomsegnet.png").write_bytes(b"PNG")
        (folder / "program").mkdir()
        program = folder / "program" / "atomsegnet"
        program.write_text('#!/bin/sh\necho "started with $1"\n', encoding="utf-8")
        program.chmod(0o755)
        for name in ("LICENSE", "THIRD_PARTY.txt"):
            (folder / name).write_text("text", encoding="utf-8")
        shutil.copy(linux / "install.sh", folder)
        return folder

    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        home = tmp_path / "home of ä"
        (home / ".local/share/AtomSegNet/models").mkdir(parents=True)
        (home / ".local/share/AtomSegNet/models/mine.safetensors").write_bytes(b"mine")
        return home

    def run(self, home: Path, *arguments: object) -> None:
        environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
        result = subprocess.run(
            ["sh", *map(str, arguments)], env=environment, capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout + result.stderr

    def test_that_the_menu_entry_starts_the_program_from_a_folder_of_odd_letters(
        self, archive: Path, home: Path
    ) -> None:
        folder = home / 'my $programs "new" back\\slash μ'
        self.run(home, archive / "install.sh", folder)
        entry = (home / ".local/share/applications/atomsegnet.desktop").read_text("utf-8")
        (line,) = [line for line in entry.splitlines() if line.startswith("Exec=")]
        quoted = line.removeprefix("Exec=").removesuffix(" %F")
        assert quoted.startswith('"')
        # Without the escapes of the file, the same characters are special to a shell.
        command = quoted.replace(r"\\", "\\") + " x"
        result = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
        assert result.stdout == "started with x\n"
        link = home / ".local/bin/atomsegnet"
        assert link.resolve() == (folder / "program/atomsegnet").resolve()

    def test_that_removing_leaves_the_models_unless_asked(self, archive: Path, home: Path) -> None:
        folder = home / "opt" / "AtomSegNet"
        model = home / ".local/share/AtomSegNet/models/mine.safetensors"
        self.run(home, archive / "install.sh", folder)
        self.run(home, folder / "install.sh", "--uninstall")
        assert [path for path in home.rglob("*atomsegnet*") if not path.is_dir()] == []
        assert not folder.exists()
        assert model.is_file()
        self.run(home, archive / "install.sh", folder)
        self.run(home, folder / "install.sh", "--uninstall", "--purge")
        assert not model.exists()

    def test_that_an_older_version_leaves_nothing_behind(self, archive: Path, home: Path) -> None:
        folder = home / "opt"
        self.run(home, archive / "install.sh", folder)
        (folder / "program" / "stale.so").write_bytes(b"old")
        (folder / "notes.txt").write_text("the user's own", encoding="utf-8")
        self.run(home, archive / "install.sh", folder)
        assert not (folder / "program" / "stale.so").exists()
        assert (folder / "notes.txt").is_file()


def test_that_the_stand_in_is_all_that_the_readers_ask_of_hdf5plugin() -> None:
    code = (
        "import sys, pathlib, hdf5plugin; from ncempy.io import dm, ser, emd;"
        "print(pathlib.Path(hdf5plugin.__file__).parent.name)"
    )
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS / "stand_ins")}
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert result.stdout.strip() == "stand_ins", result.stderr
