from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from core.dicom.index import StudyIndex
from core.session import Session
from viewer.app import spare_collections


@pytest.fixture
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("_thawed")
def test_what_a_scan_brought_is_not_looked_through_again_and_again(session: Session) -> None:
    spare_collections(session)
    before = gc.get_freeze_count()
    assert before > 0
    kept = [[] for _ in range(1000)]
    session.index_changed.emit(StudyIndex())
    assert gc.get_freeze_count() > before + len(kept) - 100
    more = [[] for _ in range(1000)]
    session.device_changed.emit("CPU")
    assert gc.get_freeze_count() > before + len(kept) + len(more) - 200
