"""Marks as values: names, identifiers, what cannot be a mark."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.marks import POINTS, Drawings, Mark, MarkKind


def drawn(kind: MarkKind, count: int | None = None) -> Mark:
    wanted = POINTS.get(kind, 5) if count is None else count
    return Mark(kind, tuple((float(place), 2.0 * place) for place in range(wanted)))


def test_names_count_for_each_letter_in_the_order_of_drawing() -> None:
    drawings = Drawings()
    for kind in MarkKind:
        drawings = drawings.with_mark(drawn(kind))
    assert [mark.name for mark in drawings.marks] == [
        *("M1", "M2", "M3", "M4", "M5"),
        *("R1", "R2", "R3", "P1", "A1", "T1"),
    ]
    assert len({mark.identifier for mark in drawings.marks}) == len(MarkKind)


def test_names_stay_when_others_go() -> None:
    drawings = Drawings()
    for _ in range(3):
        drawings = drawings.with_mark(drawn(MarkKind.LENGTH))
    fewer = drawings.without([drawings.marks[1].identifier])
    assert [mark.name for mark in fewer.marks] == ["M1", "M3"]
    assert [mark.name for mark in fewer.with_mark(drawn(MarkKind.ANGLE)).marks] == ["M1", "M3", "M4"]


def test_a_changed_mark_stays_in_its_place() -> None:
    drawings = Drawings().with_mark(drawn(MarkKind.LENGTH)).with_mark(drawn(MarkKind.ARROW))
    other = replace(drawings.marks[0], text="nodule", hidden=True)
    changed = drawings.changed(other)
    assert changed.marks == (other, drawings.marks[1])
    assert changed.shown == (drawings.marks[1],)
    assert changed.find(other.identifier) is other
    assert other.label == "M1 nodule"
    assert drawings.changed(replace(other, identifier="nobody's")) == drawings
    assert drawings.find("nobody's") is None


def test_drawings_of_two_times_become_one_and_no_name_stands_twice() -> None:
    early = Drawings().with_mark(drawn(MarkKind.LENGTH)).with_mark(drawn(MarkKind.TEXT))
    late = Drawings((replace(early.marks[1], text="later"),)).with_mark(drawn(MarkKind.LENGTH))
    both = early.joined(late)
    assert [(mark.name, mark.text) for mark in both.marks] == [("M1", ""), ("T1", "later"), ("M2", "")]
    assert early.joined(early) == early
    assert early.joined(Drawings()) == early
    assert Drawings().joined(early) == early


@pytest.mark.parametrize("kind", MarkKind)
def test_a_mark_has_the_points_of_its_kind(kind: MarkKind) -> None:
    assert drawn(kind).kind is kind
    with pytest.raises(ValueError, match="points make no"):
        drawn(kind, 0)
    if kind in POINTS:
        with pytest.raises(ValueError, match="points make no"):
            drawn(kind, POINTS[kind] + 1)
    with pytest.raises(ValueError, match="finite"):
        replace(drawn(kind), points=((float("nan"), 0.0), *drawn(kind).points[1:]))


@given(st.lists(st.sampled_from(MarkKind), max_size=12), st.sets(st.integers(0, 11)))
def test_no_two_marks_of_a_frame_share_a_name(kinds: list[MarkKind], gone: set[int]) -> None:
    drawings = Drawings()
    for kind in kinds:
        drawings = drawings.with_mark(drawn(kind))
    drawings = drawings.without(mark.identifier for place, mark in enumerate(drawings.marks) if place in gone)
    for kind in kinds:
        drawings = drawings.with_mark(drawn(kind))
    names = [mark.name for mark in drawings.marks]
    assert len(set(names)) == len(names)
