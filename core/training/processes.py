"""One process or several: which part of every batch is whose, and how they agree. `torchrun` starts them.

Every process draws the same films and the same random numbers for all of them and keeps its own part, so
that two processes of a batch of 8 take the same step as one of 16, up to rounding.
"""

from __future__ import annotations

import hashlib
import os
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from core.errors import ProductError
from core.jobs import Cancelled

_PATIENCE = timedelta(hours=2)  # while the first evaluates, calibrates and writes, the others wait

_LOST = re.compile(r"closed by peer|reset by peer|remote process exited", re.IGNORECASE)  # Gloo and NCCL

Formula = Callable[..., tuple[torch.Tensor, dict[str, torch.Tensor]]]


class ProcessesApart(ProductError):
    """The processes of a run did not find each other, lost one, or do not see the same run."""


@dataclass(frozen=True, slots=True)
class Share:
    """Which part one process of a run has: `rank` from 0, of `world` processes.

    Methods without "all processes" in their description are local; the others must be called by every
    process, in the same order, from its training thread.
    """

    rank: int = 0
    world: int = 1

    @property
    def first(self) -> bool:
        """Whether this process writes the run folder, evaluates and speaks."""
        return self.rank == 0

    def places(self, total: int) -> slice:
        """Which of `total` things, a multiple of `world`, are this process's: a contiguous part."""
        count = total // self.world
        return slice(self.rank * count, (self.rank + 1) * count)

    def cut(self, values: torch.Tensor, parts: int = 1) -> torch.Tensor:
        """Keep the part of this process of what was drawn for all, along the first axis.

        `parts`: of how many batches, one after the other, `values` consists; each is cut by itself.
        """
        own: torch.Tensor = values.unflatten(0, (parts, self.world, -1))[:, self.rank].flatten(0, 1)
        return own

    def mean(self, value: torch.Tensor) -> torch.Tensor:
        """Mean of `value` over all processes, for losses that are no plain mean over films.

        Its slope is that of the own value: averaged over the processes, as `learning` does, this is exact.
        """
        if self.world == 1:
            return value
        whole = value.detach().clone()
        distributed.all_reduce(whole)
        return value + (whole / self.world - value.detach())

    def means(self, figures: Mapping[str, float]) -> dict[str, float]:
        """Each figure's mean over all processes, which must have the same figures."""
        totals = self._totals(*figures.values())
        return {name: total / self.world for name, total in zip(figures, totals, strict=True)}

    def any(self, flag: bool) -> bool:
        """Whether it is true in any of all processes."""
        return self._totals(flag)[0] > 0

    def heed(self, ask: Callable[[], None]) -> None:
        """Ask whether to stop: where one of all processes was cancelled, each raises `Cancelled`."""
        cancelled = False
        try:
            ask()
        except Cancelled:
            cancelled = True
        if self.any(cancelled):
            raise Cancelled

    def as_first(self, value: int) -> int:
        """The first process's value, in all processes."""
        return int(self._totals(value * self.first)[0])

    def check_same(self, what: str, words: str) -> None:
        """Raise `ProcessesApart` with `words` in all processes unless `what` is the same in each."""
        here = int.from_bytes(hashlib.sha256(what.encode()).digest()[:6])
        if self.any(here != self.as_first(here)):
            raise ProcessesApart(
                f"The processes of this run do not see the same {words}.",
                "Films and run folder must have the same paths and contents on every machine.",
            )

    def learning(self, networks: Sequence[nn.Module], formula: Formula) -> Formula:
        """The loss `formula` whose slope on `networks` is averaged over all processes after each backward.

        The formula must use each of their weights, and no other weights that require a gradient.
        """
        if self.world == 1:
            return formula
        loss: Formula = DistributedDataParallel(_Loss(networks, formula))
        return loss

    def with_shared_statistics(self, network: nn.Module, device: torch.device) -> nn.Module:
        """Batch norm over all processes, on CUDA; elsewhere each has statistics of its own films."""
        if self.world == 1 or device.type != "cuda":
            return network
        shared: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(network)
        return shared

    def follow_first(self, networks: Mapping[str, nn.Module]) -> None:
        """Take over the first process's weights and statistics in all processes."""
        if self.world > 1:
            for network in networks.values():
                for value in network.state_dict().values():
                    theirs = value.contiguous()
                    distributed.broadcast(theirs, 0)
                    value.copy_(theirs)

    def _totals(self, *values: float) -> list[float]:
        """Sums over all processes."""
        totals = torch.tensor(values, dtype=torch.float64)
        if self.world > 1:
            distributed.all_reduce(totals)
        return list(totals.tolist())


ALONE = Share()


class _Loss(nn.Module):
    """A loss as a module, as DistributedDataParallel wants it."""

    def __init__(self, networks: Sequence[nn.Module], formula: Formula) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self._formula = formula

    def forward(self, *inputs: Any) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:  # of the formula
        return self._formula(*inputs)


@contextmanager
def joined(device: str) -> Iterator[Share]:
    """Join the other processes of the run, as `torchrun` says it; alone without it. Leaves them at the end.

    `device`: the wish (auto, cuda, mps, cpu). With CUDA each process takes a GPU of its own and they talk
    through NCCL, else through Gloo. Raises `ProcessesApart`.
    """
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield ALONE
        return
    if distributed.is_initialized():  # by the caller, whose group it stays
        yield Share(distributed.get_rank(), world)
        return
    cuda = device in {"auto", "cuda"} and torch.cuda.is_available()
    if cuda:
        place, count = int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()
        if place >= count:
            raise ProcessesApart(
                f"This machine has {count} GPU, and more processes were started on it.",
                f"Start torchrun with --nproc-per-node={count}, or train with --device cpu.",
            )
        torch.cuda.set_device(place)
    try:
        distributed.init_process_group("cpu:gloo,cuda:nccl" if cuda else "gloo", timeout=_PATIENCE)
    except (ValueError, RuntimeError) as error:
        raise ProcessesApart(
            f"The {world} processes of this run did not find each other: {error}.",
            "Start them with torchrun, and let the machines reach each other.",
        ) from error
    try:
        share = Share(distributed.get_rank(), world)
        with warnings.catch_warnings():
            # Weights of one input channel lie in memory alike in either layout; only their strides differ.
            warnings.filterwarnings("ignore", "Grad strides do not match bucket view strides")
            yield share
        share.any(False)  # nobody leaves before the first has written the model
    except RuntimeError as error:
        if not _LOST.search(str(error)):
            raise
        raise ProcessesApart(
            "Another process of this run has stopped.",
            "Its own message says why; the same command goes on from the last checkpoint.",
        ) from error
    finally:
        distributed.destroy_process_group()


def is_first() -> bool:
    """Whether this process, as `torchrun` started it, is the one that speaks; alone it is."""
    return os.environ.get("RANK", "0") == "0"


def threads_of_this_process() -> int:
    """CPU threads for one process where the run does not say how many: the machine's, shared out."""
    return max(1, (os.cpu_count() or 1) // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
