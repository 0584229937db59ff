"""The window of a shown image: chosen, kept for the next image, given back."""

from __future__ import annotations

from report_cases import film

from core.imaging.display import Grey, default_grey, presets
from core.imaging.frame import Frame, Window
from core.imaging.presentation import present
from core.windowing import Windowing

OWN = Window(100.0, 50.0)


class Shown(Windowing):
    """Shows images one after the other, and remembers what it said of their windows."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[Grey | None, bool]] = []
        self.grey_changed.connect(lambda grey, invert: self.said.append((grey, invert)))

    def show(self, frame: Frame | None, *, keep: bool = False) -> None:
        """Show an image, or none."""
        presented = None if frame is None else present(frame)
        self._take_presented(presented, () if frame is None else presets(frame), keep=keep)


def test_without_an_image_there_is_nothing_to_window() -> None:
    shown = Shown()
    shown.set_grey(OWN)
    shown.set_invert(True)
    shown.reset_grey()
    assert (shown.grey, shown.invert, shown.said) == (None, False, [])


def test_a_window_is_chosen_inverted_and_given_back() -> None:
    shown = Shown()
    shown.show(film())
    asked_for = default_grey(film())
    assert (shown.grey, shown.invert, shown.said) == (asked_for, False, [])
    shown.set_grey(OWN)
    shown.set_invert(True)
    shown.reset_grey()
    assert shown.said == [(OWN, False), (OWN, True), (asked_for, False)]
    assert (shown.grey, shown.invert) == (asked_for, False)


def test_the_next_image_has_its_own_window_unless_the_chosen_one_is_kept() -> None:
    shown = Shown()
    shown.show(film())
    shown.set_grey(OWN)
    shown.set_invert(True)
    shown.show(film(), keep=True)
    assert (shown.grey, shown.invert) == (OWN, True)
    shown.show(film())
    assert (shown.grey, shown.invert) == (default_grey(film()), False)
    shown.show(None)
    assert (shown.grey, shown.presented, shown.presets) == (None, None, ())


def test_two_that_show_images_hear_nothing_of_each_other() -> None:
    one, other = Shown(), Shown()
    for shown in (one, other):
        shown.show(film())
    one.set_grey(OWN)
    assert (len(one.said), other.said) == (1, [])
