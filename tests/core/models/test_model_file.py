"""One safe file a model: the same bits out as in, and every other file refused in words that name it."""

from __future__ import annotations

import json
import os
import pickle
import pickletools
import threading
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import save_file

from core.errors import CannotWrite, ModelFileInvalid
from core.imaging.model_input import ModelInputSpec
from core.imaging.residuals import map_recipe
from core.models import model_file as module
from core.models.anomaly_model import ModelCard
from core.models.model_file import ModelFile, read_card, read_model_file, weights_digest, write_model_file

FORMAT = "healthytwin-model-1"

CARD = ModelCard(
    name="Größe 肺",
    kind="healthygan",
    preset="lite",
    version="3",
    network={"generator": "u-net", "width": 8, "critic_widths": [8, 16]},
    input_spec=ModelInputSpec(
        size=64, reference_quantiles=tuple(float(v) for v in np.linspace(0.1, 0.9, 256, dtype=np.float32))
    ),
    modalities=("DX",),
    views=("PA",),
    population="child",
    age_years=(0.5, 10.0),
    limits=("Frontal films only.",),
    data_credit=("A source, CC BY 4.0.",),
    training={"data": {"healthy train": {"one": 3}}, "stages": [["heal", 9]], "seconds": 0.1 + 0.2},
    figures={"val": {"AUROC": {"value": 2 / 3, "low": 0.5, "high": 0.75}}},
)


def tiny_model() -> ModelFile:
    """All number types that our networks have, a number without dimensions, and a stride that is not C's."""
    random = np.random.default_rng(0)
    weights: dict[str, Any] = {
        "generator.weight": random.standard_normal((3, 2, 3, 3)).astype(np.float32),
        "generator.transposed": random.standard_normal((4, 5)).astype(np.float32).T,
        "critic.smallest": np.array([1e-45, -0.0, np.finfo(np.float32).max], np.float32),
        "critic.num_batches_tracked": np.array(7, np.int64),
    }
    spec = {
        "weights_digest": weights_digest(weights),
        "spec_digest": CARD.input_spec.digest,
        "map": map_recipe(CARD.kind),
    }
    arrays = {"scores": np.arange(5, dtype=np.float32)}
    return ModelFile(CARD, weights, {"lung_prior": np.eye(4, dtype=np.float32)}, (arrays, spec))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    target = tmp_path / "Modell 肺.safetensors"
    write_model_file(target, tiny_model())
    return target


def rewritten(
    path: Path,
    change: Callable[[dict[str, Any], dict[str, str]], None],
    *,
    with_digest: bool = True,
) -> Path:
    """The same file with tensors and metadata changed, by default by someone who knows the digest's rule."""
    with safe_open(path, framework="np") as file:
        metadata, tensors = dict(file.metadata()), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no dict
    change(tensors, metadata)
    if with_digest:
        metadata["digest"] = module._content_digest(tensors, metadata)
    save_file(tensors, path, metadata)
    return path


def card_with(path: Path, **changes: object) -> Path:
    def change(_: dict[str, Any], metadata: dict[str, str]) -> None:
        values = json.loads(metadata["card"])
        for name, value in changes.items():
            if value is None:
                del values[name]
            else:
                values[name] = value
        metadata["card"] = json.dumps(values)

    return rewritten(path, change)


def refusal(path: Path) -> str:
    """The words with which a file is refused; they name the file and say what to do."""
    with pytest.raises(ModelFileInvalid) as caught:
        read_model_file(path)
    assert path.name in caught.value.message
    assert caught.value.hint
    return caught.value.message


# --- the way there and back -------------------------------------------------------------------------------


def test_every_bit_comes_back(path: Path) -> None:
    written, read = tiny_model(), read_model_file(path)
    assert read.calibration is not None
    assert written.calibration is not None
    for before, after in (
        (written.weights, read.weights),
        (written.aux, read.aux),
        (written.calibration[0], read.calibration[0]),
    ):
        assert before.keys() == after.keys()
        for name in before:
            assert after[name].dtype == before[name].dtype
            assert after[name].shape == before[name].shape
            assert after[name].tobytes() == np.asarray(before[name], order="C").tobytes(), name
    assert read.calibration[1] == written.calibration[1]
    assert read.calibrated
    assert read.file_name == path.name


