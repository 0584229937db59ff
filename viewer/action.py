"""What a command of the window is, and when the commands that many menus share can be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.session import Session
from core.side_stack import Document

if TYPE_CHECKING:
    from viewer.main_window import MainWindow


def always(session: Session) -> bool:
    """At any time."""
    return True


def has_frame(session: Document) -> bool:
    """An image is shown."""
    return session.frame is not None


def has_grey(session: Document) -> bool:
    """An image with a window is shown, none in colour."""
    return session.frame is not None and session.frame.is_grey


def has_result(session: Session) -> bool:
    """A model has answered for the shown image."""
    return session.reading.shown is not None


def has_findings(session: Session) -> bool:
    """The model's answer has findings."""
    return bool(session.reading.findings)


def has_stack(session: Document) -> bool:
    """The series has more than one image."""
    return session.selection is not None and session.selection.count > 1


@dataclass(frozen=True, slots=True)
class Action:
    """A command: where it stands, what it is called, which keys, when it can be used, what it does.

    `shortcuts` in Qt's portable form. `in_panels`: the keys work while one of the three panels has the
    focus, and keep their usual meaning in lists and buttons elsewhere. `why_not` says why the command cannot
    be used now; "" if it can. `held`: what is done
    as the key goes down (True) and up (False). `checked` says whether a switch is on. `of_active`: the
    command acts on the active viewport of the desk; this is asked of what it shows instead of `enabled`.
    Commands of one `toolbar_group` share a drop-down of that name.
    """

    id: str
    menu: str
    text: str
    run: Callable[[MainWindow], object]
    shortcuts: tuple[str, ...] = ()
    enabled: Callable[[Session], bool] = always
    checked: Callable[[MainWindow], bool] | None = None
    why_not: Callable[[Session], str] | None = None
    of_active: Callable[[Document], bool] | None = None
    icon: str = ""
    in_toolbar: bool = False
    toolbar_group: str = ""
    in_context_menu: bool = False
    in_panels: bool = False
    held: Callable[[MainWindow, bool], object] | None = None

    def can_run(self, session: Session, active: Document) -> bool:
        """Whether it can be used now; `active`: what the active viewport shows."""
        return self.enabled(session) if self.of_active is None else self.of_active(active)
