"""Key images come into the report of their study, those of earlier times included."""

from __future__ import annotations

from pathlib import Path

import pytest
from phantoms import write_ct_series
from test_keeping import LINE, NewReader, Reader, journal, new_reader

from core.session import Session

__all__ = ["journal", "new_reader"]


def _mark(reader: Reader, folder: Path, place: int) -> Session:
    """Choose an image of the series as a key image with one length on it, and go back to the first."""
    session = reader.open(folder)
    session.show_frame(place)
    reader.wait()
    session.amend(session.review.with_mark(LINE).with_key_image(True))
    session.show_frame(0)
    reader.wait()
    return session


def test_the_report_shows_the_key_images_of_the_study_with_their_marks(
    new_reader: NewReader, tmp_path: Path
) -> None:
    write_ct_series(tmp_path / "ct", 4)
    first = new_reader()
    session = _mark(first, tmp_path / "ct", 2)
    draft = session.draft_report()
    assert draft is not None
    report = draft.written(deidentified=False)
    (key,) = report.key_images
    assert key.name == "key-1"
    assert "image 3 of 4" in key.title
    assert [line.name for line in report.measurements] == ["K1 M1"]
    assert report.pictures == (*report.panels, key)
    first.session.close()

    # At another time, without looking at the image itself.
    second = new_reader()
    session = second.open(tmp_path / "ct")
    again = session.draft_report()
    assert again is not None
    assert [one.title for one in again.key_images] == [one.title for one in draft.key_images]
    session.show_frame(2)
    second.wait()
    of_itself = session.draft_report()
    assert of_itself is not None
    assert of_itself.key_images == (), "it is the report's own image"
    session.amend(session.review.with_key_image(False))
    session.show_frame(1)
    second.wait()
    none = session.draft_report()
    assert none is not None
    assert none.key_images == ()


@pytest.mark.parametrize("gone", [True, False])
def test_a_key_image_that_cannot_be_shown_is_named(
    new_reader: NewReader, tmp_path: Path, *, gone: bool
) -> None:
    paths = write_ct_series(tmp_path / "ct", 3)
    session = _mark(new_reader(), tmp_path / "ct", 1)
    draft = session.draft_report()
    assert draft is not None
    if gone:
        paths[1].unlink()
    else:
        paths[1].write_bytes(paths[0].read_bytes())
    report = draft.written(deidentified=False)
    assert report.key_images == ()
    assert any("key image" in caution for caution in report.cautions)
