"""The scores of the selected series, as the strip and the commands ask for them. No Qt here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.series_scores import Scores, next_standing_out, why_no_scores
from core.session import Session

if TYPE_CHECKING:
    from core.dicom.index import Series


def shows_scores(session: Session) -> bool:
    """Whether what the models say may be seen: not of images that are to be read first."""
    return not session.hides_scores


def scores_of(session: Session) -> tuple[Scores, ...]:
    """What the chosen models say of the images of the selected series, one row a model."""
    if session.selection is None:
        return ()
    return session.series_analysis.scores(session.selection.series, session.questions)


def why_not(session: Session, series: Series | None = None) -> str:
    """Why a series, the selected one if none is named, cannot be scored; "" if it can."""
    if series is None and session.selection is not None:
        series = session.selection.series
    return why_no_scores(series, own_model=isinstance(session.choice, Path))


def is_running(session: Session, series: Series | None = None) -> bool:
    """Whether a series, the selected one if none is named, is being analyzed."""
    if series is None and session.selection is not None:
        series = session.selection.series
    running = session.series_analysis.running
    return running is not None and series is not None and running.key == series.key


def analyze(session: Session, series: Series | None = None) -> None:
    """Analyze a series, the selected one if none is named, from the shown image on; or stop that."""
    if is_running(session, series):
        session.series_analysis.stop()
        return
    selection, first = session.selection, 0
    if selection is not None and (series is None or series.key == selection.series.key):
        series, first = selection.series, selection.position
    if series is not None and not why_not(session, series):
        session.analyze_series(series, first)


def step(session: Session, steps: int) -> None:
    """Show the next image of the series, or the one before, that stands out for a chosen model."""
    if session.selection is not None and shows_scores(session):
        place = next_standing_out(scores_of(session), session.selection.position, steps)
        if place is not None:
            session.show_frame(place)


def any_stands_out(session: Session) -> bool:
    """Whether there is an image to go to."""
    return shows_scores(session) and any(
        result.stands_out for one in scores_of(session) for result in one.results
    )
