"""When the commands that many menus share can be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from phantoms import write_ct_series

from core.session import Session
from viewer.action import Action, always, has_findings, has_frame, has_grey, has_result, has_stack


def test_without_an_image_only_what_needs_none_can_be_used(session: Session) -> None:
    assert always(session)
    assert not any(ask(session) for ask in (has_frame, has_grey, has_stack, has_result, has_findings))


def test_a_film_has_a_window_and_an_answer_but_no_stack(opened: Callable[..., Session], film: Path) -> None:
    session = opened(film)
    assert has_frame(session)
    assert has_grey(session)
    assert has_result(session)
    assert has_findings(session)
    assert not has_stack(session)


def test_a_series_is_a_stack(opened: Callable[..., Session], tmp_path: Path) -> None:
    write_ct_series(tmp_path, slices=4)
    assert has_stack(opened(tmp_path))


def test_a_command_can_be_used_and_has_no_key_unless_it_says_so(session: Session) -> None:
    plain = Action("plain", "Help", "Plain", lambda window: None)
    assert plain.enabled(session)
    assert plain.shortcuts == ()
    assert plain.checked is None
