"""Networks made ready for the processor: the same answers, and the network itself wherever they are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from model_cases import CASES, small_model
from torch import nn

from core.inference.engine import LARGEST_DIFFERENCE, PackedConvolution, exact, prepared
from core.models.anomaly_model import AnomalyModel
from core.models.registry import open_model
from core.models.sr_anogan import SrResNet
from core.resources import resource_path

CPU = torch.device("cpu")
SEARCHING = [case for case in CASES if case.network.get("core") == "dcgan"]
PACKED = [case for case in CASES if case not in SEARCHING]

pytestmark = pytest.mark.usefixtures("one_thread")


def opened(case: Any) -> AnomalyModel:
    return open_model(small_model(case), CPU)


def films(count: int, side: int, seed: int = 3) -> torch.Tensor:
    return torch.rand(count, 1, side, side, generator=torch.Generator().manual_seed(seed))


def layers(network: AnomalyModel, kind: type[nn.Module]) -> int:
    return sum(isinstance(layer, kind) for whole in network.networks for layer in whole.modules())


def assert_same_answers(plain: AnomalyModel, fast: AnomalyModel, batch: torch.Tensor, atol: float) -> None:
    torch.testing.assert_close(fast.healthy(batch), plain.healthy(batch), atol=atol, rtol=0)
    realism = plain.realism(batch)
    if realism is not None:
        torch.testing.assert_close(fast.realism(batch), realism, atol=atol, rtol=1e-5)


@pytest.mark.parametrize("case", PACKED, ids=str)
def test_the_answers_are_the_same_for_any_number_of_films(case: Any) -> None:
    plain = opened(case)
    fast = prepared(plain, CPU)
    assert layers(fast, PackedConvolution) > 0
    assert layers(fast, nn.Conv2d) == 0
    for count in (1, 3):
        assert_same_answers(plain, fast, films(count, case.size), 1e-5)


@pytest.mark.parametrize("case", PACKED, ids=str)
def test_the_network_that_was_given_stays_as_it_was(case: Any) -> None:
    plain = opened(case)
    batch = films(1, case.size)
    before, convolutions = plain.healthy(batch), layers(plain, nn.Conv2d)
    fast = prepared(plain, CPU)
    assert torch.equal(plain.healthy(batch), before)
    assert layers(plain, nn.Conv2d) == convolutions
    assert layers(plain, PackedConvolution) == 0
    assert fast.card is plain.card
    own = {id(weight) for whole in plain.networks for weight in whole.parameters()}
    kept = [one for whole in fast.networks for one in whole.modules() if isinstance(one, nn.GroupNorm)]
    assert all(id(one.weight) in own for one in kept), "weights are shared, not doubled"


@pytest.mark.parametrize("case", SEARCHING, ids=str)
def test_a_network_that_searches_by_gradients_is_left_alone(case: Any) -> None:
    plain = opened(case)
    assert prepared(plain, CPU) is plain


def test_only_the_processor_is_prepared_for() -> None:
    plain = opened(PACKED[0])
    assert prepared(plain, torch.device("meta")) is plain


def test_without_onednn_the_network_itself_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    plain = opened(PACKED[0])
    assert prepared(plain, CPU) is plain


@pytest.mark.expect_log
@pytest.mark.parametrize("wrong", [2 * LARGEST_DIFFERENCE, float("nan")])
@pytest.mark.parametrize("part", ["generator", "critic"])
def test_a_network_that_answers_differently_is_not_taken(
    wrong: float, part: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whichever of the two answers is off."""
    plain = opened(PACKED[0])
    method = "healthy" if part == "generator" else "realism"
    right = getattr(type(plain), method)

    def off(network: AnomalyModel, batch: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = right(network, batch)
        return answer if network is plain else answer + wrong

    monkeypatch.setattr(type(plain), method, off)
    assert prepared(plain, CPU) is plain
    assert "runs as it is" in caplog.text
    assert plain.card.name in caplog.text


@pytest.mark.expect_log
@pytest.mark.parametrize("error", [RuntimeError("no such operator"), AttributeError("no such name")])
def test_a_build_of_torch_that_lacks_a_part_is_told_of_in_the_log(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def lacks(*_: object) -> None:
        raise error

    monkeypatch.setattr(PackedConvolution, "__init__", lacks)
    plain = opened(PACKED[0])
    assert prepared(plain, CPU) is plain
    assert str(error) in caplog.text


def test_a_network_that_overflows_stays_what_it_is(caplog: pytest.LogCaptureFixture) -> None:
    plain = opened(PACKED[0])
    with torch.no_grad():
        for weight in plain.networks[0].parameters():
            weight.fill_(float("inf"))
    assert torch.isnan(prepared(plain, CPU).healthy(films(1, PACKED[0].size))).all()
    assert not caplog.text, "wrong in the same way is no difference"


@pytest.mark.parametrize("doublings", [1, 2])
@pytest.mark.parametrize("kernel", [3, 5, 9])
def test_sub_pixels_are_read_where_they_lie(doublings: int, kernel: int) -> None:
    """Borders included, for every size of kernel."""
    from core.inference.engine import _read_sub_pixels_in_place

    torch.manual_seed(1)
    network = SrResNet(8, 1, doublings, batch_norm=False).eval()
    network.head = nn.Conv2d(8, 1, kernel, 1, kernel // 2)
    small = torch.rand(2, 1, 8, 8) * 2 - 1
    with torch.no_grad():
        expected = network(small)
        _read_sub_pixels_in_place(network)
        answer = network(small)
    assert len(list(network.head.children())) == 2
    torch.testing.assert_close(answer, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    "path", sorted(resource_path("models").glob("*.safetensors")), ids=lambda path: path.stem
)
def test_the_shipped_models_answer_the_same(path: Any) -> None:
    plain = open_model(path, CPU)
    fast = prepared(plain, CPU)
    assert layers(fast, PackedConvolution) > 20
    side = plain.card.input_spec.size
    smooth = nn.functional.interpolate(films(2, 8), size=(side, side), mode="bicubic").clamp(0, 1)
    assert_same_answers(plain, fast, torch.cat([smooth, films(2, side)]), LARGEST_DIFFERENCE / 10)


def test_a_probe_of_ones_own_is_not_touched() -> None:
    plain = opened(PACKED[0])
    probe = np.full((PACKED[0].size, PACKED[0].size), 0.5, np.float32)
    probe.setflags(write=False)
    assert layers(prepared(plain, CPU, probe), PackedConvolution) > 0
    assert (probe == 0.5).all()


def test_a_card_computes_in_whole_float32() -> None:
    """TF32 would move what was calibrated; whoever trains keeps it."""
    before = torch.backends.cudnn.allow_tf32
    with exact(torch.device("cuda")):
        assert not torch.backends.cudnn.allow_tf32
    assert torch.backends.cudnn.allow_tf32 == before
    with exact(CPU):
        assert torch.backends.cudnn.allow_tf32 == before
