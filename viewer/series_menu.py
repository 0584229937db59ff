"""What can be done with a series as a whole, in the context menu of the study list."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from core.session import Session
from viewer import scored_series, series_order
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
    _add_order(menu.addMenu(tr("Order of the images")), session, series)


def _add_order(menu: QMenu, session: Session, series: Series) -> None:
    now = series_order.arrangement_of(session, series)
    group = QActionGroup(menu)
    for by, words in series_order.SORT_WORDS.items():
        action = menu.addAction(tr(words), partial(series_order.sort, session, by, series))
        action.setCheckable(True)
        action.setChecked(now.by is by)
        group.addAction(action)
    menu.addSeparator()
    backwards = menu.addAction(
        tr(series_order.BACKWARDS_WORDS), partial(series_order.turn_round, session, series)
    )
    backwards.setCheckable(True)
    backwards.setChecked(now.backwards)
