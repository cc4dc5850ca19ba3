"""AtomSegNet: find, restore and measure atomic columns in ADF-STEM micrographs.

The verbs of the command line are functions here, of the same names and options: ``read``,
``process``, ``locate``, ``lattice``, ``simulate``, ``train``. Each is loaded at its first use, so
that ``import atomsegnet`` stays quick and needs neither torch nor Qt.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from atomsegnet.io.read import read
    from atomsegnet.tasks.lattice import lattice
    from atomsegnet.tasks.locate import locate
    from atomsegnet.tasks.process import process
    from atomsegnet.tasks.simulate import simulate
    from atomsegnet.tasks.train import train

__version__ = "0.1.0"
__all__ = ["__version__", "lattice", "locate", "process", "read", "simulate", "train"]

_HOMES = {
    "read": "atomsegnet.io.read",
    "process": "atomsegnet.tasks.process",
    "locate": "atomsegnet.tasks.locate",
    "lattice": "atomsegnet.tasks.lattice",
    "simulate": "atomsegnet.tasks.simulate",
    "train": "atomsegnet.tasks.train",
}


def __getattr__(name: str) -> Any:
    """Load one of the public functions when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Name the public functions, loaded or not."""
    return sorted(__all__)
