"""Make the two small programs that start AtomSegNet: with a window, and for the command line.

Each is the launcher of distlib, which pip brings along, with a line that says which Python is to be
started and a zip that says what it runs. A launcher finds Python relative to itself, so that the
folder may be moved.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

MAIN = "import sys\nfrom atomsegnet.__main__ import main\nsys.exit(main())\n"


def write_launchers(stage: Path) -> None:
    """Write AtomSegNet.exe and bin/atomsegnet.exe.

    Parameters
    ----------
    stage : Path
        The folder that is installed; pip lies in its packages.
    """
    distlib = stage / "runtime" / "Lib" / "site-packages" / "pip" / "_vendor" / "distlib"
    (stage / "bin").mkdir(exist_ok=True)
    _write(stage / "AtomSegNet.exe", distlib / "w64.exe", "runtime\\pythonw.exe")
    _write(stage / "bin" / "atomsegnet.exe", distlib / "t64.exe", "..\\runtime\\python.exe")


def _write(target: Path, launcher: Path, python: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        # A fixed date, so that two builds are alike.
        archive.writestr(zipfile.ZipInfo("__main__.py", (2020, 1, 1, 0, 0, 0)), MAIN)
    line = f'#!"<launcher_dir>\\{python}"\r\n'.encode()
    target.write_bytes(launcher.read_bytes() + line + packed.getvalue())
