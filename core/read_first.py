"""Read first: what models say stays hidden until the reader has written an impression; what happened when.

A model's opinion that comes first becomes the reader's too easily. Each image is veiled for itself, as its
impression is its own. The moments are kept in the journal on this computer and nowhere else.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.imaging.findings import Finding
from core.review import Review
from core.review_journal import REVEALED, SHOWN, SWITCHED_OFF, Event, ImageKey

IMPRESSION_CHANGED = "impression changed"
FINDING_ACCEPTED = "finding accepted"
FINDING_DISMISSED = "finding dismissed"
FINDING_UNDECIDED = "finding undecided"
NOTE_CHANGED = "note changed"
# Typing that pauses for less than this is one change.
_ONE_CHANGE_S = 30.0


class ReadFirst:
    """Which images are veiled, and the moments of those that were. Owner's thread only.

    `wanted` says whether the reader asked for it, `log` writes a moment down; one of the same identifier
    takes the place of the earlier one. `clock`: seconds since 1970; `passed`: seconds that never jump.
    """

    def __init__(
        self,
        wanted: Callable[[], bool],
        log: Callable[[Event], None],
        clock: Callable[[], float] = time.time,
        passed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wanted = wanted
        self._log = log
        self._clock = clock
        self._passed = passed
        self._shown: dict[ImageKey, float] = {}
        self._seen: set[ImageKey] = set()
        self._watched: set[ImageKey] = set()
        self._typed: dict[ImageKey, tuple[Event, float]] = {}

    def veils(self, image: ImageKey) -> bool:
        """Whether what models say of this image is to be hidden."""
        return self._wanted() and image not in self._seen

    def show(self, image: ImageKey) -> None:
        """An image is on the screen, veiled or once veiled: its time runs from the first time on."""
        if self._wanted() and image not in self._shown and (self.veils(image) or image in self._watched):
            self._shown[image] = self._passed()
            self._note(image, SHOWN, "")

    def saw(self, image: ImageKey) -> None:
        """The reader has seen what models say of this image, without having been asked first."""
        self._seen.add(image)

    def saw_earlier(self, image: ImageKey) -> None:
        """The twin of this image was shown after an impression, at an earlier time."""
        self._seen.add(image)
        self._watched.add(image)

    def reveal(self, image: ImageKey, impression: str) -> None:
        """Show what models say; the impression as it is now is the first one."""
        self.saw_earlier(image)
        self._note(image, REVEALED, impression)

    def switch_off(self, image: ImageKey) -> None:
        """The reader does without it while this image is veiled."""
        if image not in self._seen:
            self._seen.add(image)
            self._note(image, SWITCHED_OFF, "")

    def forget(self) -> None:
        """The journal was wiped; what was seen stays seen."""
        self._watched.clear()
        self._typed.clear()

    def decide(self, image: ImageKey, before: Review, after: Review, findings: Sequence[Finding]) -> None:
        """Write down what changed after the twin was shown. `findings`: those that are listed."""
        if not (self._wanted() and image in self._watched):
            return
        if before.impression != after.impression:
            self._note_typing(image, after.impression)
        words = {one.identifier: finding_words(one) for one in (*before.accepted, *findings, *after.accepted)}
        was, now = _decisions(before), _decisions(after)
        for name in (*was, *(name for name in now if name not in was)):
            if was.get(name) != now.get(name):
                self._note(image, now.get(name, FINDING_UNDECIDED), words.get(name, name))
        notes = dict(before.notes), dict(after.notes)
        for name in dict.fromkeys((*notes[0], *notes[1])):
            if notes[0].get(name) != notes[1].get(name):
                self._note(image, NOTE_CHANGED, f"{words.get(name, name)}: {notes[1].get(name, '')}")

    def _note_typing(self, image: ImageKey, text: str) -> None:
        last = self._typed.get(image)
        if last is None or self._passed() - last[1] > _ONE_CHANGE_S:
            event = self._note(image, IMPRESSION_CHANGED, text)
        else:
            event = replace(last[0], content=text)
            self._log(event)
        self._typed[image] = event, self._passed()

    def _note(self, image: ImageKey, kind: str, content: str) -> Event:
        since = self._passed() - self._shown.setdefault(image, self._passed())
        event = Event(uuid.uuid4().hex, image, self._clock(), since, kind, content)
        self._log(event)
        return event


def finding_words(finding: Finding) -> str:
    """A finding in the log: where it is, which model sees what, and how strongly."""
    place = f"{finding.side} {finding.zone} zone".strip()
    return f"{place}, {finding.model_kind} {finding.sign}, peak {finding.peak:.3f}"


def _decisions(review: Review) -> dict[str, str]:
    accepted = {one.identifier: FINDING_ACCEPTED for one in review.accepted}
    return accepted | dict.fromkeys(sorted(review.dismissed), FINDING_DISMISSED)
