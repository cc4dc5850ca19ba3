"""Several processes that train one network, one for each device, as ``torchrun`` starts them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Crew:
    """The processes of a run, seen from one of them.

    Attributes
    ----------
    rank : int
        Number of this process, from 0; number 0 validates, writes files and reports.
    size : int
        How many there are.
    """

    rank: int = 0
    size: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    def wait(self) -> None:
        """Wait until every process is here."""
        if self.size > 1:
            torch.distributed.barrier()

    def shared(self, network: nn.Module, device: torch.device) -> nn.Module:
        """Return the network as it is to be called in training: all processes get one gradient."""
        if self.size == 1:
            return network
        devices = [device.index] if device.type == "cuda" else None
        return nn.parallel.DistributedDataParallel(network, device_ids=devices)


ALONE = Crew()


@contextmanager
def joined(device: torch.device) -> Iterator[tuple[Crew, torch.device]]:
    """Join the processes that ``torchrun`` started, if it did.

    Parameters
    ----------
    device : torch.device
        Kind of device to train on.

    Yields
    ------
    tuple of Crew, torch.device
        The processes, and the device that this one has for itself.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield ALONE, device
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    torch.distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Crew(torch.distributed.get_rank(), size), device
    finally:
        torch.distributed.destroy_process_group()
