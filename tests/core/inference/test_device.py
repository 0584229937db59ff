"""Which device computes, and that a device which is absent or wrong is left for the CPU, with a word."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from core.inference.device import choose_device, device_text, set_cpu_threads

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with nothing but a CPU, whatever the one that tests has."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.fixture(params=["cuda", "mps"])
def card(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A machine that says it has this card and no other; there is none behind it."""
    for name, module in (("cuda", torch.cuda), ("mps", torch.backends.mps)):
        monkeypatch.setattr(module, "is_available", lambda name=name: name == request.param)
    return str(request.param)


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.usefixtures("no_card")
@pytest.mark.parametrize("wish", ["auto", "cpu"])
def test_without_a_card_the_cpu_computes_and_nothing_needs_to_be_said(
    wish: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert choose_device(wish) == CPU
    assert not warnings_in(caplog)


@pytest.mark.expect_log
@pytest.mark.usefixtures("no_card")
@pytest.mark.parametrize("wish", ["cuda", "mps", "npu"])
def test_a_card_that_is_asked_for_and_absent_is_named(wish: str, caplog: pytest.LogCaptureFixture) -> None:
    device = choose_device(wish)
    assert device == CPU
    assert device_text(device).startswith("CPU"), "the status bar and the report say what computes"
    (words,) = warnings_in(caplog)
    assert wish in words
    assert "the CPU computes instead" in words


@pytest.mark.expect_log
@pytest.mark.parametrize("wish", ["auto", "the card itself"])
def test_a_card_that_does_not_work_is_left(
    card: str, wish: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Torch's own complaint about a card that is said to be there and is not, as after a driver update."""
    lacking: Any = torch.Tensor.to

    def to(values: torch.Tensor, target: torch.device) -> torch.Tensor:
        if target.type == card:
            raise RuntimeError(f"no {card} device is found")
        return torch.as_tensor(lacking(values, target))

    monkeypatch.setattr(torch.Tensor, "to", to)
    assert choose_device("auto" if wish == "auto" else card) == CPU
    (words,) = warnings_in(caplog)
    assert f"{card} does not work" in words


@pytest.mark.expect_log
def test_a_card_that_computes_otherwise_is_left(
    card: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong picture without an error is the worst that a driver can do."""
    monkeypatch.setattr(torch.Tensor, "to", lambda values, target: values * 1.001)
    assert choose_device("auto") == CPU
    (words,) = warnings_in(caplog)
    assert "computes differently" in words


def test_a_card_that_agrees_with_the_cpu_is_taken(card: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within what another order of adding up explains."""
    monkeypatch.setattr(torch.Tensor, "to", lambda values, target: values * (1 + 1e-6))
    assert choose_device("auto").type == card
    assert choose_device(card).type == card


@pytest.mark.usefixtures("card")
def test_who_asks_for_the_cpu_gets_it(caplog: pytest.LogCaptureFixture) -> None:
    assert choose_device("cpu") == CPU
    assert not warnings_in(caplog)


@pytest.mark.expect_log
def test_one_card_is_never_taken_for_the_other(card: str, caplog: pytest.LogCaptureFixture) -> None:
    other = {"cuda": "mps", "mps": "cuda"}[card]
    assert choose_device(other) == CPU
    assert other in warnings_in(caplog)[0]


@pytest.mark.parametrize(("threads", "words"), [(1, "CPU, 1 thread"), (2, "CPU, 2 threads")])
def test_the_cpu_is_shown_with_its_threads(threads: int, words: str) -> None:
    torch.set_num_threads(threads)
    assert device_text(CPU) == words


def test_cards_are_shown_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA RTX 4000")
    assert device_text(torch.device("cuda")) == "NVIDIA RTX 4000 (CUDA)"
    assert device_text(torch.device("mps")) == "Apple GPU (MPS)"


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="needs the scheduler's affinity")
def test_no_more_threads_than_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container with one core of many, one thread a core of the machine is a hundred times slower."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3})
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    set_cpu_threads()
    assert torch.get_num_threads() == 1


def test_where_the_affinity_is_not_known_the_cores_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    for cores, threads in ((2, 2), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        set_cpu_threads()
        assert torch.get_num_threads() == threads
