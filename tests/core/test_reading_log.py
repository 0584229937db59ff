"""The log of readings as a table that a spreadsheet reads back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from core.reading_log import COLUMNS, as_csv, kept_events
from core.review_journal import Event, ImageKey, ReviewJournal


def test_it_is_read_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "data" / "decisions" / "journal.sqlite3"
    assert kept_events(path) == ()
    image = ImageKey("1.2.3", 4, "abc", "1.2")
    events = (
        Event("a", image, 1_700_000_000.25, 0.0, "shown", ""),
        Event("b", image, 1_700_000_060.0, 59.75, "revealed", 'No "change",\nno 结节; =1+1'),
    )
    journal = ReviewJournal(path, lambda note: None)
    journal.write([], events)
    journal.close()
    assert kept_events(path) == events
    rows = list(csv.reader(io.StringIO(as_csv(kept_events(path)), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert rows[1] == ["1.2", "1.2.3", "5", "abc", "shown", "2023-11-14T22:13:20.250+00:00", "0.0", ""]
    assert rows[2][5:] == ["2023-11-14T22:14:20.000+00:00", "59.8", 'No "change",\nno 结节; =1+1']
