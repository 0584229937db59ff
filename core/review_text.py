"""A review as text and back: every frozen type that it holds, those to come included, with a format number.

A field that is missing has its default, and one that holds its default is not written: reviews travel between
versions of the program as long as they hold nothing that one of them does not know. What a version does not
know it refuses as a whole, so that it never writes a part of somebody's work back as if it were all.
"""

from __future__ import annotations

import functools
import json
import types
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any, Union, get_args, get_origin, get_type_hints

from cattrs.errors import BaseValidationError
from cattrs.preconf.json import JsonConverter, make_converter

from core.review import Review

_FORMAT = 1
_KIND = "@"  # which of several types a value is of; no field can have this name


class UnknownFormat(ValueError):
    """The text comes from a version of the program that knows more than this one."""


def review_text(review: Review) -> str:
    """One line of JSON, in ASCII."""
    return json.dumps({"format": _FORMAT, "review": _converter().unstructure(review)}, sort_keys=True)


def review_of(text: str) -> Review:
    """The review in a text of `review_text`, of this or an earlier version.

    Raises `UnknownFormat` for what a later version wrote, `ValueError` for what none wrote.
    """
    try:
        content = json.loads(text)
        number = content["format"]
        if type(number) is int and number > _FORMAT:
            raise UnknownFormat(f"format {number}, known is {_FORMAT}")
        if type(number) is not int or number < 1:
            raise ValueError(f"format {number!r} never was one")
        return _converter().structure(content["review"], Review)
    except BaseValidationError as error:
        # A valid checksum stands before this (see the journal): what does not fit is news, not damage.
        raise UnknownFormat(str(error)) from error
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"no review: {error!r}") from error


def types_in(kind: object) -> Iterator[type]:
    """Every dataclass that a value of a type may hold, itself first, each once."""
    seen: set[object] = set()

    def walk(one: object) -> Iterator[type]:
        if one in seen:
            return
        seen.add(one)
        if isinstance(one, type) and is_dataclass(one):
            yield one
            hints = get_type_hints(one)
            for field in fields(one):
                yield from walk(hints[field.name])
        for part in get_args(one):
            yield from walk(part)

    yield from walk(kind)


def _strictly(taken: tuple[type, ...], value: Any, kind: Any) -> Any:  # JSON and an annotation
    """Numbers are no texts and the other way round: a guess at what was meant would be a new decision.

    Asked for the words of an enumeration as well, which are texts too.
    """
    if type(value) not in taken:
        raise ValueError(f"{value!r} is no {kind.__name__}")
    return kind(value)


def _is_choice(kind: Any) -> bool:  # any annotation
    """Whether a type is one of several dataclasses, which their fields need not tell apart."""
    if get_origin(kind) not in (Union, types.UnionType):
        return False
    return sum(is_dataclass(one) for one in get_args(kind)) > 1


def _named(converter: JsonConverter) -> Callable[[Any], Any]:  # a dataclass or None
    def name(value: Any) -> Any:  # as above
        if value is None:
            return None
        return {_KIND: type(value).__name__} | converter.unstructure(value, type(value))

    return name


def _by_name(converter: JsonConverter, kind: Any) -> Callable[[Any, Any], Any]:  # an annotation, JSON
    known = {one.__name__: one for one in get_args(kind)}

    def take(value: Any, _: Any) -> Any:  # JSON
        if value is None and "NoneType" in known:
            return None
        name = value[_KIND] if isinstance(value, dict) and _KIND in value else None
        if name not in known:
            raise ValueError(f"{name!r} is none of {', '.join(known)}")
        rest = {key: one for key, one in value.items() if key != _KIND}
        return converter.structure(rest, known[name])

    return take


@functools.cache
def _converter() -> JsonConverter:
    """Made when first asked for: its code is compiled for each type."""
    converter = make_converter(forbid_extra_keys=True, omit_if_default=True)
    for kind, taken in ((bool, (bool,)), (int, (int,)), (float, (int, float)), (str, (str,))):
        converter.register_structure_hook(kind, partial(_strictly, taken))
    converter.register_unstructure_hook_factory(_is_choice, lambda kind: _named(converter))
    converter.register_structure_hook_factory(_is_choice, lambda kind: _by_name(converter, kind))
    return converter
