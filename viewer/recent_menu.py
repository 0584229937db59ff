"""File, Open recent: the studies that were opened last, newest first; those that are gone are marked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QWidget

from core.errors import NoImages
from core.visible import visible
from viewer.core_sentences import said_lines
from viewer.language import tr
from viewer.watch import watch

if TYPE_CHECKING:
    from core.opening import Listed
    from core.session import Session
    from core.study_database import RecentStudy

_LONGEST = 60


class RecentMenu(QMenu):
    """A submenu that is filled each time the menu above it opens. `open_paths` opens what was chosen."""

    def __init__(self, session: Session, open_paths: Callable[[list[Path]], None], parent: QWidget) -> None:
        super().__init__(tr("Open recent"), parent)
        self.setToolTipsVisible(True)
        self._session = session
        self._open_paths = open_paths
        self._asked = 0
        self._fill(0, ())
        watch(self, session.studies_forgotten, self._forgotten)

    def refresh(self) -> None:
        """Ask for the list; it appears when it is there."""
        settings = self._session.settings
        self.menuAction().setVisible(settings.show_recent_studies)
        self._asked += 1
        if settings.show_recent_studies:
            self._session.list_recent(partial(self._fill, self._asked))

    def _fill(self, asked: int, listed: tuple[Listed, ...]) -> None:
        if asked != self._asked:
            return
        self.clear()
        for study, is_there in listed:
            action = self.addAction(_words(study) + ("" if is_there else "  " + tr("(no longer there)")))
            opened = datetime.fromtimestamp(study.opened).strftime("%Y-%m-%d %H:%M")
            action.setToolTip(
                tr("{place}\nopened {opened}").format(place=visible(str(study.place)), opened=opened)
            )
            action.triggered.connect(partial(self._chosen, study, is_there))
        if not listed:
            self.addAction(tr("No study was opened before")).setEnabled(False)

    def _chosen(self, study: RecentStudy, is_there: bool, checked: bool = False) -> None:
        if is_there:
            self._open_paths([study.place])
            return
        self._session.forget_studies(study.study_instance_uid)
        gone = NoImages(
            tr("{place} is no longer there.").format(place=study.place),
            tr("The study was taken off the list; if it was moved, open its folder."),
        )
        self._session.failed.emit(gone, tr("Open recent"))

    def _forgotten(self, words: str) -> None:
        self.refresh()


def _words(study: RecentStudy) -> str:
    """One line of the menu: patient, date, description, number of images."""
    date = study.study_date
    if len(date) == 8 and date.isdigit():
        date = f"{date[:4]}-{date[4:6]}-{date[6:]}"
    (images,) = said_lines(("1 image" if study.images == 1 else f"{study.images:,} images",))
    parts = [study.patient or tr("(no name)"), date, study.description]
    words = "  ·  ".join(visible(part) for part in parts if part)
    if len(words) > _LONGEST:
        words = words[: _LONGEST - 1] + "…"
    return f"{words}  ·  {images}".replace("&", "&&")
