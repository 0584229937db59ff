"""The contract that every kind and preset keeps, and what becomes of weights that do not fit their card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from model_cases import CASES, OTHER_SIZES, Case, small_model

from core.errors import ModelFileInvalid
from core.models.anomaly_model import AnomalyModel
from core.models.model_file import ModelFile, read_model_file, weights_digest, write_model_file
from core.models.registry import KINDS, open_model, weights_of

pytestmark = pytest.mark.usefixtures("one_thread")

CPU = torch.device("cpu")


def films(size: int, count: int = 3) -> torch.Tensor:
    """Noise over the whole range, with black and white at the ends, as clipped films have."""
    noise = torch.rand(count, 1, size, size, generator=torch.Generator().manual_seed(5))
    return (noise * 1.4 - 0.2).clamp(0, 1)


@pytest.fixture(params=[*CASES, *OTHER_SIZES], ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    chosen: Case = request.param
    return chosen


@pytest.fixture(params=CASES, ids=str)
def own_size(request: pytest.FixtureRequest) -> Case:
    chosen: Case = request.param
    return chosen


def test_all_kinds_are_in_the_contract() -> None:
    assert {case.kind for case in CASES} == set(KINDS)
    assert len({(case.kind, case.preset) for case in CASES}) == 3 * len(KINDS)


def test_a_twin_has_the_shape_and_range_of_the_film(case: Case) -> None:
    model, batch = open_model(small_model(case), CPU), films(case.size)
    kept = batch.clone()
    twins = model.healthy(batch)
    assert isinstance(model, AnomalyModel)
    assert twins.shape == batch.shape
    assert twins.dtype == torch.float32
    assert 0 <= float(twins.min()) <= float(twins.max()) <= 1
    assert float(twins.std()) > 0, "a twin is not one grey"
    assert not torch.equal(twins[0], batch[0]), "an untrained network changes something"
    assert torch.equal(batch, kept), "the film itself is left alone"


def test_the_critic_has_one_finite_opinion_a_film(own_size: Case) -> None:
    opinions = open_model(small_model(own_size), CPU).realism(films(own_size.size))
    if own_size.kind == "sr-anogan":
        assert opinions is None
    else:
        assert opinions is not None
        assert opinions.shape == (3,)
        assert opinions.isfinite().all()
        assert len(set(opinions.tolist())) == 3


def test_the_same_film_has_the_same_twin_to_the_last_bit(own_size: Case) -> None:
    model, batch = open_model(small_model(own_size), CPU), films(own_size.size)
    first = model.healthy(batch)
    torch.rand(7)  # nothing may hang on the global random numbers
    assert torch.equal(model.healthy(batch), first)
    assert torch.equal(open_model(small_model(own_size), CPU).healthy(batch), first)


def test_a_film_in_a_batch_has_the_twin_that_it_has_alone(own_size: Case) -> None:
    """Nothing is shared within a batch.

    Tolerance: convolutions may add up in another order for another batch, one part in 10^7 a layer; here
    it comes to 3e-7 at most.
    """
    model, batch = open_model(small_model(own_size), CPU), films(own_size.size)
    together = model.healthy(batch)
    alone = torch.cat([model.healthy(film[None]) for film in batch])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


def test_opening_leaves_the_random_numbers_alone(own_size: Case) -> None:
    """Else a sample drawn during training would change with the models that were opened before."""
    before = torch.get_rng_state()
    open_model(small_model(own_size), CPU).healthy(films(own_size.size, 1))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_model_from_a_file_answers_as_before(own_size: Case, tmp_path: Path) -> None:
    made, batch = small_model(own_size), films(own_size.size)
    path = tmp_path / "model.safetensors"
    write_model_file(path, made)
    before, after = open_model(made, CPU), open_model(path, CPU)
    assert torch.equal(after.healthy(batch), before.healthy(batch))
    assert after.card == before.card


def test_nothing_is_learned_while_analyzing(own_size: Case) -> None:
    """Frozen networks, in eval mode, weights untouched: the digest on the report stays true."""
    made = small_model(own_size)
    model = open_model(made, CPU)
    twins = model.healthy(films(own_size.size))
    model.realism(films(own_size.size))
    assert not twins.requires_grad
    for network in model.networks:
        assert not any(parameter.requires_grad for parameter in network.parameters())
        assert not any(parameter.grad is not None for parameter in network.parameters())
        assert not any(module.training for module in network.modules())
    names = ("generator.", "critic.") if own_size.kind == "healthygan" else ("",)
    after = weights_of(dict(zip(names, model.networks, strict=True)))
    assert weights_digest(after) == made.card.weights_digest


def test_the_networks_of_a_model_do_not_share_memory_with_its_file(own_size: Case) -> None:
    made = small_model(own_size)
    model = open_model(made, CPU)
    for array in made.weights.values():
        array[...] = 0
    assert float(model.healthy(films(own_size.size)).std()) > 0


@pytest.mark.parametrize("case", [CASES[2], CASES[5]], ids=str)
def test_to_returns_itself(case: Case) -> None:
    model = open_model(small_model(case), CPU)
    assert model.to(CPU) is model


# --- weights that do not fit ------------------------------------------------------------------------------


def without(name: str) -> Callable[[ModelFile], dict[str, Any]]:
    return lambda model: {key: array for key, array in model.weights.items() if key != name}


def with_(name: str, change: Callable[[Any], Any]) -> Callable[[ModelFile], dict[str, Any]]:
    return lambda model: dict(model.weights) | {name: change(model.weights.get(name))}


HEAD = "generator.head.weight"
BAD_WEIGHTS = [
    (without(HEAD), f"{HEAD} is missing"),
    (without("critic.head.bias"), "critic.head.bias is missing"),
    (with_("generator.extra", lambda _: np.ones(2, np.float32)), "generator.extra is not part"),
    (with_("malware.weight", lambda _: np.ones(2, np.float32)), "malware.weight is not part"),
    (with_(HEAD, lambda array: array[:1]), r"generator.head.weight has the shape \(1, 8, 3, 3\), not"),
    (with_(HEAD, lambda array: array.transpose(1, 0, 2, 3)), "generator.head.weight has the shape"),
    (
        with_(HEAD, lambda array: array.astype(np.float64)),
        "generator.head.weight is of the type torch.float",
    ),
    (with_(HEAD, lambda array: array.astype(np.int32)), "generator.head.weight is of the type torch.int32"),
]


@pytest.mark.parametrize(("change", "words"), BAD_WEIGHTS)
def test_weights_that_do_not_fit_are_refused_by_name(
    tmp_path: Path, change: Callable[[ModelFile], dict[str, Any]], words: str
) -> None:
    model = small_model(CASES[2])
    path = tmp_path / "mine.safetensors"
    write_model_file(path, replace(model, weights=change(model)))
    for file in (path, read_model_file(path)):
        with pytest.raises(ModelFileInvalid, match=f"mine.safetensors do not fit .*: {words}") as caught:
            open_model(file, CPU)
        assert caught.value.hint


@pytest.mark.parametrize(
    ("case", "changes"),
    [
        (CASES[2], {"width": 16}),
        (CASES[2], {"width": 10**7}),
        (CASES[2], {"width": 10**30}),
        (CASES[2], {"width": float("inf")}),
        (CASES[2], {"width": -8}),
        (CASES[2], {"width": 7}),
        (CASES[2], {"width": "wide"}),
        (CASES[2], {"critic_widths": []}),
        (CASES[2], {"critic_widths": None}),
        (CASES[2], {"generator": "transformer"}),
        (CASES[0], {"residual_blocks": 3}),
        (CASES[0], {"critic_layers": 10**4}),
        (CASES[3], {"core": "diffusion"}),
        (CASES[3], {"latent": 7}),
        (CASES[3], {"size": 96}),
        (CASES[3], {"size": 0}),
        (CASES[3], {"encoder": True}),
        (CASES[5], {"sr_size": 128}),
        (CASES[5], {"sr_size": 96}),
        (CASES[5], {"sr_size": 16}),
        (CASES[5], {"code": 4096}),
        (CASES[5], {"sr_batch_norm": True}),
    ],
)
def test_a_card_of_another_network_is_refused(case: Case, changes: dict[str, Any]) -> None:
    """However large the network on the card: nothing is allocated for it."""
    model = small_model(case, network=case.network | changes)
    with pytest.raises(ModelFileInvalid, match="for tests do not fit its card"):
        open_model(model, CPU)


@pytest.mark.parametrize("missing", ["generator", "width"])
def test_a_card_that_says_too_little_is_refused(missing: str) -> None:
    network = {name: value for name, value in CASES[2].network.items() if name != missing}
    with pytest.raises(ModelFileInvalid, match="do not fit its card"):
        open_model(small_model(CASES[2], network=network), CPU)


@pytest.mark.parametrize("network", [[], "u-net", None])
def test_a_card_without_a_description_of_its_network_is_refused(network: object) -> None:
    with pytest.raises(ModelFileInvalid, match="do not fit its card"):
        open_model(small_model(CASES[2], network=network), CPU)


@pytest.mark.parametrize(("case", "size"), [(CASES[2], 80), (CASES[2], 48), (CASES[0], 66), (CASES[0], 16)])
def test_a_grid_that_the_network_cannot_read_is_refused_at_once(case: Case, size: int) -> None:
    """Not at the first film, and not as a fault of the program."""
    spec = replace(small_model(case).card.input_spec, size=size)
    if case is CASES[0] and size == 16:
        case = replace(case, network=case.network | {"critic_layers": 5})
    with pytest.raises(ModelFileInvalid, match=f"a grid of {size} px"):
        open_model(small_model(case, input_spec=spec), CPU)


@pytest.mark.parametrize("kind", ["diffusion", "", "HealthyGAN"])
def test_an_unknown_kind_is_named(kind: str) -> None:
    with pytest.raises(ModelFileInvalid, match=f"of the kind '{kind}', which this version does not know"):
        open_model(small_model(CASES[2], kind=kind), CPU)


def test_a_full_device_is_not_a_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPU is tried after it; "export the model again" would send the reader the wrong way."""

    def no_room(module: torch.nn.Module, device: torch.device) -> torch.nn.Module:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(torch.nn.Module, "to", no_room)
    with pytest.raises(torch.OutOfMemoryError):
        open_model(small_model(CASES[2]), CPU)
