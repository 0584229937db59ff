"""Images are veiled each for itself, and the moments of a reading are written down as they were."""

from __future__ import annotations

import pytest
from report_cases import FOUND

from core.read_first import ReadFirst, finding_words
from core.review import Review
from core.review_journal import Event, ImageKey

ONE, TWO = ImageKey("1.1", 0, "d", "1"), ImageKey("1.2", 0, "e", "1")


class Desk:
    """Read first with a clock that the test turns, and what it wrote down, by name."""

    def __init__(self) -> None:
        self.wanted = True
        self.now = 1000.0
        self.log: dict[str, Event] = {}
        self.first = ReadFirst(
            lambda: self.wanted,
            lambda event: self.log.__setitem__(event.identifier, event),
            clock=lambda: 1_700_000_000.0 + self.now,
            passed=lambda: self.now,
        )

    @property
    def told(self) -> list[tuple[str, float, str]]:
        return [(event.kind, event.since_shown_s, event.content) for event in self.log.values()]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_each_image_is_veiled_for_itself(desk: Desk) -> None:
    assert desk.first.veils(ONE)
    desk.first.reveal(ONE, "clear")
    assert not desk.first.veils(ONE)
    assert desk.first.veils(TWO)
    desk.wanted = False
    assert not desk.first.veils(TWO)


def test_what_was_seen_before_is_not_veiled_afterwards_and_not_watched(desk: Desk) -> None:
    desk.first.saw(ONE)
    desk.first.show(ONE)
    desk.first.decide(ONE, Review(), Review(impression="x"), ())
    assert not desk.first.veils(ONE)
    assert desk.told == []


def test_a_reading_with_a_change_of_mind(desk: Desk) -> None:
    desk.first.show(ONE)
    desk.now += 2
    desk.first.show(ONE)
    desk.first.decide(ONE, Review(), Review(impression="clea"), ())
    desk.now += 8
    before = Review(impression="clear")
    desk.first.reveal(ONE, before.impression)
    desk.now += 5
    after = before.accept(FOUND)
    desk.first.decide(ONE, before, after, (FOUND,))
    desk.now += 1
    desk.first.decide(ONE, after, after.with_note("abc", "rib?"), (FOUND,))
    desk.first.decide(ONE, after, after.dismiss("abc"), (FOUND,))
    desk.first.decide(ONE, after.dismiss("abc"), before, (FOUND,))
    for text in ("nodu", "nodule"):
        desk.now += 10
        desk.first.decide(ONE, before, Review(impression=text), ())
    desk.now += 60
    desk.first.decide(ONE, Review(impression="nodule"), Review(impression="nodule?"), ())
    words = finding_words(FOUND)
    assert words == "R upper zone, healthygan denser, peak 0.200"
    assert desk.told == [
        ("shown", 0.0, ""),
        ("revealed", 10.0, "clear"),
        ("finding accepted", 15.0, words),
        ("note changed", 16.0, f"{words}: rib?"),
        ("finding dismissed", 16.0, words),
        ("finding undecided", 16.0, words),
        ("impression changed", 26.0, "nodule"),
        ("impression changed", 96.0, "nodule?"),
    ]
    assert {event.image for event in desk.log.values()} == {ONE}


def test_an_image_that_was_revealed_earlier_is_watched_on(desk: Desk) -> None:
    desk.first.saw_earlier(ONE)
    desk.first.show(ONE)
    desk.now += 3
    desk.first.decide(ONE, Review(), Review(impression="other"), ())
    assert desk.told == [("shown", 0.0, ""), ("impression changed", 3.0, "other")]


def test_switching_it_off_on_a_veiled_image_is_a_moment_too(desk: Desk) -> None:
    desk.first.show(ONE)
    desk.first.switch_off(ONE)
    desk.first.switch_off(ONE)
    assert [kind for kind, *_ in desk.told] == ["shown", "switched off"]
    assert not desk.first.veils(ONE)


def test_nothing_is_written_down_where_it_is_not_wanted(desk: Desk) -> None:
    desk.wanted = False
    desk.first.show(ONE)
    desk.first.decide(ONE, Review(), Review(impression="x"), ())
    assert desk.told == []
    desk.wanted = True
    desk.first.reveal(ONE, "x")
    desk.first.forget()
    desk.log.clear()
    desk.first.decide(ONE, Review(), Review(impression="y"), ())
    assert desk.told == []
    assert not desk.first.veils(ONE), "what was seen stays seen"
