"""Gather the licences of everything that an installer brings along in one file.

    python build_scripts/third_party.py PLATFORM PACKAGES OUTPUT [--python LICENSE] [--bundle DIR]

PACKAGES is the site-packages folder that is shipped; --python names the licence of Python itself;
with --bundle the system libraries in a frozen folder are traced to their Debian packages.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from runtime_packages import runtime_packages

RULE = "=" * 78
LICENCE_NAME = re.compile(r"(licen[cs]e|copying|notice|copyright|authors)", re.IGNORECASE)
# A licence's text is some kilobytes; a generated list of everything PyTorch was built from is more.
_INTRODUCTION = """\
AtomSegNet is free software under the GNU General Public License, version 3 or later (see LICENSE).
This installer brings along the following works of others, each under its own licence. PySide6 and
Qt are used under the GNU Lesser General Public License, version 3, and lie here as separate
libraries that may be replaced; their source code is offered by The Qt Company under the version
number given below.
"""


def licence_of(package: Distribution) -> str:
    """Return what the metadata of a package say of its licence."""
    metadata = package.metadata
    named = metadata.get("License-Expression") or metadata.get("License") or ""
    if not named or "\n" in named:
        classified = [
            line.split("::")[-1].strip()
            for line in metadata.get_all("Classifier") or []
            if line.startswith("License ::")
        ]
        named = ", ".join(classified) or named.strip().partition("\n")[0]
    return str(named)


def licence_texts(package: Distribution) -> list[tuple[str, str]]:
    """Return (name, text) of every licence file in the metadata folder of a package."""
    found = []
    for file in package.files or []:
        in_metadata = ".dist-info" in file.parts[0]
        path = Path(str(package.locate_file(file)))
        if in_metadata and path.is_file() and LICENCE_NAME.search("/".join(file.parts[1:])):
            text = path.read_text(encoding="utf-8", errors="replace").strip()
            found.append(("/".join(file.parts[1:]), text))
    return found


def section(title: str, lines: list[str], texts: list[tuple[str, str]]) -> str:
    """Return one part of the file."""
    parts = [RULE, title, *lines, RULE, ""]
    for name, text in texts:
        parts += [f"--- {name} ---", "", text, ""]
    return "\n".join(parts)


def package_sections(folder: Path, names: set[str]) -> tuple[list[str], list[str]]:
    """Return a part for each package, and the names of those that say nothing of their licence."""
    sections, silent = [], []
    found = {
        canonicalize_name(item.metadata["Name"]): item for item in distributions(path=[str(folder)])
    }
    for name in sorted(names):
        package = found.get(name)
        if package is None:
            raise SystemExit(f"third_party: {name} is not in {folder}")
        metadata = package.metadata
        licence, texts = licence_of(package), licence_texts(package)
        if not licence and not texts:
            silent.append(name)
        pages = [line.split(",")[-1].strip() for line in metadata.get_all("Project-URL") or []]
        page = metadata.get("Home-page") or (pages[0] if pages else "")
        lines = [f"Licence: {licence or 'see below'}", *([f"Source: {page}"] if page else [])]
        sections.append(section(f"{metadata['Name']} {package.version}", lines, texts))
    return sections, silent


def system_libraries(bundle: Path) -> dict[str, list[str]]:
    """Return the names of the bundled system libraries by the Debian package they came from."""
    by_package: dict[str, list[str]] = {}
    # A link leads to a library inside a package of Python, whose licence stands above.
    for path in sorted(path for path in bundle.glob("*.so*") if not path.is_symlink()):
        answer = subprocess.run(["dpkg", "-S", f"*/{path.name}"], capture_output=True, text=True)
        first = answer.stdout.partition(":")[0] if answer.returncode == 0 else ""
        by_package.setdefault(first.partition(",")[0], []).append(path.name)
    return by_package


def system_sections(bundle: Path) -> list[str]:
    """Return a part for each Debian package of which libraries are bundled."""
    sections = []
    for package, names in sorted(system_libraries(bundle).items()):
        copyright_file = Path("/usr/share/doc", package, "copyright")
        if not package or not copyright_file.is_file():
            sys.stderr.write(f"third_party: nobody knows whence {', '.join(names)} came\n")
            continue
        text = copyright_file.read_text(encoding="utf-8", errors="replace").strip()
        lines = [f"Libraries: {', '.join(names)}"]
        sections.append(section(f"{package} (Debian)", lines, [("copyright", text)]))
    return sections


def main() -> int:
    """Write the file; 1 where a package says nothing of its licence."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("platform", choices=("linux", "win32", "darwin"))
    parser.add_argument("packages", type=Path, help="site-packages folder")
    parser.add_argument("output", type=Path)
    parser.add_argument("--python", type=Path, help="licence of Python")
    parser.add_argument("--bundle", type=Path, help="folder of a frozen program")
    parser.add_argument("--with", dest="others", nargs="*", default=[], metavar="NAME")
    chosen = parser.parse_args()
    names = {*runtime_packages(chosen.platform), *chosen.others}
    sections, silent = package_sections(chosen.packages, names)
    if chosen.python:
        text = chosen.python.read_text(encoding="utf-8", errors="replace").strip()
        sections.insert(0, section("Python", ["Licence: PSF-2.0"], [(chosen.python.name, text)]))
    if chosen.bundle:
        sections += system_sections(chosen.bundle)
    chosen.output.write_text("\n".join([_INTRODUCTION, *sections]), encoding="utf-8")
    print(f"{chosen.output}: {len(sections)} works")
    for name in silent:
        sys.stderr.write(f"third_party: {name} says nothing of its licence\n")
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main())
