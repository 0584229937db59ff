from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from phantoms import write_ct_series

from core.dicom.arrangement import Arrangement, SortBy
from core.session import Session
from viewer import series_order


def test_without_a_series_nothing_happens(session: Session) -> None:
    series_order.sort(session, SortBy.NAME)
    series_order.turn_round(session)
    assert series_order.arrangement_of(session) == Arrangement()


def test_sorting_and_turning_keep_each_other_and_all_parts_together(
    session: Session, opened: Callable[..., Session], tmp_path: Path
) -> None:
    write_ct_series(tmp_path, 5)
    opened(tmp_path)
    assert session.selection is not None
    first = session.selection.instance
    session.arrange(session.selection.series.series_instance_uid, Arrangement(merged=True))
    series_order.turn_round(session)
    series_order.sort(session, SortBy.NAME)
    assert series_order.arrangement_of(session) == Arrangement(True, SortBy.NAME, True)
    assert session.selection.instance == first, "the shown image stays"
    series_order.turn_round(session, session.selection.series)
    series_order.sort(session, SortBy.POSITION)
    assert series_order.arrangement_of(session) == Arrangement(merged=True)
