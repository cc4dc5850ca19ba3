"""A batch on the workers of a Dask cluster."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from atomsegnet.paths import samples_folder

RECIPE = 'method = "weighted-centroid"\noverlay = false\n'


@pytest.mark.slow
@pytest.mark.skipif(find_spec("distributed") is None, reason="needs the extra named cluster")
def test_that_a_cluster_finds_what_this_computer_finds(tmp_path: Path) -> None:
    folder = tmp_path / "day"
    folder.mkdir()
    shutil.copy(samples_folder() / "simulated_Pt_particle.tif", folder)
    (folder / "broken.tif").write_bytes(b"II*\0broken")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE)
    noted = tmp_path / "scheduler.json"
    here = {**os.environ, "OMP_NUM_THREADS": "1"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": here}
    common = ["--no-dashboard", "--scheduler-file", str(noted)]
    dask = [sys.executable, "-m"]
    local = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *common]
    scheduler = subprocess.Popen([*dask, *local], **quiet)
    single = ["distributed.cli.dask_worker", "--no-nanny", "--nthreads", "1", *common]
    worker = subprocess.Popen([*dask, *single], **quiet)
    try:
        while not noted.is_file() or not noted.read_text():
            assert scheduler.poll() is None
        address = json.loads(noted.read_text())["address"]
        tables = [batch(folder, recipe, tmp_path / "there", "--scheduler", address)]
        tables.append(batch(folder, recipe, tmp_path / "here"))
    finally:
        for process in (worker, scheduler):
            process.kill()
            process.wait()
    assert tables[0] == tables[1]
    assert "broken" in tables[0]["broken.tif"]["error"]


def test_that_a_scheduler_that_is_not_there_is_told(tmp_path: Path) -> None:
    shutil.copy(samples_folder() / "simulated_Pt_particle.tif", tmp_path)
    run = [sys.executable, "-m", "atomsegnet", "batch", str(tmp_path), "--output"]
    nowhere = [str(tmp_path / "results"), "--scheduler", "tcp://127.0.0.1:1"]
    done = subprocess.run([*run, *nowhere], capture_output=True, text=True)
    assert done.returncode == 1
    assert "Dask" in done.stderr
    assert "Traceback" not in done.stderr


def batch(folder: Path, recipe: Path, output: Path, *options: str) -> dict[str, dict[str, str]]:
    """Run a batch as the shell would; return its summary by file."""
    run = [sys.executable, "-m", "atomsegnet", "batch", str(folder), "--recipe", str(recipe)]
    done = subprocess.run([*run, "--output", str(output), *options], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    with (output / "summary.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    # How long it took is another matter.
    return {row["name"]: row | {"seconds": ""} for row in rows}
