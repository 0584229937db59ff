"""Which device computes: CUDA, MPS or CPU, chosen at the start, with a fallback that says so."""

from __future__ import annotations

import logging
import os

import torch

_log = logging.getLogger(__name__)


def choose_device(wish: str = "auto") -> torch.device:
    """The device for a wish (auto, cuda, mps, cpu); the CPU, said so, where that is absent or fails."""
    if wish in {"auto", "cuda"} and torch.cuda.is_available():
        return _tried(torch.device("cuda"))
    if wish in {"auto", "mps"} and torch.backends.mps.is_available():
        return _tried(torch.device("mps"))
    if wish not in {"auto", "cpu"}:
        _log.warning("The device %s is not available on this machine; the CPU computes instead.", wish)
    return torch.device("cpu")


def device_text(device: torch.device) -> str:
    """The device as shown in the status bar and in reports."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} (CUDA)"
    if device.type == "mps":
        return "Apple GPU (MPS)"
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads != 1 else ''}"


def card_memory() -> tuple[int, int] | None:
    """Free bytes and all bytes of the CUDA card in use; None without one."""
    if not torch.cuda.is_available():
        return None
    free, every = torch.cuda.mem_get_info()
    return int(free), int(every)


def set_cpu_threads() -> None:
    """Give torch its number of threads explicitly: the machine's own cores, never more."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(max(1, affinity))


def _tried(device: torch.device) -> torch.device:
    """The device if a small convolution on it agrees with the CPU; else the CPU (O24: silent differences)."""
    try:
        generator = torch.Generator().manual_seed(0)
        images = torch.randn(1, 1, 16, 16, generator=generator)
        weight = torch.randn(4, 1, 3, 3, generator=generator)
        expected = torch.nn.functional.conv2d(images, weight)
        answer = torch.nn.functional.conv2d(images.to(device), weight.to(device)).cpu()
    except RuntimeError as error:
        _log.warning("The device %s does not work (%s); the CPU computes instead.", device, error)
        return torch.device("cpu")
    if not torch.allclose(expected, answer, atol=1e-3):
        _log.warning("The device %s computes differently from the CPU, which computes instead.", device)
        return torch.device("cpu")
    return device
