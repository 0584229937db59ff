"""Decisions of two times about one image become one review, and nothing of either is lost."""

from __future__ import annotations

from dataclasses import fields, replace

from report_cases import FOUND

from core.imaging.findings import Sign
from core.imaging.marks import Drawings, Mark, MarkKind
from core.review import Review

LINE = Mark(MarkKind.LENGTH, ((0.0, 0.0), (1.0, 1.0)), identifier="a", name="M1")
OTHER = Mark(MarkKind.LENGTH, ((2.0, 2.0), (3.0, 3.0)), identifier="b", name="M2")


def full() -> Review:
    first = FOUND
    return Review(
        thresholds=(("w", Sign.DENSER, 0.2),),
        accepted=(first,),
        dismissed=frozenset({"gone"}),
        notes=((first.identifier, "scar"),),
        impression="No change.",
        drawings=Drawings((LINE,)),
        key_image=True,
    )


def test_joined_with_nothing_it_is_itself_either_way() -> None:
    assert all(getattr(full(), one.name) != getattr(Review(), one.name) for one in fields(Review)), (
        "a field that this test does not fill could be lost unseen"
    )
    assert full().joined(Review()) == full()
    assert Review().joined(full()) == full()
    assert full().joined(full()) == full()


def test_the_later_decision_counts_where_both_speak() -> None:
    first = FOUND
    later = Review(
        thresholds=(("w", Sign.DENSER, 0.3), ("w", Sign.LUCENT, 0.1)),
        dismissed=frozenset({first.identifier}),
        notes=((first.identifier, "rib"),),
        impression="New nodule.",
        drawings=Drawings((OTHER,)),
    )
    both = full().joined(later)
    assert both.thresholds == later.thresholds
    assert both.accepted == ()
    assert both.dismissed == {"gone", first.identifier}
    assert both.notes == ((first.identifier, "rib"),)
    assert both.impression == "No change.\nNew nodule."
    assert both.drawings == Drawings((LINE, OTHER))


def test_an_acceptance_takes_an_earlier_dismissal_back() -> None:
    first = FOUND
    earlier = Review(dismissed=frozenset({first.identifier}))
    assert earlier.joined(Review().accept(first)) == Review().accept(first)
    assert replace(full(), impression="").joined(Review(impression="x")).impression == "x"
