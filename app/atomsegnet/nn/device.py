"""Which device computes."""

from __future__ import annotations

import torch

from atomsegnet.core.errors import SettingError


def choose_device(name: str) -> torch.device:
    """Return the device called "auto", "cpu" or "cuda".

    Raises
    ------
    SettingError
        The name is another one, or there is no usable CUDA device.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise SettingError(f"There is no device {name!r}; known are auto, cpu and cuda.")
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise SettingError("No CUDA device was found; choose auto or cpu.")
    return torch.device("cuda" if available and name != "cpu" else "cpu")
