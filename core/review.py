"""What the reader decided about one frame, and the way back: frozen values, undo included."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from core.imaging.findings import Finding, Sign
from core.imaging.marks import Drawings, Mark
from core.inference.analysis import Analysis

Entry = TypeVar("Entry")


def calibrated_threshold(analysis: Analysis, sign: Sign) -> float:
    """Above it, 5 % of healthy films light up anywhere; a fixed 0.1 for a model without calibration."""
    if analysis.calibration is None or sign is Sign.DENSER:
        return analysis.threshold
    return analysis.calibration.threshold(lucent=True)


@dataclass(frozen=True, slots=True)
class Review:
    """What the reader decided about one frame. Opacity and colour are display, not review.

    `thresholds`: (weights digest, sign, value) where the reader left the calibrated one: a threshold
    belongs to the weights that it was set for. `accepted`: findings as they were when the reader confirmed
    them, with the threshold of that moment; no later threshold takes them away or changes their size.
    `dismissed`: finding identifiers. `notes`: (finding identifier, text). `key_image`: one to
    come back to.
    """

    thresholds: tuple[tuple[str, Sign, float], ...] = ()
    accepted: tuple[Finding, ...] = ()
    dismissed: frozenset[str] = frozenset()
    notes: tuple[tuple[str, str], ...] = ()
    impression: str = ""
    drawings: Drawings = field(default_factory=Drawings)
    key_image: bool = False

    def threshold_for(self, analysis: Analysis, sign: Sign) -> float:
        """The reader's threshold for this model's map, or the calibrated one."""
        own = self.own_threshold(analysis, sign)
        return calibrated_threshold(analysis, sign) if own is None else own

    def own_threshold(self, analysis: Analysis, sign: Sign) -> float | None:
        """The threshold that the reader set, None where the calibrated one holds."""
        for digest, of_sign, value in self.thresholds:
            if (digest, of_sign) == (analysis.card.weights_digest, sign):
                return value
        return None

    def with_threshold(self, analysis: Analysis, sign: Sign, value: float | None) -> Review:
        """The review with another threshold; None goes back to the calibrated one."""
        key = (analysis.card.weights_digest, sign)
        others = tuple(entry for entry in self.thresholds if entry[:2] != key)
        return replace(self, thresholds=others if value is None else (*others, (*key, value)))

    def accepts(self, identifier: str) -> bool:
        """Whether this finding is confirmed."""
        return any(finding.identifier == identifier for finding in self.accepted)

    def accept(self, finding: Finding) -> Review:
        """The review in which this finding is confirmed as it is now."""
        return replace(
            self,
            accepted=(*self._accepted_but(finding.identifier), finding),
            dismissed=self.dismissed - {finding.identifier},
        )

    def dismiss(self, identifier: str) -> Review:
        """The review in which this finding is rejected."""
        return replace(self, accepted=self._accepted_but(identifier), dismissed=self.dismissed | {identifier})

    def undecide(self, identifier: str) -> Review:
        """The review in which this finding is neither confirmed nor rejected."""
        return replace(self, accepted=self._accepted_but(identifier), dismissed=self.dismissed - {identifier})

    def _accepted_but(self, identifier: str) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.accepted if finding.identifier != identifier)

    def note_on(self, identifier: str) -> str:
        """The reader's words on a finding."""
        return dict(self.notes).get(identifier, "")

    def with_note(self, identifier: str, text: str) -> Review:
        """The review with other words on a finding; empty text removes them."""
        notes = {**dict(self.notes), identifier: text.strip()}
        return replace(self, notes=tuple(sorted((key, words) for key, words in notes.items() if words)))

    def with_mark(self, mark: Mark) -> Review:
        """The review with one more mark, which gets its identifier and name."""
        return replace(self, drawings=self.drawings.with_mark(mark))

    def with_changed_mark(self, mark: Mark) -> Review:
        """The review with a mark in the place of that of its identifier."""
        return replace(self, drawings=self.drawings.changed(mark))

    def without_marks(self, identifiers: Iterable[str]) -> Review:
        """The review without these marks."""
        return replace(self, drawings=self.drawings.without(identifiers))

    def without_drawings(self) -> Review:
        """The review without marks."""
        return replace(self, drawings=Drawings())

    def with_key_image(self, chosen: bool) -> Review:
        """The review in which this is a key image, or none."""
        return replace(self, key_image=chosen)

    def with_impression(self, text: str) -> Review:
        """The review with another impression."""
        return replace(self, impression=text)

    def joined(self, later: Review) -> Review:
        """All of this review and of a later one that did not know of it; which counts where both speak."""
        both = [text for text in (self.impression, later.impression) if text]
        return replace(
            _filled(self, later),
            thresholds=_over(self.thresholds, later.thresholds, lambda entry: entry[:2]),
            accepted=tuple(
                one
                for one in _over(self.accepted, later.accepted, lambda finding: finding.identifier)
                if one.identifier not in later.dismissed
            ),
            dismissed=later.dismissed | {one for one in self.dismissed if not later.accepts(one)},
            notes=tuple(sorted(_over(self.notes, later.notes, lambda note: note[0]))),
            impression=both[0] if len(set(both)) == 1 else "\n".join(both),
            drawings=self.drawings.joined(later.drawings),
        )


def _over(
    earlier: tuple[Entry, ...], later: tuple[Entry, ...], name: Callable[[Entry], object]
) -> tuple[Entry, ...]:
    """Entries of both; a later one takes the place of the earlier one of its name."""
    told = {name(entry) for entry in later}
    return (*(entry for entry in earlier if name(entry) not in told), *later)


def _filled(earlier: Entry, later: Entry) -> Entry:
    """Rows of both, and every other field as the later value has it, unless that says nothing of it."""
    nothing = type(later)()
    values: dict[str, Any] = {}  # fields by name
    for one in fields(later):  # type: ignore[arg-type]  # both are frozen dataclasses with defaults
        before, after = getattr(earlier, one.name), getattr(later, one.name)
        if isinstance(after, tuple):
            values[one.name] = (*before, *(entry for entry in after if entry not in before))
        else:
            values[one.name] = before if after == getattr(nothing, one.name) else after
    return type(later)(**values)


@dataclass(frozen=True, slots=True)
class History:
    """Undo is two rows of reviews. Amendments of one named `step` in a row (a slider's way) are one entry."""

    present: Review = Review()
    past: tuple[Review, ...] = ()
    future: tuple[Review, ...] = ()
    step: str = ""

    def amended(self, review: Review, step: str = "") -> History:
        """The history after another decision; what was taken back is gone."""
        if step and step == self.step and self.past:
            return replace(self, present=review, future=())
        return History(review, (*self.past, self.present), (), step)

    def undone(self) -> History:
        """The history one step back; itself at the beginning."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redone(self) -> History:
        """The history one step forward; itself at the end."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.present), self.future[1:])
