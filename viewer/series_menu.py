"""What can be done with a series as a whole, in the context menu of the study list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from core.session import Session
from viewer import scored_series
from viewer.language import tr

if TYPE_CHECKING:
    from core.dicom.index import Series


def add_series_commands(menu: QMenu, session: Session, series: Series) -> None:
    """Add the commands of a series of several images to its menu."""
    if series.number_of_images < 2:
        return
    reason = scored_series.why_not(session, series)
    running = scored_series.is_running(session, series)
    words = tr("Stop analyzing the series") if running else tr("Analyze the whole series")
    action = menu.addAction(words, lambda: scored_series.analyze(session, series))
    action.setEnabled(not reason)
    action.setToolTip(reason)
    menu.setToolTipsVisible(True)
