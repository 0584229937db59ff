"""Decisions on their way into the journal and back: written behind the window, soon after each of them.

The owner's thread says what is decided and asks what was; a lane of its own reads and writes. What cannot be
written is told once and tried again with the next decision.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import CannotWrite
from core.jobs import JobContext, JobQueue, Lane
from core.review import Review

if TYPE_CHECKING:
    from core.review_journal import Event, ImageKey, KeptText, ReviewJournal

# Decisions that follow each other at once (typing, a slider) are written together.
_GATHERED_S = 0.25


@dataclass(frozen=True, slots=True)
class KeptReview:
    """What the journal holds of one image; `revealed`: its twin was shown after an impression."""

    review: Review = field(default_factory=Review)
    revealed: bool = False


@dataclass(slots=True)
class _Study:
    """What the journal held of a study when it was first asked. None: the answer is on its way."""

    texts: dict[tuple[str, int], list[KeptText]] | None = None
    revealed: frozenset[ImageKey] = frozenset()
    waiting: list[tuple[ImageKey, Callable[[KeptReview], None]]] = field(default_factory=list)


class Keeping:
    """Keeps the reviews of a session. Owner's thread only.

    `path` says where the journal lies, None while nothing is to be kept. `tell(tried, error)` says what went
    wrong, `notice` what the reader should know besides.
    """

    def __init__(
        self,
        jobs: JobQueue,
        path: Callable[[], Path | None],
        tell: Callable[[str, BaseException], None],
        notice: Callable[[str], None],
    ) -> None:
        self._jobs = jobs
        self._path = path
        self._tell = tell
        self._notice = notice
        self._studies: dict[str, _Study] = {}
        self._told: set[str] = set()
        self._failed = False
        self._writing = False
        self._desk: _Desk | None = None

    @property
    def active(self) -> bool:
        """Whether decisions are kept at all."""
        return self._path() is not None

    def recall(self, image: ImageKey, on_kept: Callable[[KeptReview], None]) -> None:
        """Say what was decided about an image: at once if its study was asked for before."""
        desk = self._desk_now()
        if desk is None:
            on_kept(KeptReview())
            return
        uid = image.study_instance_uid
        study = self._studies.get(uid)
        if study is None:
            study = self._studies[uid] = _Study(waiting=[(image, on_kept)])
            desk.hurry.set()
            self._jobs.submit(
                Lane.KEEP,
                "Reading back your decisions",
                partial(_read_study, desk, uid),
                partial(self._study_came, uid),
                partial(self._study_lost, uid),
                urgent=True,
                shown=False,
            )
        elif study.texts is None:
            study.waiting.append((image, on_kept))
        else:
            on_kept(self._kept(study, image))

    def key_images(self, study_instance_uid: str) -> tuple[tuple[ImageKey, Review], ...]:
        """Key images of a study as they were kept when it was first asked for."""
        study = self._studies.get(study_instance_uid)
        if study is None or not study.texts:
            return ()
        from core.review_text import review_of  # its library came with the lane

        found = []
        for one in (one for texts in study.texts.values() for one in texts):
            if one.sound and '"key_image"' in one.content:
                with suppress(ValueError):  # told when the image itself is shown
                    found.append((one.image, review_of(one.content)))
        return tuple(found)

    def keep(self, image: ImageKey, review: Review) -> None:
        """Write down what is decided about an image now."""
        desk = self._desk_now()
        if desk is None:
            return
        study = self._studies.get(image.study_instance_uid)
        if study is not None and study.texts is None:
            # Whoever asked for what was kept will join the two and keep that.
            return
        desk.put(image, review)
        self._write_soon(desk)

    def log(self, event: Event) -> None:
        """Write down a moment of the reading; one with the identifier of an earlier one replaces it."""
        desk = self._desk_now()
        if desk is not None:
            desk.put_event(event)
            self._write_soon(desk)

    def forget(self, path: Path, on_done: Callable[[], None]) -> None:
        """Wipe the journal in `path`, whether or not anything is kept there now."""

        def forgotten(_: None) -> None:
            for study in self._studies.values():
                study.texts, study.revealed = {}, frozenset()
            if self._desk is not None:
                self._desk.drop()
            on_done()

        self._jobs.submit(
            Lane.KEEP,
            "Forgetting your decisions",
            lambda ctx: _forget(path),
            forgotten,
            partial(self._tell, "Forget your decisions"),
            shown=False,
        )

    def close(self) -> None:
        """After the lanes have ended: write what is left, in this thread."""
        if self._desk is not None:
            try:
                self._desk.write()
            except CannotWrite as error:
                self._fail(error)
            self._desk.close()

    def writing_now(self) -> Callable[[], object]:
        """What a job of the lane calls to have written all that was decided until then."""
        desk = self._desk_now()
        if desk is None:
            return lambda: None
        desk.hurry.set()
        return desk.write

    def hurry(self) -> None:
        """Write what waits now: the lanes are about to end."""
        if self._desk is not None:
            self._desk.hurry.set()

    def _desk_now(self) -> _Desk | None:
        path = self._path()
        if path is None:
            return None
        if self._desk is None or self._desk.path != path:
            self._desk = _Desk(path)
        return self._desk

    def _write_soon(self, desk: _Desk) -> None:
        if self._writing:
            return
        self._writing = True
        self._jobs.submit(
            Lane.KEEP,
            "Keeping your decisions",
            lambda ctx: desk.write_gathered(),
            partial(self._written, desk),
            self._not_written,
            shown=False,
        )

    def _written(self, desk: _Desk, others: int) -> None:
        self._writing = self._failed = False
        self._say_notes(desk)
        if others:
            self._say(
                "Another window decided about the same image meanwhile. What you see here counts; the other "
                "decisions are put aside in the journal."
            )
        if desk.waits:
            self._write_soon(desk)

    def _not_written(self, error: BaseException) -> None:
        self._writing = False
        self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if not self._failed:
            self._failed = True
            self._tell("Keep your decisions", error)

    def _study_came(self, uid: str, found: tuple[tuple[KeptText, ...], frozenset[ImageKey]]) -> None:
        texts: dict[tuple[str, int], list[KeptText]] = {}
        for one in found[0]:
            texts.setdefault((one.image.sop_instance_uid, one.image.frame_index), []).append(one)
        study = self._studies[uid]
        study.texts, study.revealed = texts, found[1]
        if self._desk is not None:
            self._say_notes(self._desk)
        self._answer(study)

    def _study_lost(self, uid: str, error: BaseException) -> None:
        study = self._studies[uid]
        study.texts = {}
        self._fail(error)
        self._answer(study)

    def _answer(self, study: _Study) -> None:
        waiting, study.waiting = study.waiting, []
        for image, on_kept in waiting:
            on_kept(self._kept(study, image))

    def _kept(self, study: _Study, image: ImageKey) -> KeptReview:
        from core.review_text import UnknownFormat, review_of  # its library came with the lane

        here = (study.texts or {}).get((image.sop_instance_uid, image.frame_index), [])
        mine = next((one for one in here if one.image.digest == image.digest), None)
        revealed = image in study.revealed
        if mine is None:
            if here and image.sop_instance_uid:
                self._say(
                    "Decisions are kept for this image that were made on other pixels. They are not shown "
                    "here, since they may not fit; they stay in the journal."
                )
            return KeptReview(revealed=revealed)
        try:
            if not mine.sound:
                raise ValueError("it is not what was written")
            return KeptReview(review_of(mine.content), revealed)
        except UnknownFormat:
            words = "was written by a newer version of the program. It is kept, and not shown here."
        except ValueError:
            words = "could not be read back. It is put aside in the journal."
        if self._desk is not None:
            self._desk.distrust(image)
        self._say(f"What was decided about this image {words}")
        return KeptReview(revealed=revealed)

    def _say_notes(self, desk: _Desk) -> None:
        for words in desk.taken_notes():
            self._say(words)

    def _say(self, words: str) -> None:
        if words not in self._told:
            self._told.add(words)
            self._notice(words)


class _Desk:
    """What waits to be written, and the open journal. Lock-protected; the journal itself is the lane's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hurry = threading.Event()
        self._lock = threading.Lock()
        self._reviews: dict[ImageKey, Review] = {}
        self._events: dict[str, Event] = {}
        self._distrusted: set[ImageKey] = set()
        self._notes: list[str] = []
        self._journal: ReviewJournal | None = None

    @property
    def waits(self) -> bool:
        """Whether anything is not written yet."""
        with self._lock:
            return bool(self._reviews or self._events)

    def put(self, image: ImageKey, review: Review) -> None:
        with self._lock:
            self._reviews[image] = review

    def put_event(self, event: Event) -> None:
        with self._lock:
            self._events[event.identifier] = event

    def distrust(self, image: ImageKey) -> None:
        """What is there of this image is to be put aside before it is written over."""
        with self._lock:
            self._distrusted.add(image)

    def drop(self) -> None:
        with self._lock:
            self._reviews.clear()
            self._events.clear()

    def taken_notes(self) -> tuple[str, ...]:
        with self._lock:
            notes, self._notes = tuple(self._notes), []
            return notes

    def journal(self) -> ReviewJournal:
        if self._journal is None:
            from core.review_journal import ReviewJournal

            self._journal = ReviewJournal(self.path, self._note)
        return self._journal

    def write_gathered(self) -> int:
        """In the lane: wait a moment for more, unless somebody is in a hurry, and write."""
        self.hurry.wait(_GATHERED_S)
        self.hurry.clear()
        return self.write()

    def write(self) -> int:
        """Write what waits; it waits on if that fails."""
        from core.review_text import review_text

        with self._lock:
            reviews, events = dict(self._reviews), dict(self._events)
            distrusted = set(self._distrusted)
        if not reviews and not events:
            return 0
        texts = [(image, "" if one == Review() else review_text(one)) for image, one in reviews.items()]
        journal = self.journal()
        strange = [image for image in reviews if image in distrusted]
        for image in strange:
            journal.forget_revision(image)
        others = journal.write(texts, events.values())
        with self._lock:
            # What came meanwhile is newer, and stays.
            for image, review in reviews.items():
                if self._reviews.get(image) is review:
                    del self._reviews[image]
            for name, event in events.items():
                if self._events.get(name) is event:
                    del self._events[name]
            self._distrusted -= set(strange)
        return others - len(strange)

    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()

    def _note(self, words: str) -> None:
        with self._lock:
            self._notes.append(words)


def _forget(path: Path) -> None:
    from core.review_journal import forget_decisions

    try:
        forget_decisions(path)
    except OSError as error:
        raise CannotWrite(
            f"The journal in {path} could not be removed: {error.strerror or error}.",
            "Close other windows of the program and try again.",
        ) from error


def _read_study(desk: _Desk, uid: str, ctx: JobContext) -> tuple[tuple[KeptText, ...], frozenset[ImageKey]]:
    import core.review_text  # noqa: F401 - its library takes a moment: here, where nobody waits

    desk.hurry.clear()
    return desk.journal().of_study(uid)