def test_card_survives(path: Path) -> None:
    card = read_model_file(path).card
    assert card == replace(CARD, weights_digest=weights_digest(tiny_model().weights))
    assert read_card(path) == card
    assert card.input_spec.digest == CARD.input_spec.digest, "a calibration hangs on it"


def test_writing_again_gives_the_same_digest(path: Path, tmp_path: Path) -> None:
    card = write_model_file(tmp_path / "again.safetensors", read_model_file(path))
    assert card == read_card(path)


def test_a_model_without_calibration_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "raw.safetensors"
    write_model_file(path, replace(tiny_model(), calibration=None))
    assert not read_model_file(path).calibrated


@pytest.mark.parametrize(
    "change",
    [
        lambda weights: weights.update(a=np.array([1.0, 2.0], np.float32)),
        lambda weights: weights.update(a=weights["a"].reshape(2, 1)),
        lambda weights: weights.update(a=weights["a"].astype(np.float64)),
        lambda weights: weights.update(b=weights.pop("a")),
        lambda weights: weights.update(a=weights["a"].view(np.int32)),
    ],
    ids=["value", "shape", "type", "name", "meaning of the bytes"],
)
def test_digest_of_weights_tells_all_that_matters(change: Callable[[dict[str, Any]], None]) -> None:
    weights: dict[str, Any] = {"a": np.array([1.0, 3.0], np.float32)}
    before = weights_digest(weights)
    change(weights)
    assert weights_digest(weights) != before


def test_digest_of_weights_does_not_hang_on_order_or_strides() -> None:
    first, second = np.arange(6, dtype=np.float32).reshape(2, 3), np.ones(2, np.float32)
    other_way = {"b": second, "a": np.asfortranarray(first)}
    assert weights_digest({"a": first, "b": second}) == weights_digest(other_way)


# --- a calibration belongs to weights and preprocessing ---------------------------------------------------


def test_changed_weights_lose_their_calibration(path: Path) -> None:
    model = read_model_file(path)
    moved = {name: array.copy() for name, array in model.weights.items()}
    moved["generator.weight"].flat[0] = np.nextafter(moved["generator.weight"].flat[0], np.float32(9))
    write_model_file(path, replace(model, weights=moved))
    assert not read_model_file(path).calibrated


def test_changed_preprocessing_loses_the_calibration(path: Path) -> None:
    model = read_model_file(path)
    spec = replace(model.card.input_spec, high_percentile=99.6)
    write_model_file(path, replace(model, card=replace(model.card, input_spec=spec)))
    assert not read_model_file(path).calibrated


def test_a_calibration_of_maps_made_otherwise_counts_for_nothing(path: Path) -> None:
    """Thresholds of a narrower blur are no thresholds of a wider one."""
    model = read_model_file(path)
    assert model.calibration is not None
    arrays, info = model.calibration
    unnamed = {name: value for name, value in info.items() if name != "map"}
    for older in ({**info, "map": "box blur of 5/128"}, unnamed):
        write_model_file(path, replace(model, calibration=(arrays, older)))
        assert not read_model_file(path).calibrated


def test_new_words_on_the_card_keep_the_calibration(path: Path) -> None:
    model = read_model_file(path)
    write_model_file(path, replace(model, card=replace(model.card, figures={"test": {"AUROC": 0.5}})))
    assert read_model_file(path).calibrated


# --- damaged files ----------------------------------------------------------------------------------------


def test_a_flipped_bit_anywhere_is_noticed(path: Path, tmp_path: Path) -> None:
    """Half of the header's bytes and all of the numbers', one bit each, in a file of about 4 kB."""
    whole = path.read_bytes()
    damaged = tmp_path / "damaged.safetensors"
    header = 8 + int.from_bytes(whole[:8], "little")
    random = np.random.default_rng(1)
    for place in (*range(8), *range(8, header, 2), *range(header, len(whole))):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << int(random.integers(8))
        damaged.write_bytes(flipped)
        refusal(damaged)


