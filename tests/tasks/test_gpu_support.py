"""What is found of graphics cards and of a PyTorch that the user added."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from atomsegnet import paths
from atomsegnet.tasks.gpu_support import ADDRESS, find_gpu_support

VERSION_FILE = "__version__ = '2.13.0+cu130'\ncuda: Optional[str] = '13.0'\n"


def put_program(folder: Path, answer: str, code: int = 0) -> None:
    folder.mkdir()
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\necho '{answer}'\nexit {code}\n", encoding="utf-8")
    program.chmod(0o755)


def added_torch() -> Path:
    folder = paths.user_gpu_folder() / "torch"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("WHOSE = 'the one that was added'\n", encoding="utf-8")
    (folder / "version.py").write_text(VERSION_FILE, encoding="utf-8")
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="the program stands in by a shell script")
def test_that_cards_are_named_as_nvidia_smi_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_program(tmp_path / "bin", "NVIDIA RTX A2000, 551.23, 12282 MiB")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    assert find_gpu_support().cards == ("NVIDIA RTX A2000, driver 551.23, 12282 MiB",)


@pytest.mark.skipif(sys.platform == "win32", reason="the program stands in by a shell script")
def test_that_a_driver_which_fails_is_no_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_program(tmp_path / "bin", "NVIDIA-SMI has failed", code=9)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    assert find_gpu_support().cards == ()


def test_that_without_an_added_build_the_bundled_one_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    found = find_gpu_support()
    assert found.torch_version == pytest.importorskip("torch").__version__.partition("+")[0]
    assert not found.is_added
    assert not found.is_in_use
    assert found.command.endswith(f"torch=={found.torch_version}")
    assert str(paths.user_gpu_folder()) in found.command


def test_that_an_added_build_is_found_and_its_cuda_named(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = added_torch()
    monkeypatch.setattr("atomsegnet.tasks.gpu_support._torch_folder", lambda: folder)
    found = find_gpu_support()
    assert found.is_added
    assert (found.torch_version, found.cuda_version) == ("2.13.0", "13.0")


def test_that_on_windows_the_command_asks_for_the_address_and_a_python_with_a_console(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "runtime" / "pythonw.exe"))
    command = find_gpu_support().command
    assert command.startswith(f'"{tmp_path / "runtime" / "python.exe"}" -m pip install')
    assert f"--index-url {ADDRESS}" in command


def test_that_a_frozen_program_names_a_pip_that_fetches_for_its_own_python(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    command = find_gpu_support().command
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert command.startswith("python3 -m pip")
    assert f"--python-version {ours}" in command
    # With --help, pip reads the options and fetches nothing.
    arguments = [sys.executable, *shlex.split(command)[1:], "--help"]
    result = subprocess.run(arguments, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_that_the_program_starts_with_the_added_build_first() -> None:
    added_torch()
    code = (
        "from atomsegnet.__main__ import _prefer_gpu_build; _prefer_gpu_build(); "
        "import torch; print(torch.WHOSE)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "the one that was added", result.stderr
