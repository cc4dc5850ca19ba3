"""What there is to compute on, and how a user adds a build of PyTorch that uses the graphics card.

The installers bring PyTorch for the processor: with CUDA it is some gigabytes. A build with CUDA in
the user's own folder is put before the bundled one when the program starts. Nothing is downloaded
here.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from atomsegnet import paths
from atomsegnet.core.progress import Report, silent

_QUERY = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
# A driver that is broken may let the query hang.
_QUERY_TIMEOUT_S = 30.0
ADDRESS = "ADDRESS"
"""Stands in the command for what the install page of PyTorch names."""


@dataclass(frozen=True)
class GpuSupport:
    """What was found.

    Attributes
    ----------
    cards : tuple of str
        Graphics cards of NVIDIA: name, version of the driver, memory.
    torch_version : str
        Version of PyTorch that is used, without what follows a "+"; empty if there is none.
    cuda_version : str
        Version of CUDA that this PyTorch was built for; empty for none.
    is_added : bool
        Whether that PyTorch is the one in the user's folder.
    command : str
        What adds a build with CUDA when it is typed into a terminal.
    """

    cards: tuple[str, ...]
    torch_version: str
    cuda_version: str
    is_added: bool
    command: str

    @property
    def is_in_use(self) -> bool:
        """Whether networks run on a graphics card."""
        return bool(self.cards and self.cuda_version)


def find_gpu_support(report: Report = silent) -> GpuSupport:
    """Look for graphics cards and at the PyTorch that is there; PyTorch itself is not loaded."""
    del report  # it takes a second
    origin = _torch_folder()
    version, cuda = _torch_build(origin) if origin else ("", "")
    return GpuSupport(
        cards=_cards(),
        torch_version=version,
        cuda_version=cuda,
        is_added=origin is not None and origin.parent == paths.user_gpu_folder(),
        command=_command(version),
    )


def _cards() -> tuple[str, ...]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    try:
        answer = subprocess.run(
            [program, *_QUERY],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_QUERY_TIMEOUT_S,
            check=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    lines = (line.split(",") for line in answer.stdout.splitlines() if line.strip())
    return tuple(_card(*(part.strip() for part in line)) for line in lines if len(line) == 3)


def _card(name: str, driver: str, memory: str) -> str:
    return f"{name}, driver {driver}, {memory}"


def _torch_folder() -> Path | None:
    found = find_spec("torch")
    return Path(found.origin).parent if found is not None and found.origin else None


def _torch_build(folder: Path) -> tuple[str, str]:
    """Read version and CUDA version from the file in which PyTorch notes them."""
    try:
        text = (folder / "version.py").read_text(encoding="utf-8")
    except OSError:
        return "", ""
    version = re.search(r"^__version__ = ['\"]([^'\"+]+)", text, re.MULTILINE)
    cuda = re.search(r"^cuda.*= ['\"]([^'\"]+)['\"]", text, re.MULTILINE)
    return version[1] if version else "", cuda[1] if cuda else ""


def _command(version: str) -> str:
    """Return the one command; the version is that of the bundled PyTorch, which is tested."""
    parts = [*_pip_install(), "--upgrade", "--target", _quoted(paths.user_gpu_folder())]
    if sys.platform == "win32":
        # Elsewhere the ordinary PyTorch has CUDA; for Windows it lies at an address of its own.
        parts += ["--index-url", ADDRESS]
    return " ".join([*parts, f"torch=={version}" if version else "torch"])


def _pip_install() -> list[str]:
    if getattr(sys, "frozen", False):
        # A frozen program has no pip; any Python of the system fetches what fits to ours.
        ours = f"{sys.version_info.major}.{sys.version_info.minor}"
        fitting = ["--only-binary", ":all:", "--platform", "manylinux_2_28_x86_64"]
        return ["python3", "-m", "pip", "install", *fitting, "--python-version", ours]
    python = Path(sys.executable)
    if python.stem.lower() == "pythonw":
        python = python.with_name("python" + python.suffix)
    return [_quoted(python), "-m", "pip", "install"]


def _quoted(path: Path) -> str:
    return f'"{path}"'
