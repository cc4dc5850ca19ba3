"""Load the libraries of PyTorch without holding up the other threads."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

_ENDING = ".dylib" if sys.platform == "darwin" else ".so"
# The large ones; what they need is found by themselves.
_NAMES = ("libtorch_cpu", "libtorch_cuda")


def load_libraries() -> None:
    """Load the libraries that ``import torch`` is going to need; later calls do nothing.

    An import holds Python's lock while the system loads a library, for torch a quarter of a
    second in which no other thread can run. A function called through ctypes does not. On Windows
    torch loads them in that way itself.
    """
    if sys.platform == "win32" or "torch" in sys.modules:
        return
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return
    load = ctypes.CDLL(None).dlopen
    load.restype = ctypes.c_void_p
    load.argtypes = (ctypes.c_char_p, ctypes.c_int)
    for name in _NAMES:
        path = Path(found.origin).parent / "lib" / f"{name}{_ENDING}"
        if path.is_file():
            # If it cannot be loaded, the import says why.
            load(os.fsencode(path), os.RTLD_NOW)
