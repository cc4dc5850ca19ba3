"""Name the packages that the program needs when it runs, each with its version.

    python build_scripts/runtime_packages.py linux|win32|darwin [--with NAME]...

One line ``name==version`` for each, on stdout: the project's dependencies and what these need in
turn, looked up in the metadata of this environment, with the versions of pins.txt. So the list for
Windows can be made on Linux. Packages of ``NOT_SHIPPED`` are left out.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PLATFORMS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "win32": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
    "darwin": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
}
MACHINES = {"linux": "x86_64", "win32": "AMD64", "darwin": "arm64"}
# Wanted by others, never used by the program. hdf5plugin, 185 MB, reads compressed files that only
# one format of RosettaSciIO has; setuptools serves torch.compile.
NOT_SHIPPED = {"hdf5plugin", "setuptools"}


def pinned_versions() -> dict[str, str]:
    """Return the version of each package in pins.txt, by its canonical name."""
    lines = (ROOT / "build_scripts" / "pins.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.split("==") for line in lines if "==" in line]
    return {canonicalize_name(name): version.strip() for name, version in pins}


def runtime_packages(platform: str) -> list[str]:
    """Return the canonical names of the packages that the program needs on a platform, sorted.

    Raises
    ------
    PackageNotFoundError
        A package without pin is not installed here, so that nobody knows what it needs.
    """
    environment = {
        **default_environment(),
        **PLATFORMS[platform],
        "platform_machine": MACHINES[platform],
        "extra": "",
    }
    pins = pinned_versions()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting = [Requirement(text) for text in project["dependencies"]]
    found: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        marker = requirement.marker
        if name in found | NOT_SHIPPED or (marker and not marker.evaluate(environment)):
            continue
        # The build for CUDA names NVIDIA's libraries, the build that is shipped does not.
        if name.startswith(("nvidia-", "cuda-")) or name == "triton":
            continue
        found.add(name)
        try:
            waiting += [Requirement(text) for text in requires(name) or []]
        except PackageNotFoundError:
            if name not in pins:  # colorama, say, is not installed on Linux and needs nothing
                raise
    return sorted(found)


def main() -> int:
    """Print the list."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("platform", choices=PLATFORMS)
    parser.add_argument("--with", dest="others", metavar="NAME", nargs="*", default=[])
    chosen = parser.parse_args()
    pins = pinned_versions()
    for name in [*runtime_packages(chosen.platform), *chosen.others]:
        print(f"{name}=={pins[name]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