def test_a_truncated_file_is_refused_wherever_it_ends(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    short = tmp_path / "short.safetensors"
    for end in (*range(0, 24), *range(24, len(whole), 97), len(whole) - 1):
        short.write_bytes(whole[:end])
        refusal(short)


def test_a_file_with_more_behind_its_end_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0" * 8)
    refusal(path)


def test_the_contents_must_match_the_digest(path: Path) -> None:
    def change(tensors: dict[str, Any], _: dict[str, str]) -> None:
        tensors["aux.lung_prior"][0, 0] = 0.5

    assert "damaged" in refusal(rewritten(path, change, with_digest=False))


@pytest.mark.parametrize("name", ["digest", "card", "calibration", "format"])
def test_metadata_that_is_missing_is_noticed(path: Path, name: str) -> None:
    refusal(rewritten(path, lambda _, metadata: metadata.update({name: ""}), with_digest=False))


def test_weights_of_another_model_do_not_belong_to_the_card(path: Path) -> None:
    """As after gluing the card of one model to the weights of another, with a digest that is right."""
    assert "do not belong to its card" in refusal(card_with(path, weights_digest="0" * 64))


def test_a_card_without_weights_is_no_model(path: Path) -> None:
    def change(tensors: dict[str, Any], metadata: dict[str, str]) -> None:
        for name in [name for name in tensors if name.startswith("weights.")]:
            del tensors[name]
        metadata["card"] = json.dumps(json.loads(metadata["card"]) | {"weights_digest": weights_digest({})})

    assert "do not belong" in refusal(rewritten(path, change))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("part", ["weights", "aux", "calibration"])
def test_values_that_are_no_numbers_are_refused(tmp_path: Path, part: str, value: float) -> None:
    model = tiny_model()
    arrays: Any = getattr(model, part)
    array = (arrays[0] if part == "calibration" else arrays)[
        {"weights": "generator.weight", "aux": "lung_prior", "calibration": "scores"}[part]
    ]
    array.flat[2] = value
    path = tmp_path / "poisoned.safetensors"
    write_model_file(path, model)
    words = refusal(path)
    assert "no numbers" in words
    assert f"{part}." in words, "names the tensor"


# --- files of others --------------------------------------------------------------------------------------


class Marker:
    """A pickle that leaves a file behind when it is opened."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def as_pickle(path: Path, mark: Path) -> None:
    path.write_bytes(pickle.dumps(Marker(mark)))


def as_torch_zip(path: Path, mark: Path) -> None:
    torch.save({"weights": torch.ones(2), "code": Marker(mark)}, path)


def as_old_torch_file(path: Path, mark: Path) -> None:
    torch.save({"code": Marker(mark)}, path, _use_new_zipfile_serialization=False)


def as_zip(path: Path, mark: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"data/{mark.name}", b"")


@pytest.mark.parametrize("write", [as_pickle, as_torch_zip, as_old_torch_file, as_zip])
@pytest.mark.parametrize("name", ["theirs.pt", "theirs.safetensors"])
def test_pickles_are_never_opened(tmp_path: Path, name: str, write: Callable[[Path, Path], None]) -> None:
    path, mark = tmp_path / name, tmp_path / "mark"
    write(path, mark)
    words = refusal(path)
    assert "pickle or zip" in words
    assert "could run hidden code" in words
    assert not mark.exists()


def test_the_marker_would_run_code(tmp_path: Path) -> None:
    """The other half of the test above: taken apart, not opened, the file calls a function of its choice."""
    path = tmp_path / "theirs.pkl"
    as_pickle(path, tmp_path / "mark")
    steps = [(opcode.name, argument) for opcode, argument, _ in pickletools.genops(path.read_bytes())]
    assert ("REDUCE", None) in steps
    assert {"Path.touch", "mark"} <= {argument for _, argument in steps}


@pytest.mark.parametrize(
    "contents",
    [b"", b"\0", b"\x80", b"GIF89a", b"\0" * 4096, b"\xff" * 64, (2**63).to_bytes(8, "little") + b"{}"],
    ids=["empty", "one byte", "one odd byte", "picture", "zeros", "ones", "endless header"],
)
def test_what_is_no_safetensors_file_is_refused(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(contents)
    assert "not a model file of this program" in refusal(path)


@pytest.mark.parametrize("metadata", [None, {}, {"format": "pt"}, {"format": "healthytwin-model-99"}])
def test_safetensors_of_another_program_are_refused(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    path = tmp_path / "diffusion.safetensors"
    save_file({"unet.conv_in.weight": np.ones((2, 2), np.float32)}, path, metadata)
    assert "not in the form of this program" in refusal(path)
    with pytest.raises(ModelFileInvalid, match=path.name):
        read_card(path)


@pytest.mark.parametrize("type_name", ["F8_E4M3", "BF16"])
def test_types_of_number_that_we_do_not_have_are_refused(tmp_path: Path, type_name: str) -> None:
    path = tmp_path / "eight-bits.safetensors"
    shape = [4] if type_name == "F8_E4M3" else [2]
    header = json.dumps(
        {
            "__metadata__": {"format": FORMAT, "card": "{}", "calibration": "null", "digest": ""},
            "weights.a": {"dtype": type_name, "shape": shape, "data_offsets": [0, 4]},
        }
    ).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 4)
    assert "cannot be read" in refusal(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": None},
        {"input_spec": None},
        {"input_spec": {"size": 7}},
        {"input_spec": {"size": 64, "reference_quantiles": [0.5]}},
        {"input_spec": [1, 2]},
        {"age_years": [3]},
        {"age_years": "ab"},
        {"limits": 5},
        {"a_field_of_a_later_version": 1},
    ],
)
def test_a_card_that_makes_no_sense_is_refused(path: Path, changes: dict[str, object]) -> None:
    assert "card" in refusal(card_with(path, **changes))


@pytest.mark.parametrize("card", ["", "[]", "null", "{", "[" * 100_000])
def test_a_card_that_is_none_is_refused(path: Path, card: str) -> None:
    assert "card" in refusal(rewritten(path, lambda _, metadata: metadata.update(card=card)))


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_a_calibration_that_is_no_json_is_refused(path: Path, text: str) -> None:
    assert "calibration" in refusal(rewritten(path, lambda _, metadata: metadata.update(calibration=text)))


@pytest.mark.parametrize("text", ["[]", "7", "{}", '{"weights_digest": null}'])
def test_a_calibration_of_nothing_counts_for_nothing(path: Path, text: str) -> None:
    rewritten(path, lambda _, metadata: metadata.update(calibration=text))
    assert not read_model_file(path).calibrated


# --- files that are not there -----------------------------------------------------------------------------


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "cannot be opened: No such file" in refusal(tmp_path / "gone.safetensors")
    assert "cannot be opened" in refusal(tmp_path)


def test_a_file_larger_than_any_model_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "huge.safetensors"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3 + 1)
    assert "larger than any model" in refusal(path)


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CannotWrite, match="file"):
        write_model_file(tmp_path / "file" / "model.safetensors", tiny_model())


def test_a_full_disk_leaves_the_old_file_and_no_other(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CannotWrite, match="No space left"):
        write_model_file(path, tiny_model())
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_readers_see_the_old_or_the_new_file_and_never_half_of_one(path: Path) -> None:
    """As when the window reads a model that a calibration is replacing just now."""
    models = [
        replace(tiny_model(), card=replace(CARD, version=version), calibration=None) for version in "ab"
    ]
    stop = threading.Event()

    def write() -> None:
        place = 0
        while not stop.is_set():
            write_model_file(path, models[place % 2])
            place += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = {read_model_file(path).card.version for _ in range(60)}
    finally:
        stop.set()
        writer.join()
    assert seen <= {CARD.version, "a", "b"}
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_the_file_can_be_read_by_the_others_of_the_machine(path: Path) -> None:
    if os.name != "posix":
        pytest.skip("modes are POSIX")
    assert path.stat().st_mode & 0o777 == 0o644
