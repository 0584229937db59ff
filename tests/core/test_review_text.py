"""Reviews travel through text unharmed: every type in them, those of other versions included."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields, is_dataclass, make_dataclass
from enum import Enum
from typing import Any, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import review_text as module
from core.imaging.findings import Finding
from core.imaging.marks import Drawings, Mark, MarkKind
from core.review import Review
from core.review_text import UnknownFormat, review_of, review_text, types_in

ALL = tuple(types_in(Review))


def whole(kind: Any) -> st.SearchStrategy[Any]:  # any annotation
    """Values with every field filled, also those with a default; those that a type refuses are left out."""
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        values = st.fixed_dictionaries({one.name: whole(hints[one.name]) for one in fields(kind)})
        return values.map(lambda chosen: _made(kind, chosen)).filter(lambda made: made is not None)
    if kind is float:
        return st.floats(allow_nan=False)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    parts = getattr(kind, "__args__", ())
    origin = getattr(kind, "__origin__", None)
    if origin is tuple and parts[-1] is Ellipsis:
        return st.lists(whole(parts[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*(whole(part) for part in parts))
    if origin is frozenset:
        return st.frozensets(whole(parts[0]), max_size=3)
    if parts:
        return st.one_of(*(whole(part) for part in parts))
    return st.from_type(kind)


def shape(value: object) -> object:
    """The types of a value and of all that it holds."""
    if is_dataclass(value):
        return type(value), [shape(getattr(value, one.name)) for one in fields(value)]
    if isinstance(value, tuple):
        return tuple, [shape(one) for one in value]
    return type(value)


def _made(kind: type, values: dict[str, Any]) -> Any:  # an instance, None if it refuses these values
    try:
        return kind(**values)
    except ValueError:
        return None


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_type_in_a_review_is_frozen_and_comes_back(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # of every dataclass
    converter = module._converter()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(whole(kind))
    def comes_back(value: object) -> None:
        text = json.dumps(converter.unstructure(value, kind))
        back = converter.structure(json.loads(text), kind)
        assert back == value
        # A word in the place of an enumeration would be equal to it.
        assert shape(back) == shape(value)

    comes_back()


def test_all_that_a_review_holds_is_walked() -> None:
    assert {Review, Finding, Drawings, Mark} <= set(ALL)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(whole(Review))
def test_a_review_comes_back(review: Review) -> None:
    assert review_of(review_text(review)) == review


def test_what_is_missing_has_its_default_and_defaults_are_not_written() -> None:
    assert json.loads(review_text(Review())) == {"format": 1, "review": {}}
    assert review_of('{"format": 1, "review": {"impression": "clear"}}') == Review(impression="clear")


def test_a_field_that_is_added_needs_nothing_here() -> None:
    later = make_dataclass("Later", [("depth", float, 1.5)], bases=(Drawings,), frozen=True)
    converter = module._converter()
    marks = (Mark(MarkKind.PROBE, ((0.0, 1.0),)),)
    line = later(marks, 4.0)  # type: ignore[call-arg]  # made above
    assert converter.structure(json.loads(json.dumps(converter.unstructure(line))), later) == line
    old = json.loads(json.dumps(converter.unstructure(Drawings(marks))))
    assert converter.structure(old, later).depth == 1.5


@dataclass(frozen=True)
class Round:
    size: float = 1.0


@dataclass(frozen=True)
class Square:
    size: float = 1.0


@dataclass(frozen=True)
class Shapes:
    row: tuple[Round | Square, ...] = ()
    one: Round | Square | None = None


@pytest.mark.parametrize(
    "value", [Shapes(), Shapes((Round(2.0), Square(2.0)), Square()), Shapes(one=Round())]
)
def test_one_of_several_types_with_the_same_fields_comes_back_as_itself(value: Shapes) -> None:
    converter = module._converter()
    text = json.dumps(converter.unstructure(value))
    assert converter.structure(json.loads(text), Shapes) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"format": 2, "review": {}}',
        '{"format": 1, "review": {"angles": [[1, 2]]}}',
        '{"format": 1, "review": {"impression": 3}}',
        '{"format": 1, "review": {"accepted": [{"peak": 1}]}}',
        '{"format": 1, "review": {"thresholds": [["a", "sideways", 0.1]]}}',
        '{"format": 1, "review": {"thresholds": [["a", "denser", true]]}}',
    ],
)
def test_what_this_version_does_not_know_is_refused_as_a_whole(text: str) -> None:
    with pytest.raises(UnknownFormat):
        review_of(text)


@pytest.mark.parametrize("text", ["", "x", "[]", "7", "{}", '{"format": true, "review": {}}', "[" * 9000])
def test_what_no_version_wrote_is_no_review(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        review_of(text)
    assert not isinstance(caught.value, UnknownFormat)


def test_a_threshold_that_is_infinite_comes_back() -> None:
    review = Review(impression="é \ud800 \u202e", notes=(("a", "b"),))
    assert review_of(review_text(review)) == review
    converter = module._converter()
    assert converter.structure(json.loads(json.dumps(math.inf)), float) == math.inf
