"""The order of a series as the reader wishes it, for the commands and the study list. No Qt here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.dicom.arrangement import Arrangement, SortBy
from core.session import Session
from viewer.language import marked

if TYPE_CHECKING:
    from core.dicom.index import Series

SORT_WORDS = {
    SortBy.POSITION: marked("By position, as usual"),
    SortBy.NUMBER: marked("By instance number"),
    SortBy.TIME: marked("By acquisition time"),
    SortBy.NAME: marked("By file name"),
}
BACKWARDS_WORDS = marked("Last image first")


def arrangement_of(session: Session, series: Series | None = None) -> Arrangement:
    """How a series, the selected one if none is named, stands now."""
    wanted = _named(session, series)
    return Arrangement() if wanted is None else wanted.arrangement


def sort(session: Session, by: SortBy, series: Series | None = None) -> None:
    """Order the images of a series by something else; the shown image stays."""
    _arrange(session, series, replace(arrangement_of(session, series), by=by))


def turn_round(session: Session, series: Series | None = None) -> None:
    """The last image first, or the first again; the shown image stays."""
    now = arrangement_of(session, series)
    _arrange(session, series, replace(now, backwards=not now.backwards))


def _arrange(session: Session, series: Series | None, wish: Arrangement) -> None:
    wanted = _named(session, series)
    if wanted is not None:
        session.arrange(wanted.series_instance_uid, wish)


def _named(session: Session, series: Series | None) -> Series | None:
    if series is None and session.selection is not None:
        return session.selection.series
    return series
