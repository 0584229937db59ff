"""A few hundred mutated files in each run of the tests; `make fuzz` tries many more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from fuzz_campaign import Corpus, Tally, report, try_seed
from fuzz_mutations import MUTATIONS, elements_of, mutated

from core.dicom import decoding

WHEEL = Path(pydicom.__file__).parent / "data" / "test_files"
SMALL = WHEEL / "CT_small.dcm"
# From seeds that were tried first elsewhere, so that each machine tries the same.
FIRST, FILES = 1_000_000, 400


@pytest.fixture(scope="module", autouse=True)
def _no_decoding_process_left() -> Iterator[None]:
    yield
    decoding.close()


@pytest.mark.parametrize("part", range(4))
def test_every_failure_has_words(tmp_path: Path, part: int) -> None:
    corpus, tally = Corpus(WHEEL), Tally()
    for seed in range(FIRST + part, FIRST + FILES, 4):
        try_seed(seed, corpus, tmp_path / "mutated.dcm", tally)
    assert not tally.faults, report(tally)
    assert tally.files == FILES // 4
    assert tally.shown > 0
    assert sum(tally.failures.values()) > 0


def test_a_seed_always_gives_the_same_file() -> None:
    one, other = Corpus(WHEEL), Corpus(WHEEL)
    for seed in range(20):
        assert one.mutated(seed) == other.mutated(seed)
    assert one.mutated(1) != one.mutated(2)


@pytest.mark.parametrize("mutation", sorted(set(MUTATIONS), key=lambda one: one.__name__))
def test_each_mutation_changes_the_file(mutation: object) -> None:
    content = (WHEEL / "JPEG2000.dcm").read_bytes()
    made = [mutation(content, np.random.default_rng(seed)) for seed in range(10)]  # type: ignore[operator]
    assert sum(one != content for one in made) >= 5


def test_any_bytes_can_be_mutated() -> None:
    rng = np.random.default_rng(0)
    for content in (b"", b"x", b"DICM", bytes(140), SMALL.read_bytes()[:150]):
        for _ in range(60):
            assert isinstance(mutated(content, rng)[0], bytes)


def test_the_walk_finds_the_elements() -> None:
    found = elements_of(SMALL.read_bytes())
    truth = pydicom.dcmread(SMALL)
    assert {one.tag for one in found if one.tag >> 16 > 2} == {int(one.tag) for one in truth}


def test_whatever_is_no_product_error_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("fuzz_campaign.scan", fails)
    tally = Tally()
    try_seed(1, Corpus(WHEEL), tmp_path / "mutated.dcm", tally)
    (fault,) = tally.faults
    assert "a bug" in str(fault["error"])
    assert "FAULT" in report(tally)
