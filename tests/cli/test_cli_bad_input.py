"""Whatever is wrong with a file: exit code 1, one sentence on stderr, nothing written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from cli_inputs import TINY, Cli, Outcome, lattice_image
from PIL import Image

NOBODY = 65534
TENTHS = range(1, 10)


def tiff(image: np.ndarray) -> Callable[[Path], None]:
    return lambda path: tifffile.imwrite(path, image, metadata=None)


def mrc_of_a_terabyte(path: Path) -> None:
    header = np.zeros(256, dtype="<i4")
    header[:4] = (2**19, 2**19, 1, 2)  # columns, rows, sections, float32
    header[52] = int.from_bytes(b"MAP ", "little")
    header[53] = 0x4444  # little endian
    path.write_bytes(header.tobytes() + bytes(4096))


# Name of the file -> how it is made.
BROKEN: dict[str, Callable[[Path], object]] = {
    "empty.tif": lambda path: path.write_bytes(b""),
    "empty.dm4": lambda path: path.write_bytes(b""),
    "folder.tif": lambda path: path.mkdir(),
    "text.tif": lambda path: path.write_text("This is a letter, and no image.\n" * 20),
    "text.dm3": lambda path: path.write_text("x, y\n1, 2\n"),
    "random.dm4": lambda path: path.write_bytes(np.random.default_rng(1).bytes(5000)),
    "random.emd": lambda path: path.write_bytes(np.random.default_rng(2).bytes(5000)),
    "one_pixel.tif": tiff(np.ones((1, 1), np.float32)),
    "line.tif": tiff(np.ones((1, 500), np.float32)),
    "terabyte.mrc": mrc_of_a_terabyte,
    "missing.tif": lambda path: None,
}
WITHOUT_CONTRAST = {
    "not_a_number.tif": np.full((64, 64), np.nan, np.float32),
    "zeros.tif": np.zeros((64, 64), np.float32),
    "constant.tif": np.full((64, 64), 7, np.uint16),
}
COMMANDS = {
    "info": ["info"],
    "locate": ["locate", "--model", TINY, "--overlay"],
    "process": ["process", "--model", TINY],
}


@pytest.fixture
def run_on(cli: Cli, workplace: Path) -> Iterator[Callable[[str, Path], Outcome]]:
    """Return a function that runs a verb on a file; in the end nothing may have been written."""

    def run(verb: str, path: Path) -> Outcome:
        return cli(*COMMANDS[verb], path)

    yield run
    assert list(workplace.iterdir()) == []


def assert_refused(outcome: Outcome, path: Path) -> None:
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"{path}: ")
    assert outcome.err.endswith(".\n")
    assert outcome.err.count("\n") == 1
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("verb", COMMANDS)
@pytest.mark.parametrize("name", BROKEN)
def test_that_a_broken_file_is_refused_in_one_sentence(
    run_on: Callable[[str, Path], Outcome], tmp_path: Path, verb: str, name: str
) -> None:
    path = tmp_path / name
    BROKEN[name](path)
    assert_refused(run_on(verb, path), path)


@pytest.mark.usefixtures("tiny_model")
@pytest.mark.parametrize("verb", ["locate", "process"])
@pytest.mark.parametrize("name", WITHOUT_CONTRAST)
def test_that_nothing_is_looked_for_where_there_is_nothing_to_find(
    run_on: Callable[[str, Path], Outcome], tmp_path: Path, verb: str, name: str
) -> None:
    path = tmp_path / name
    tifffile.imwrite(path, WITHOUT_CONTRAST[name], metadata=None)
    outcome = run_on(verb, path)
    assert_refused(outcome, path)
    assert re.search("nothing to find|no finite", outcome.err)


@pytest.mark.parametrize("tenth", TENTHS)
@pytest.mark.parametrize("suffix", [".tif", ".png", ".dm3"])
def test_that_a_cut_file_is_refused(
    run_on: Callable[[str, Path], Outcome], tmp_path: Path, suffix: str, tenth: int
) -> None:
    whole = tmp_path / f"whole{suffix}"
    if suffix == ".tif":
        tifffile.imwrite(whole, lattice_image(), metadata=None)
    elif suffix == ".png":
        Image.fromarray(lattice_image().astype(np.uint8)).save(whole)
    else:
        shared = Path(__file__).parents[2].parent / "shared" / "data" / "micrographs"
        if not shared.is_dir():
            pytest.skip(f"{shared} is not here")
        shutil.copy(shared / "HAADF26.dm3", whole)
    content = whole.read_bytes()
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(content[: len(content) * tenth // 10])
    assert_refused(run_on("info" if tenth % 2 else "locate", path), path)


def test_that_a_spectrum_is_refused(
    run_on: Callable[[str, Path], Outcome], shared_data: Path
) -> None:
    path = shared_data / "formats" / "test-EELS_spectrum.dm3"
    outcome = run_on("locate", path)
    assert_refused(outcome, path)
    assert "spectrum" in outcome.err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permission")
def test_that_a_missing_permission_is_told(
    run_on: Callable[[str, Path], Outcome], micrograph_file: Path
) -> None:
    assert run_on("info", micrograph_file).code == 0  # loads the readers, as root still
    # Not in tmp_path, whose parents are closed to others.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        path = folder / "closed.tif"
        shutil.copy(micrograph_file, path)
        path.chmod(0)
        is_root = os.geteuid() == 0
        if is_root:  # whom no permission stops
            os.seteuid(NOBODY)
        try:
            outcome = run_on("info", path)
        finally:
            if is_root:
                os.seteuid(0)
    assert_refused(outcome, path)
    assert "permission" in outcome.err


def test_that_a_wrong_suffix_does_not_matter(cli: Cli, micrograph_file: Path) -> None:
    path = micrograph_file.rename(micrograph_file.with_suffix(".dm4"))
    outcome = cli("info", path)
    assert (outcome.code, outcome.err) == (0, "")
    assert "TIFF" in outcome.out


def test_that_the_program_itself_exits_with_the_code_and_one_sentence(tmp_path: Path) -> None:
    paths = [tmp_path / "empty.tif", tmp_path / "missing.dm4"]
    paths[0].write_bytes(b"")
    result = subprocess.run(
        [sys.executable, "-m", "atomsegnet", "locate", *paths],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"{paths[0]}: is empty.\n{paths[1]}: does not exist.\n"
    assert list(tmp_path.iterdir()) == [paths[0]]
