"""Keeps linked viewports together: place in the stack, place and scale of the film, window.

The rules are those of `core.linking`. One viewport leads at a time; what followers do because of it leads
nobody, so that two stacks of other slice spacings never chase each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QObject, Signal

from core.linking import (
    ALL_LINKS,
    Linked,
    LinkKind,
    LinkMode,
    Relation,
    followed_gaze,
    followed_grey,
    followed_place,
    relation,
)
from viewer.language import tr
from viewer.viewport import Viewport

# A slice that lies farther from the leader's than its own half thickness and this is said to be elsewhere.
_ASIDE_MM = 0.5


class Linker(QObject):
    """Leads followers. `viewports` are those on the desk, the session's first. GUI thread only."""

    changed = Signal()
    """Modes or kinds are others now, or what they tie together."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.kinds = ALL_LINKS
        self.viewports: tuple[Viewport, ...] = ()
        self._anchors: dict[Viewport, Linked] = {}
        self._leads = False

    def set_viewports(self, viewports: Sequence[Viewport]) -> None:
        """Other viewports are on the desk."""
        self.viewports = tuple(viewports)
        self.anchor()
        self.changed.emit()

    def set_mode(self, viewport: Viewport, mode: LinkMode) -> None:
        """Link a viewport, or let it go its own way; by hand it keeps the difference that there is now."""
        viewport.mode = mode
        self.anchor()
        self.changed.emit()

    def set_kinds(self, kinds: frozenset[LinkKind]) -> None:
        """What is shared at all."""
        self.kinds = kinds
        self.anchor()
        self.changed.emit()

    def relation_of(self, viewport: Viewport) -> Relation:
        """What ties a viewport to any other one: the place before the hand."""
        ties = {self._relation(viewport, other) for other in self.viewports if other is not viewport}
        return next((tie for tie in (Relation.PLACE, Relation.HAND) if tie in ties), Relation.NONE)

    def followers(self, leader: Viewport) -> tuple[Viewport, ...]:
        """Those that are tied to a viewport."""
        return tuple(
            other
            for other in self.viewports
            if other is not leader and self._relation(leader, other) is not Relation.NONE
        )

    def anchor(self) -> None:
        """From here on links by hand keep the differences that there are now."""
        shown = ((viewport, viewport.linked) for viewport in self.viewports)
        self._anchors = {viewport: linked for viewport, linked in shown if linked is not None}

    # --- leading -----------------------------------------------------------------------------------

    def scrolled(self, leader: Viewport) -> None:
        """The leader shows, or is about to show, another image of its stack."""
        if LinkKind.SCROLL not in self.kinds:
            return
        with self._leading() as first:
            linked = leader.linked if first else None
            if linked is None:
                return
            for other in self.viewports:
                there = other.linked if other is not leader else None
                if there is not None:
                    self._scroll(leader, linked, other, there)

    def moved(self, leader: Viewport) -> None:
        """The leader is looked at from elsewhere."""
        kinds = self.kinds & {LinkKind.PAN, LinkKind.ZOOM}
        with self._leading() as first:
            linked = leader.linked if first and kinds else None
            if linked is None:
                return
            for other in self.viewports:
                there = other.linked if other is not leader else None
                if there is not None:
                    other.look(followed_gaze(linked, there, self._anchors_of(leader, other), kinds))

    def windowed(self, leader: Viewport) -> None:
        """The leader is shown in another window."""
        if LinkKind.WINDOW not in self.kinds:
            return
        with self._leading() as first:
            scale, grey = leader.grey_scale, leader.document.grey
            if not first or scale is None or grey is None:
                return
            for other in self.followers(leader):
                there = other.grey_scale
                wanted = None if there is None else followed_grey(scale, grey, there)
                if there is None or wanted is None:
                    continue
                document, invert = other.document, leader.document.invert
                if wanted is there.own and not invert:
                    document.reset_grey()
                    continue
                if wanted != document.grey:
                    document.set_grey(wanted)
                if invert != document.invert:
                    document.set_invert(invert)

    def join(self, newcomer: Viewport) -> None:
        """A viewport shows another series: it goes where those are that know the same place, or leads.

        What was linked stays linked.
        """
        self.anchor()
        for other in self.viewports:
            if other is not newcomer and self._relation(other, newcomer) is Relation.PLACE:
                self._bring(other, newcomer)
                break
        self.changed.emit()

    def lead(self, leader: Viewport) -> None:
        """Bring all that is linked to where a viewport is."""
        self.anchor()
        self.moved(leader)
        self.scrolled(leader)
        self.changed.emit()

    def _bring(self, leader: Viewport, follower: Viewport) -> None:
        with self._leading() as first:
            led, there = leader.linked, follower.linked
            if not first or led is None or there is None:
                return
            kinds = self.kinds & {LinkKind.PAN, LinkKind.ZOOM}
            if kinds:
                follower.look(followed_gaze(led, there, None, kinds))
            if LinkKind.SCROLL in self.kinds:
                self._scroll(leader, led, follower, there)

    def _scroll(self, leader: Viewport, linked: Linked, other: Viewport, there: Linked) -> None:
        found = followed_place(linked, there, self._anchors_of(leader, other))
        words = ""
        if found is not None:
            position, aside_mm = found
            selection = other.document.selection
            thick_mm = (0.0 if selection is None else selection.series.slice_spacing_mm) or 0.0
            if aside_mm > thick_mm / 2 + _ASIDE_MM:
                words = tr("no slice here: {mm} mm away").format(mm=round(aside_mm))
            other.document.show_frame(position)
        other.comparison.set_aside(words)
        leader.comparison.set_aside("")

    def _relation(self, one: Viewport, other: Viewport) -> Relation:
        here, there = one.linked, other.linked
        return Relation.NONE if here is None or there is None else relation(here, there)

    def _anchors_of(self, leader: Viewport, follower: Viewport) -> tuple[Linked, Linked] | None:
        led, followed = self._anchors.get(leader), self._anchors.get(follower)
        return None if led is None or followed is None else (led, followed)

    @contextmanager
    def _leading(self) -> Iterator[bool]:
        """Whether nobody leads already."""
        if self._leads:
            yield False
            return
        self._leads = True
        try:
            yield True
        finally:
            self._leads = False
