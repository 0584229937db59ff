"""The moments of readings with the impression first, as a table for the reader: CSV, one row a moment."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from core.review_journal import Event, ReviewJournal

COLUMNS = (
    "study_instance_uid",
    "sop_instance_uid",
    "frame",
    "pixels",
    "event",
    "at",
    "seconds_since_shown",
    "words",
)


def kept_events(path: Path) -> tuple[Event, ...]:
    """All moments in the journal in `path`, oldest first; none where there is no journal. Any thread.

    Raises `CannotWrite` where the journal cannot be opened.
    """
    if not path.exists():
        return ()
    journal = ReviewJournal(path, lambda note: None)
    try:
        return journal.events()
    finally:
        journal.close()


def as_csv(events: Iterable[Event]) -> str:
    """The table: frames counted from 1, times in UTC (ISO 8601), line ends of RFC 4180."""
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow(COLUMNS)
    for event in events:
        image = event.image
        writer.writerow(
            (
                image.study_instance_uid,
                image.sop_instance_uid,
                image.frame_index + 1,
                image.digest,
                event.kind,
                datetime.fromtimestamp(event.moment, UTC).isoformat(timespec="milliseconds"),
                f"{event.since_shown_s:.1f}",
                event.content,
            )
        )
    return lines.getvalue()
