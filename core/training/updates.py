"""One update of weights: networks in half precision or not, networks that stand still, the clipped step."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from core.training.fine_tuning import FineTuning

_log = logging.getLogger(__name__)

_ROUNDS = 10
_WORTH_IT = 1.1  # times as fast: less is no reason for numbers of eight bits


def bf16_is_faster(network: nn.Module, films: torch.Tensor) -> bool:
    """Whether bfloat16 is worth it on the films' device, measured on forward and backward; never on a CPU.

    Says so in the log. Leaves the network's weights alone, but neither gradients nor running statistics.
    """
    if films.device.type != "cuda" or not torch.cuda.is_bf16_supported(including_emulation=False):
        return False
    fp32, bf16 = (_seconds(network, films, bf16=bf16) for bf16 in (False, True))
    worth_it = fp32 / bf16 >= _WORTH_IT
    _log.info(
        "Networks are computed in %s: on this device bfloat16 is %.1f times as fast.",
        "bfloat16" if worth_it else "fp32",
        fp32 / bf16,
    )
    return worth_it


def _seconds(network: nn.Module, films: torch.Tensor, *, bf16: bool) -> float:
    """Of some rounds, after as many that warm up."""
    started = 0.0
    for place in range(2 * _ROUNDS):
        if place == _ROUNDS:
            torch.cuda.synchronize()
            started = time.perf_counter()
        answer = computed(network, films, bf16=bf16)
        outputs = [answer] if isinstance(answer, torch.Tensor) else list(answer)
        torch.autograd.backward(torch.stack([output.mean() for output in outputs]).sum())
    torch.cuda.synchronize()
    return time.perf_counter() - started


def computed(
    network: Callable[..., Any], *inputs: torch.Tensor, bf16: bool
) -> Any:  # what the network answers: a tensor, a list or a named tuple of tensors
    """The network's answer in fp32; with `bf16` its convolutions are computed in bfloat16 (autocast)."""
    if not bf16:
        return network(*inputs)
    with torch.autocast(inputs[0].device.type, torch.bfloat16):
        answer = network(*inputs)
    if isinstance(answer, torch.Tensor):
        return answer.float()
    parts = [part.float() for part in answer]
    return type(answer)(*parts) if hasattr(answer, "_fields") else parts


@contextmanager
def still(*networks: nn.Module) -> Iterator[None]:
    """What is computed inside teaches these networks nothing."""
    for network in networks:
        network.requires_grad_(False)
    try:
        yield
    finally:
        for network in networks:
            network.requires_grad_(True)


def take_step(
    loss: torch.Tensor,
    optimizer: torch.optim.Optimizer,
    networks: Sequence[nn.Module],
    clip: float,
    tuning: FineTuning | None = None,
) -> float:
    """Backward, clip, update; returns the gradient norm before clipping."""
    optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    if tuning:
        tuning.adjust_gradients()
    weights = [weight for network in networks for weight in network.parameters() if weight.grad is not None]
    norm = nn.utils.clip_grad_norm_(weights, clip)
    optimizer.step()
    return float(norm)
