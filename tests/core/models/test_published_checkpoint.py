"""Checkpoints of the published HealthyGAN code: its names and shapes, its outputs, and what is refused."""

from __future__ import annotations

import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import ModelFileInvalid
from core.models.model_file import read_model_file, write_model_file
from core.models.published_checkpoint import import_published
from core.models.registry import open_model

pytestmark = pytest.mark.usefixtures("one_thread")

WIDTH, BLOCKS, LAYERS, SIZE = 8, 2, 4, 64


def norm(channels: int) -> nn.InstanceNorm2d:
    return nn.InstanceNorm2d(channels, affine=True, track_running_stats=True)


class Block(nn.Module):
    """The residual block as its checkpoint names it: main.{0,1,3,4}."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        convolutions = [nn.Conv2d(channels, channels, 3, 1, 1, bias=False) for _ in range(2)]
        self.main = nn.Sequential(convolutions[0], norm(channels), nn.ReLU(), convolutions[1], norm(channels))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = images + self.main(images)
        return result


class Generator(nn.Module):
    """The published generator by its description (models.md 1.2), running statistics and all."""

    def __init__(self, inputs: int = 3) -> None:
        super().__init__()
        w = WIDTH
        self.main = nn.Sequential(
            *(nn.Conv2d(inputs, w, 7, 1, 3, bias=False), norm(w), nn.ReLU()),
            *(nn.Conv2d(w, 2 * w, 4, 2, 1, bias=False), norm(2 * w), nn.ReLU()),
            *(nn.Conv2d(2 * w, 4 * w, 4, 2, 1, bias=False), norm(4 * w), nn.ReLU()),
            *(Block(4 * w) for _ in range(BLOCKS)),
            *(nn.ConvTranspose2d(4 * w, 2 * w, 4, 2, 1, bias=False), norm(2 * w), nn.ReLU()),
            *(nn.ConvTranspose2d(2 * w, w, 4, 2, 1, bias=False), norm(w), nn.ReLU()),
            nn.Conv2d(w, 4, 7, 1, 3, bias=False),
        )

    def translated(self, images: torch.Tensor) -> torch.Tensor:
        """The healthy twin as the published test computes it: modules left in training mode."""
        output = self.main(images)
        raw, mask = torch.tanh(output[:, :3]), (torch.tanh(output[:, -1:]) + 1) / 2
        return raw * mask + images * (1 - mask)


class Critic(nn.Module):
    """The published critic: `main` of strided convolutions, `conv1` as its head."""

    def __init__(self) -> None:
        super().__init__()
        widths = [3, *(WIDTH * 2**layer for layer in range(LAYERS))]
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            layers += [nn.Conv2d(inputs, outputs, 4, 2, 1), nn.LeakyReLU(0.01)]
        self.main = nn.Sequential(*layers)
        self.conv1 = nn.Conv2d(widths[-1], 1, 3, 1, 1, bias=False)


@pytest.fixture
def published() -> Generator:
    """Weights and affine parts drawn anew, and running statistics that would change the answer if used."""
    torch.manual_seed(11)
    generator = Generator()
    for module in generator.modules():
        if isinstance(module, nn.InstanceNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
            assert module.running_mean is not None
            module.running_mean.fill_(3.0)
    return generator


@pytest.fixture
def checkpoint(published: Generator, tmp_path: Path) -> Path:
    torch.save(published.state_dict(), tmp_path / "360000-G.ckpt")
    return tmp_path / "360000-G.ckpt"


@pytest.fixture
def critic(tmp_path: Path) -> Path:
    torch.manual_seed(12)
    torch.save(Critic().state_dict(), tmp_path / "360000-D.ckpt")
    return tmp_path / "360000-D.ckpt"


def test_the_imported_model_answers_as_the_published_one(
    published: Generator, checkpoint: Path, tmp_path: Path
) -> None:
    target = tmp_path / "imported.safetensors"
    write_model_file(target, import_published(checkpoint, size=SIZE))
    model = open_model(target, torch.device("cpu"))
    films = torch.rand(2, 1, SIZE, SIZE, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        twin = published.train().translated((films * 2 - 1).expand(-1, 3, -1, -1))
    wanted = ((twin.mean(1, keepdim=True) + 1) / 2).clamp(0, 1)

    torch.testing.assert_close(model.healthy(films), wanted, rtol=0, atol=1e-6)
    assert model.realism(films) is None
    assert not torch.allclose(wanted, films, atol=0.01), "the test is of something"


def test_the_critic_comes_along_if_its_file_is_given(checkpoint: Path, critic: Path, tmp_path: Path) -> None:
    target = tmp_path / "imported.safetensors"
    write_model_file(target, import_published(checkpoint, critic, size=SIZE))
    model = open_model(target, torch.device("cpu"))
    films = torch.rand(2, 1, SIZE, SIZE, generator=torch.Generator().manual_seed(1))
    network = Critic()
    network.load_state_dict(torch.load(critic, weights_only=True))
    with torch.no_grad():
        wanted = network.conv1(network.main((films * 2 - 1).expand(-1, 3, -1, -1))).mean(dim=(1, 2, 3))
    realism = model.realism(films)

    assert realism is not None
    torch.testing.assert_close(realism, wanted)


def test_the_card_says_what_it_is_and_what_is_missing(checkpoint: Path, tmp_path: Path) -> None:
    model = import_published(checkpoint, name="theirs", size=SIZE, population="adult")
    assert not model.calibrated
    card = model.card
    assert (card.name, card.kind, card.preset, card.population) == ("theirs", "healthygan", "paper", "adult")
    assert card.age_years[0] == 16
    assert card.input_spec.top_crop == 0.08
    assert card.training["imported_from"] == "360000-G.ckpt"
    assert any("no critic" in limit for limit in card.limits)
    write_model_file(tmp_path / "model.safetensors", model)
    again = read_model_file(tmp_path / "model.safetensors")
    assert not any("running" in name for name in again.weights)
    np.testing.assert_array_equal(
        again.weights["generator.main.0.weight"], model.weights["generator.main.0.weight"]
    )


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("evil"),)  # type: ignore[return-value]  # as a pickle would call it


def test_nothing_that_lies_in_a_file_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"main.0.weight": _Evil()}, tmp_path / "1-G.ckpt")
    with pytest.raises(ModelFileInvalid, match="more than weights"):
        import_published(tmp_path / "1-G.ckpt")
    assert not (tmp_path / "evil").exists()


def test_the_generator_of_stargan_is_refused_by_its_label_maps(tmp_path: Path) -> None:
    torch.save(Generator(inputs=8).state_dict(), tmp_path / "1-G.ckpt")
    with pytest.raises(ModelFileInvalid, match=r"takes 8 channels.*StarGAN"):
        import_published(tmp_path / "1-G.ckpt")


def test_what_does_not_fit_is_named(
    published: Generator, critic: Path, checkpoint: Path, tmp_path: Path
) -> None:
    def saved(**changes: torch.Tensor | None) -> Path:
        place = tmp_path / f"{len(list(tmp_path.iterdir()))}-G.ckpt"
        state = {**published.state_dict(), **changes}
        torch.save({name: value for name, value in state.items() if value is not None}, place)
        return place

    last = f"main.{9 + BLOCKS + 6}.weight"
    for file, words in (
        (saved(**{last: torch.zeros(3, WIDTH, 7, 7)}), rf"{last} has the shape \(3, "),
        (saved(**{"main.1.bias": None}), "main.1.bias is missing"),
        (saved(extra=torch.zeros(1)), "extra is no part of it"),
        (saved(**{"main.0.weight": torch.zeros(WIDTH, 3, 7, 7).half()}), "torch.float16"),
        (saved(**{"main.0.weight": torch.full((WIDTH, 3, 7, 7), torch.nan)}), "no numbers"),
        (critic, "conv1.weight is no part of it"),
    ):
        with pytest.raises(ModelFileInvalid, match=words):
            import_published(file, size=SIZE)
    with pytest.raises(ModelFileInvalid, match="no critic of HealthyGAN"):
        import_published(checkpoint, checkpoint, size=SIZE)


@pytest.mark.parametrize("kind", ["text", "zip", "list", "empty", "folder", "gone"])
def test_other_files_are_refused_with_their_name(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "3-G.ckpt"
    if kind == "text":
        place.write_text("hello")
    elif kind == "zip":
        with zipfile.ZipFile(place, "w") as archive:
            archive.writestr("a.txt", "b")
    elif kind == "list":
        torch.save([torch.zeros(1)], place)
    elif kind == "empty":
        place.touch()
    elif kind == "folder":
        place.mkdir()
    with pytest.raises(ModelFileInvalid, match=r"3-G\.ckpt"):
        import_published(place)
