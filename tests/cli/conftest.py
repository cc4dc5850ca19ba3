"""Runs of the command line in this process, and what they work on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import tifffile
from cli_inputs import PIXEL_NM, TINY, Cli, Outcome, lattice_image

from atomsegnet.cli.main import main
from atomsegnet.core.micrograph import PixelSize
from atomsegnet.io.write_tiff import write_tiff
from atomsegnet.paths import user_models_folder


class Window:
    """Stands for the window: keeps what it was opened with."""

    def __init__(self) -> None:
        self.opened: list[tuple[list[Path], bool, bool]] = []

    def __call__(self, paths: list[Path], *, fresh: bool, sample: bool, grab: Path | None) -> int:
        """Keep what the window would open."""
        del grab
        self.opened.append((paths, fresh, sample))
        return 0


@pytest.fixture
def window() -> Window:
    """Return what stands for the window."""
    return Window()


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], window: Window) -> Cli:
    """Return a function that runs the command line and returns its exit code and its words."""

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments], window)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that is the current one."""
    folder = tmp_path / "workplace"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def micrograph_file(tmp_path: Path) -> Path:
    """Return a TIFF of columns on a lattice, with its pixel size."""
    path = tmp_path / "lattice.tif"
    write_tiff(path, lattice_image(), PixelSize(PIXEL_NM, PIXEL_NM))
    return path


@pytest.fixture
def plain_file(tmp_path: Path) -> Path:
    """Return a TIFF of columns on a lattice that says nothing of its pixel size."""
    path = tmp_path / "plain.tif"
    tifffile.imwrite(path, lattice_image(), metadata=None)
    return path


@pytest.fixture
def install_tiny(user_home: Path) -> Callable[..., str]:
    """Return a function that installs a small untrained network among the user's models."""
    import torch

    from atomsegnet.nn.unet import Architecture, UNet
    from atomsegnet.nn.weights import Card, save

    folder = user_models_folder()
    assert folder.is_relative_to(user_home)

    def install(name: str, task: str) -> str:
        torch.manual_seed(1)
        architecture = Architecture((4, 4), residual=task == "denoise")
        card = Card(
            name=name,
            task=task,
            architecture=architecture,
            width_px=6.0,
            width_spread_octaves=0.25,
            training={},
            steps=0,
            metrics={},
        )
        folder.mkdir(parents=True, exist_ok=True)
        save(folder / f"{name}.safetensors", UNet(architecture), card)
        return name

    return install


@pytest.fixture
def tiny_model(install_tiny: Callable[..., str]) -> str:
    """Install a small untrained network that maps columns and return its name."""
    return install_tiny(TINY, task="gaussian_map")
