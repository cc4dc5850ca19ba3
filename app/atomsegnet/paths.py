"""The one place that knows where program, weights, resources and the user's own files live.

Weights and resources come with the program and are only read. They lie in one of three places: in a
checkout beside the folder ``app``, in an installed package inside the package itself, in a frozen
bundle below the folder into which the bundle is unpacked. What the user makes goes to the folders
that the operating system has for it.
"""

from __future__ import annotations

import sys
from pathlib import Path

APP_NAME = "AtomSegNet"
_PACKAGE = Path(__file__).resolve().parent


def _installation() -> Path:
    """Return the folder that holds ``models_weights`` and ``resources``."""
    if getattr(sys, "frozen", False):
        # PyInstaller sets _MEIPASS to the folder of the bundle's data; one-file or one-folder.
        return Path(getattr(sys, "_MEIPASS", Path(sys.executable).parent))
    checkout = _PACKAGE.parent.parent
    if _PACKAGE.parent.name == "app" and (checkout / "pyproject.toml").is_file():
        return checkout
    return _PACKAGE


def weights_folder() -> Path:
    """Return the folder of the network weights that come with the program."""
    return _installation() / "models_weights"


def resources_folder() -> Path:
    """Return the folder of icons, themes, tables and sample micrographs."""
    return _installation() / "resources"


def samples_folder() -> Path:
    """Return the folder of the simulated sample micrographs."""
    return resources_folder() / "samples"


def selftest_folder() -> Path:
    """Return the folder of the small files, one of each kind, that the self-test reads."""
    return resources_folder() / "selftest"


def gallery_folder() -> Path:
    """Return the folder of the parts of the page that `gallery` writes."""
    return resources_folder() / "gallery"


def benchmark_folder() -> Path:
    """Return the folder of what `benchmark` alone needs; installers leave it out."""
    return resources_folder() / "benchmark"


def sample_micrographs() -> list[Path]:
    """Return the simulated sample micrographs, sorted; the first one is shown by default."""
    return sorted(samples_folder().glob("*.tif"))


def user_data_folder() -> Path:
    """Return the folder of what the program keeps for this user; it may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def user_models_folder() -> Path:
    """Return the folder of models that this user trained or imported; it may not exist yet."""
    return user_data_folder() / "models"


def user_gpu_folder() -> Path:
    """Return the folder of the PyTorch with CUDA that this user added; it may not exist yet."""
    return user_data_folder() / "gpu"


def user_settings_folder() -> Path:
    """Return the folder of this user's preferences; it may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False))


def user_log_folder() -> Path:
    """Return the folder of the program's logs for this user; it may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_log_dir(APP_NAME, appauthor=False))


def user_cache_folder() -> Path:
    """Return the folder of what can be made again at any time; it may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False))


def user_runs_folder() -> Path:
    """Return the folder in which this user's training runs lie; it may not exist yet."""
    return user_data_folder() / "runs"


def user_work_folder() -> Path:
    """Return the folder in which the window keeps what was made; it may not exist yet."""
    return user_data_folder() / "work"


def user_jobs_file() -> Path:
    """Return the file in which the window notes its long jobs; it may not exist yet."""
    return user_data_folder() / "jobs.json"


def program_command() -> list[str]:
    """Return the command that starts this program anew; its verb and options follow.

    A frozen program is its own executable. Anything else starts the same interpreter, without the
    current folder on the module path: a user's ``random.py`` must not stand in for Python's.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-P", "-m", "atomsegnet"]
